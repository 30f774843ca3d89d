// The picture, and every token of it: prefix tokens in a line, patches on a grid.

import { shown } from "./digits.js";
import { canvasOf, make, write } from "./elements.js";
import { colourIndex, cssColour, inkOn, paint, paintComponents, patchAt, tokenMove, tokenName } from "./maps.js";
import { otherEnd } from "./reading.js";
import { askerOf, isColourful, isFlat, isPatch, isShare } from "./state.js";

/** {element, picture, draw, settle, listen, goTo, fade}. */
export function makeBoard(data) {
  const { prefix, size } = data;
  const cells = []; // by token
  const cell = (token, ...children) => {
    const name = tokenName(token, data);
    cells[token] = make(
      "div",
      { role: "gridcell", tabindex: -1, "aria-label": name, "aria-selected": "false" },
      ...children,
    );
    cells[token].vxToken = token;
    return cells[token];
  };
  const weights = Array.from({ length: prefix }, () => make("span", { class: "vx-weight" }));
  const chips = data.chips.map((token) => cell(token, `${tokenName(token, data)} `, weights[token] ?? ""));
  cells[size]?.classList.add("vx-mean");
  const overlay = canvasOf(data);
  const frames = [makeFrame(data, "vx-frame"), makeFrame(data, "vx-frame vx-key")];
  const picture = makePicture(data, overlay, frames, cell);
  const element = make(
    "div",
    { role: "grid", class: "vx-board", "aria-label": "Tokens of the picture" },
    ...(chips.length ? [make("div", { role: "row", class: "vx-prefix" }, ...chips)] : []),
    picture,
  );
  const board = { data, element, picture, cells, weights, overlay, frames };
  return {
    element,
    picture,
    draw: drawer(board),
    settle: (state) => settleBoard(board, state),
    listen: (state, act) => listenToBoard(board, state, act),
    focus: (token, scroll) => focusOn(board, token, scroll),
    fade: (opacity) => (overlay.style.opacity = opacity),
  };
}

function makePicture(data, overlay, [queryFrame, keyFrame], cell) {
  const [width, height] = data.pixels;
  const image = make("img", { src: data.picture, alt: "", draggable: "false" });
  if (width < 300) image.style.imageRendering = "pixelated";
  const lines = Array.from({ length: data.rows }, (_, row) =>
    make(
      "div",
      { role: "row", class: "vx-row" },
      ...Array.from({ length: data.columns }, (__, column) => cell(data.prefix + row * data.columns + column)),
    ),
  );
  const attributes = { role: "rowgroup", class: "vx-picture" };
  const picture = make("div", attributes, image, overlay, ...lines, keyFrame, queryFrame);
  picture.style.aspectRatio = `${width} / ${height}`;
  return picture;
}

function makeFrame({ rows, columns }, name) {
  const frame = make("div", { class: name, "aria-hidden": "true" });
  frame.style.width = `${100 / columns}%`;
  frame.style.height = `${100 / rows}%`;
  return frame;
}

/** A function that draws the reading over the picture. */
function drawer({ data, weights, overlay, frames: [queryFrame, keyFrame] }) {
  const { prefix, rows, columns, patches } = data;
  const context = overlay.getContext("2d");
  const pixels = context.createImageData(columns, rows);
  const words = new Uint32Array(pixels.data.buffer);
  const place = (frame, token, there) => {
    const visible = there && isPatch(data, token);
    frame.style.display = visible ? "" : "none";
    if (!visible) return;
    const patch = token - prefix;
    frame.style.left = `${(100 * (patch % columns)) / columns}%`;
    frame.style.top = `${(100 * Math.floor(patch / columns)) / rows}%`;
  };
  return (state, reading, palette) => {
    const { values, low, high } = reading;
    const [token, other] = [askerOf(state), state.held ? otherEnd(data, state, reading) : null];
    if (isColourful(state)) paintComponents(words, data, state.inside.depth);
    else paint(words, 0, columns, values, prefix, patches, columns, low, high, palette);
    context.putImageData(pixels, 0, 0);
    weights.forEach((chip, i) => drawWeight(chip, i, reading, isShare(data, state), palette));
    place(queryFrame, token, !isFlat(data, state));
    place(keyFrame, other, state.held && other !== token && !isFlat(data, state));
  };
}

function drawWeight(chip, i, { values, doubts, low, high }, share, palette) {
  const weightless = Number.isNaN(values[i]);
  const colour = weightless ? 0 : palette[colourIndex(values[i], low, high)];
  write(chip, weightless ? "none" : shown(values[i] - doubts[i], values[i] + doubts[i], share, high));
  chip.style.background = weightless ? "" : cssColour(colour);
  chip.style.color = weightless ? "" : inkOn(colour);
}

/** Which cells are chosen, kept and off, and which one the Tab key reaches. */
function settleBoard({ data, element, cells }, state) {
  const focus = state.held && state.key !== null ? state.key : state.query;
  const inside = element.contains(document.activeElement);
  const off = new Set(state.offPatches);
  cells.forEach((cell, token) => {
    const isChip = !isPatch(data, token);
    cell.setAttribute("aria-selected", String(state.held && token === state.query));
    if (!inside) cell.tabIndex = token === focus ? 0 : -1;
    cell.classList.toggle("vx-chosen", isChip && token === state.query);
    cell.classList.toggle("vx-kept", state.held && isChip && token === state.key);
    cell.classList.toggle("vx-off", !isChip && off.has(token - data.prefix));
  });
}

function focusOn({ cells }, token, scroll) {
  cells.forEach((cell, i) => (cell.tabIndex = i === token ? 0 : -1));
  cells[token].focus({ preventScroll: !scroll });
}

/** act: {point(token or null), choose(token), goTo(token), letGo()}. */
function listenToBoard(board, state, act) {
  const { data, element, picture } = board;
  const tokenUnder = (event) => {
    const chip = event.target.closest?.(".vx-prefix [role=gridcell]");
    if (chip) return chip.vxToken;
    const { left, top, width, height } = picture.getBoundingClientRect();
    const patch = patchAt(event.clientX - left, event.clientY - top, width, height, data.rows, data.columns);
    return patch < 0 ? null : data.prefix + patch;
  };
  element.addEventListener("pointermove", (event) => act.point(tokenUnder(event)));
  element.addEventListener("pointerleave", () => act.point(null));
  element.addEventListener("focusout", (event) => {
    if (!element.contains(event.relatedTarget)) act.point(null);
  });
  element.addEventListener("click", (event) => {
    const token = tokenUnder(event);
    if (token === null) return;
    focusOn(board, token, false);
    act.choose(token);
  });
  element.addEventListener("keydown", (event) => {
    const token = event.target.vxToken;
    if (token === undefined || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const to = tokenMove(token, event.key, data);
    if (event.key === "Enter" || event.key === " ") act.choose(token);
    else if (event.key === "Escape" && state.held) act.letGo();
    else if (to !== null) act.goTo(to);
    else return;
    event.preventDefault();
  });
}
