// Each layer, each head: one canvas, and cells above it for mouse, keyboard and screen readers.

import { make, watch } from "./elements.js";
import { mapName, paint, paintBytes, readMosaic, shadesOf, tableMove } from "./maps.js";
import { isOff } from "./state.js";

const WIDEST = 396; // pixels

/** {part, draw, settle, listen}. */
export function makeMosaic(data) {
  const layout = layoutOf(data);
  const canvas = make("canvas", { width: layout.width, height: layout.height, "aria-hidden": "true" });
  const cells = makeCells(data, layout);
  const lines = cells.map((line) => make("div", { role: "row" }, ...line));
  const table = make("div", { role: "grid", class: "vx-mosaic", "aria-label": "Layers and heads" }, canvas, ...lines);
  table.style.width = `${Math.max(1, Math.floor(WIDEST / layout.width)) * layout.width}px`;
  table.style.aspectRatio = `${layout.width} / ${layout.height}`;
  const part = make(
    "div",
    { class: "vx-part" },
    make("p", { class: "vx-heading" }, "Each layer, each head ", make("span", {}, "click one")),
    make(
      "div",
      { class: "vx-table" },
      make("span", { class: "vx-axis vx-axis-heads" }, "head"),
      headLabels(data, layout, table.style.width),
      make("span", { class: "vx-axis vx-axis-layers" }, "layer"),
      layerLabels(data, layout),
      table,
    ),
  );
  return {
    part,
    draw: mosaicDrawer(data, layout, canvas.getContext("2d")),
    settle: (state) => settleMosaic(cells, state),
    listen: (choose) => listenToMosaic(table, cells, choose),
  };
}

/** Where the maps are, in pixels of the canvas, with a line between them and more before the mean. */
function layoutOf({ layers, heads, rows, columns }) {
  const shownHeads = heads === 1 ? 1 : heads + 1;
  const gap = shownHeads > 1 ? 2 : 0;
  return {
    shownHeads,
    width: shownHeads * (columns + 1) - 1 + gap,
    height: layers * (rows + 1) - 1,
    left: (head) => head * (columns + 1) + (head === heads ? gap : 0),
    top: (layer) => layer * (rows + 1),
  };
}

function makeCells(data, { shownHeads, width, height, left, top }) {
  return Array.from({ length: data.layers }, (_, layer) =>
    Array.from({ length: shownHeads }, (__, head) => {
      const name = mapName({ flow: -1, layer, head }, data);
      const cell = make("div", { role: "gridcell", tabindex: -1, "aria-label": name });
      cell.style.left = `${(100 * (left(head) - 0.5)) / width}%`;
      cell.style.top = `${(100 * (top(layer) - 0.5)) / height}%`;
      cell.style.width = `${(100 * (data.columns + 1)) / width}%`;
      cell.style.height = `${(100 * (data.rows + 1)) / height}%`;
      cell.vxMap = [layer, head];
      return cell;
    }),
  );
}

function headLabels({ heads, columns }, { shownHeads, width, left }, wide) {
  const labels = make("div", { class: "vx-heads", "aria-hidden": "true" });
  labels.style.width = wide;
  for (let head = 0; head < shownHeads; head++) {
    const label = make("span", {}, head === heads ? "mean" : String(head));
    label.style.left = `${(100 * (left(head) + columns / 2)) / width}%`;
    labels.append(label);
  }
  return labels;
}

function layerLabels({ layers, rows }, { height, top }) {
  const labels = make("div", { class: "vx-layers", "aria-hidden": "true" });
  for (let layer = 0; layer < layers; layer++) {
    const label = make("span", {}, String(layer));
    label.style.top = `${(100 * (top(layer) + rows / 2)) / height}%`;
    labels.append(label);
  }
  return labels;
}

/** A function that draws all maps for one token, unless they are drawn already. With one scale for
 * all it returns the end of that, the largest weight of any. */
function mosaicDrawer(data, layout, context) {
  const pixels = context.createImageData(layout.width, layout.height);
  const words = new Uint32Array(pixels.data.buffer);
  const paintRows = rowPainter(data, layout, words);
  const paintAny = anyPainter(data, layout, words);
  const changed = watch();
  let end = 0;
  return (token, { reverse, shared }, palette) => {
    if (!changed(token, reverse, shared, palette)) return end;
    const asBytes = data.maps.inSteps && !reverse && !shared && token < data.size;
    end = asBytes ? paintRows(token, palette) : paintAny(token, reverse, shared, palette);
    context.putImageData(pixels, 0, 0);
    return end;
  };
}

/** A function that paints rows or columns, whatever they came as. */
function anyPainter(data, { shownHeads, width, left, top }, words) {
  const { layers, heads, patches, columns } = data;
  const values = new Float64Array(layers * (heads + 1) * patches);
  const largest = new Float64Array(layers * (heads + 1));
  return (token, reverse, shared, palette) => {
    readMosaic(data, token, reverse, values, largest);
    const end = largest.reduce((a, b) => Math.max(a, b), 0);
    for (let layer = 0; layer < layers; layer++) {
      for (let head = 0; head < shownHeads; head++) {
        const map = layer * (heads + 1) + head;
        const high = shared ? end : largest[map];
        paint(words, top(layer) * width + left(head), width, values, map * patches, patches, columns, 0, high, palette);
      }
    }
    return end;
  };
}

/** A function that paints rows that came as bytes, each in its own scale: what most hovers need. */
function rowPainter(data, { shownHeads, width, left, top }, words) {
  const { maps, layers, heads, size, prefix, patches, columns } = data;
  const sum = new Float64Array(patches);
  const shades = new Map();
  return (token, palette) => {
    if (!shades.has(palette)) shades.set(palette, shadesOf(palette));
    for (let layer = 0; layer < layers; layer++) {
      sum.fill(0);
      for (let head = 0; head < heads; head++) {
        const row = (layer * heads + head) * size + token;
        const at = top(layer) * width + left(head);
        const start = row * size + prefix;
        paintBytes(words, at, width, maps.table, start, patches, columns, maps.unit[row], sum, shades.get(palette));
      }
      if (shownHeads === heads) continue;
      const high = sum.reduce((a, b) => Math.max(a, b), 0);
      paint(words, top(layer) * width + left(heads), width, sum, 0, patches, columns, 0, high, palette);
    }
    return 0;
  };
}

function settleMosaic(cells, state) {
  for (const cell of cells.flat()) {
    const [layer, head] = cell.vxMap;
    const here = layer === state.layer && head === state.head;
    cell.tabIndex = here ? 0 : -1;
    cell.setAttribute("aria-selected", String(here && state.flow < 0 && !state.inside));
    cell.classList.toggle("vx-off", isOff(state.offHeads, cell.vxMap));
  }
}

/** choose(layer, head). */
function listenToMosaic(table, cells, choose) {
  table.addEventListener("click", (event) => {
    const chosen = event.target.closest("[role=gridcell]");
    if (!chosen) return;
    choose(...chosen.vxMap);
    chosen.focus({ preventScroll: true });
  });
  table.addEventListener("keydown", (event) => {
    const here = event.target.vxMap;
    if (!here || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const enter = event.key === "Enter" || event.key === " ";
    const to = enter ? here : tableMove(here, event.key, cells.length, cells[0].length);
    if (!to) return;
    event.preventDefault();
    choose(...to);
    cells[to[0]][to[1]].focus();
  });
}
