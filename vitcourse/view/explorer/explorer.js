// What is on the page, and the two hosts.

import { aligned, bytesOf, fromBase64, inflate, unpack, unshuffled } from "./coding.js";
import { change, decimalsFor, DOUBT, fromFloat32, minus, probability, shown, sureDigits, tick } from "./digits.js";
import { check, make, radios } from "./elements.js";
import { inColours, insideSentence, makeInside, readInside, tellInside } from "./inside.js";
import { colourIndex, inkOn, mapName, paint, paintComponents, paletteOf, patchAt, readLine, readMosaic, rowNumbers, scaleOf, stepInputs, stepNumbers, tableMove, tokenMove, tokenName } from "./maps.js";
import { makeTour, tourSteps } from "./tour.js";

const HINT_FREE =
  "Point at a patch: the colours show where it looks. Click to hold it. " +
  "With the keyboard: Tab to the picture, arrow keys, Enter.";
const HINT_HELD =
  "Held. Point at other patches to read their weights; click one to keep it. " +
  "Esc, or a click on the held one, lets go.";
const NO_KERNEL = {
  ablate:
    "This needs the model in a running kernel. A saved page has none: run the notebook to use it.",
  step:
    "The queries and keys of so large a model are not in this page. " +
    "In a notebook with a running kernel this shows them.",
};
const NOT_GIVEN = {
  ablate: "This explorer was made without a model to ask, so nothing can be switched off.",
  step: "This explorer was made without queries and keys, so there is only the weight itself.",
};
const NO_QUERY = "The mean of all patches has no query of its own: choose a token.";
const BY = {
  zero: "Nothing (0) in their place overstates what they do: the layers behind have seldom seen that.",
  mean: "Their mean in their place leaves what they always say, and takes away what depends on the picture.",
};
const SLOW = "No answer yet. The kernel may be busy with another cell, or was restarted: then run this cell again.";

let mounted = 0;

/** Build the explorer in `root`. host: {page: true} without a kernel, or {asks, ask}. */
export function mount(root, data, host) {
  const id = `vx${(mounted += 1)}-${Math.random().toString(36).slice(2, 8)}`;
  const { prefix, rows, columns, size, patches, layers, heads } = data;
  const state = {
    flow: -1,
    layer: layers - 1,
    head: heads === 1 ? 0 : heads, // the mean
    klass: 0,
    query: data.answer ?? size, // token N is the mean of all patches
    held: false,
    key: null, // the kept one, while a query is held
    over: null, // where the pointer or the keyboard is, if not there
    reverse: false,
    shared: false,
    palette: "viridis",
    inside: null, // or {what: "lens" or "components", depth}: the tokens instead of a map
    tab: data.lens ? "lens" : "components", // which of them is shown in small
    component: -1, // all three, as colours
    by: "zero",
    offHeads: [],
    offPatches: [],
  };
  const palettes = Object.fromEntries(
    Object.entries(data.palettes).map(([name, hex]) => [name, paletteOf(hex)]),
  );
  const values = new Float64Array(size);
  const doubts = new Float64Array(size);
  const flowValues = new Float64Array(size);
  const flowDoubts = new Float64Array(size);
  const maps = layers * (heads + 1);
  const mosaicValues = new Float32Array(maps * patches);
  const mosaicLargest = new Float32Array(maps);
  const times = new Float64Array(512); // how long the last drawings took, for the benchmark
  let drawings = 0;

  // The picture: prefix tokens in a line, patches on a grid.
  const cells = [];
  const cell = (token, ...children) => {
    const name = tokenName(token, data);
    const element = make(
      "div",
      { role: "gridcell", tabindex: -1, "aria-label": name, "aria-selected": "false" },
      ...children,
    );
    element.vxToken = token;
    element.classList.toggle("vx-mean", token === size);
    cells[token] = element;
    return element;
  };
  const chips = Array.from({ length: prefix }, () => make("span", { class: "vx-weight" }));
  const prefixRow = make(
    "div",
    { role: "row", class: "vx-prefix" },
    ...data.chips.map((token) => cell(token, `${tokenName(token, data)} `, chips[token] ?? "")),
  );
  const overlay = make("canvas", { width: columns, height: rows, "aria-hidden": "true" });
  const queryFrame = make("div", { class: "vx-frame", "aria-hidden": "true" });
  const keyFrame = make("div", { class: "vx-frame vx-key", "aria-hidden": "true" });
  const image = make("img", { src: data.picture, alt: "", draggable: "false" });
  const picture = make("div", { role: "rowgroup", class: "vx-picture" }, image, overlay);
  for (let row = 0; row < rows; row++) {
    const line = make("div", { role: "row", class: "vx-row" });
    for (let column = 0; column < columns; column++) {
      line.append(cell(prefix + row * columns + column));
    }
    picture.append(line);
  }
  picture.append(keyFrame, queryFrame);
  const [width, height] = data.pixels;
  picture.style.aspectRatio = `${width} / ${height}`;
  if (width < 300) image.style.imageRendering = "pixelated";
  for (const frame of [queryFrame, keyFrame]) {
    frame.style.width = `${100 / columns}%`;
    frame.style.height = `${100 / rows}%`;
  }
  const board = make(
    "div",
    { role: "grid", class: "vx-board", "aria-label": "Tokens of the picture" },
    ...(data.chips.length ? [prefixRow] : []),
    picture,
  );

  // The mosaic: one canvas, and cells above it for mouse, keyboard and screen readers.
  const shownHeads = heads === 1 ? 1 : heads + 1;
  const gap = shownHeads > 1 ? 2 : 0; // more room before the mean
  const mosaicWidth = shownHeads * (columns + 1) - 1 + gap;
  const mosaicHeight = layers * (rows + 1) - 1;
  const mosaicCanvas = make("canvas", {
    width: mosaicWidth,
    height: mosaicHeight,
    "aria-hidden": "true",
  });
  const mosaicLeft = (head) => head * (columns + 1) + (head === heads && heads > 1 ? gap : 0);
  const mosaicCells = [];
  const mosaic = make("div", { role: "grid", class: "vx-mosaic", "aria-label": "Layers and heads" });
  mosaic.append(mosaicCanvas);
  for (let layer = 0; layer < layers; layer++) {
    const line = make("div", { role: "row" });
    for (let head = 0; head < shownHeads; head++) {
      const element = make("div", {
        role: "gridcell",
        tabindex: -1,
        "aria-label": mapName({ flow: -1, layer, head }, data),
      });
      element.style.left = `${(100 * (mosaicLeft(head) - 0.5)) / mosaicWidth}%`;
      element.style.top = `${(100 * (layer * (rows + 1) - 0.5)) / mosaicHeight}%`;
      element.style.width = `${(100 * (columns + 1)) / mosaicWidth}%`;
      element.style.height = `${(100 * (rows + 1)) / mosaicHeight}%`;
      element.vxMap = [layer, head];
      mosaicCells[layer * shownHeads + head] = element;
      line.append(element);
    }
    mosaic.append(line);
  }
  const scale = Math.max(1, Math.floor(396 / mosaicWidth));
  mosaic.style.width = `${scale * mosaicWidth}px`;
  mosaic.style.aspectRatio = `${mosaicWidth} / ${mosaicHeight}`;
  const headLabels = make("div", { class: "vx-heads", "aria-hidden": "true" });
  headLabels.style.width = mosaic.style.width;
  for (let head = 0; head < shownHeads; head++) {
    const label = make("span", {}, head === heads ? "mean" : String(head));
    label.style.left = `${(100 * (mosaicLeft(head) + columns / 2)) / mosaicWidth}%`;
    headLabels.append(label);
  }
  const layerLabels = make("div", { class: "vx-layers", "aria-hidden": "true" });
  for (let layer = 0; layer < layers; layer++) {
    const label = make("span", {}, String(layer));
    label.style.top = `${(100 * (layer * (rows + 1) + rows / 2)) / mosaicHeight}%`;
    layerLabels.append(label);
  }

  // The maps of the whole model, side by side.
  const flowCanvases = data.flows.map(() =>
    make("canvas", { width: columns, height: rows, "aria-hidden": "true" }),
  );
  const flowButtons = data.flows.map((flow, i) =>
    make(
      "button",
      { type: "button", class: "vx-flow", "aria-pressed": "false" },
      flowCanvases[i],
      make("span", {}, flow.name),
    ),
  );
  for (const canvas of flowCanvases) canvas.style.aspectRatio = `${width} / ${height}`;
  const picker = make("select", { id: `${id}-class` });
  const questions = [...new Set(data.classes.map(([question]) => question))];
  for (const question of questions) {
    const group = question ? make("optgroup", { label: question }) : picker;
    data.classes.forEach(([of, name, p], k) => {
      if (of === question) {
        group.append(make("option", { value: k }, `${name} (${probability(p)})`));
      }
    });
    if (question) picker.append(group);
  }
  const ofClasses = data.flows.some((flow) => flow.ofClasses);

  const inside = data.lens || data.components ? makeInside(data, id) : null;

  // Controls.
  const direction = radios(`${id}-direction`, "Show", [
    ["row", "where it looks"],
    ["column", "who looks at it"],
  ]);
  const scaling = radios(`${id}-scale`, "Colour scale", [
    ["own", "each its own"],
    ["shared", "one for all"],
  ]);
  const colours = radios(`${id}-palette`, "Colours", [
    ["viridis", "viridis"],
    ["cividis", "cividis"],
  ]);
  const byChoice = radios(`${id}-by`, "In their place", [
    ["zero", "nothing"],
    ["mean", "their mean"],
  ]);
  const strength = make("input", { type: "range", min: 0, max: 100, step: 5, value: 60 });
  const strengthLabel = make("label", { class: "vx-strength" }, "Map over picture ", strength);

  const caption = make("p", { class: "vx-caption" });
  const hint = make("p", { class: "vx-hint" });
  const bar = make("div", { class: "vx-colours" });
  const barTicks = [0, 1, 2].map(() => make("span"));
  const unit = make("div", { class: "vx-unit" });
  const terms = {};
  const numbers = make("dl", { class: "vx-numbers" });
  for (const name of ["sum", "largest", "entropy", "prefix", "pointed", "answers"]) {
    terms[name] = [make("dt"), make("dd")];
    numbers.append(make("div", {}, ...terms[name]));
  }
  const live = make("div", { class: "vx-live", role: "status", "aria-live": "polite" });

  const step = make("details", { class: "vx-step" }, make("summary", {}, "Follow one weight, step by step"));
  const stepBody = make("div", { class: "vx-body" });
  step.append(stepBody);
  const off = make(
    "details",
    { class: "vx-off-panel" },
    make("summary", {}, "Switch off heads or patches and ask the model again"),
  );
  const offHead = make("button", { type: "button" });
  const offPatch = make("button", { type: "button" });
  const allOn = make("button", { type: "button" }, "All back on");
  const offSays = make("div", { class: "vx-says", "aria-live": "polite" });
  off.append(
    make("div", { class: "vx-body" }, byChoice, make("p", { class: "vx-buttons" }, offHead, offPatch, allOn), offSays),
  );

  const tour = makeTour();
  const flowsPart = make("div", { class: "vx-part" });
  const left = make("div", { class: "vx-left" });
  const mosaicPart = make("div", { class: "vx-part" });

  const title = data.title || (host.page ? "Attention explorer" : "");
  root.replaceChildren(
    make(
      "section",
      {
        class: "vx",
        "aria-label": data.title ? `Attention explorer: ${data.title}` : "Attention explorer",
      },
      ...(title ? [make(host.page ? "h1" : "p", { class: "vx-title" }, title)] : []),
      hint,
      tour.start,
      tour.panel,
      make(
        "div",
        { class: "vx-main" },
        left,
        make(
          "div",
          { class: "vx-right" },
          mosaicPart,
          flowsPart,
          ...(inside ? [inside.part] : []),
        ),
      ),
      step,
      ...(data.classes.length || host.asks.includes("ablate") ? [off] : []), // features: no answers
      live,
    ),
  );
  const barPart = make(
    "div",
    { class: "vx-bar", "aria-hidden": "true" },
    bar,
    make("div", { class: "vx-ticks" }, ...barTicks),
    unit,
  );
  const numbersHeading = make("p", { class: "vx-heading" }, "In numbers");
  left.append(caption, board, barPart, direction, scaling, colours, strengthLabel, numbersHeading, numbers);
  mosaicPart.append(
    make("p", { class: "vx-heading" }, "Each layer, each head ", make("span", {}, "click one")),
    make(
      "div",
      { class: "vx-table" },
      make("span", { class: "vx-axis vx-axis-heads" }, "head"),
      headLabels,
      make("span", { class: "vx-axis vx-axis-layers" }, "layer"),
      layerLabels,
      mosaic,
    ),
  );
  if (data.flows.length) {
    flowsPart.append(make("p", { class: "vx-heading" }, "All layers together"));
    if (ofClasses) {
      flowsPart.append(make("p", { class: "vx-class" }, make("label", { for: `${id}-class` }, "for the class "), picker));
    }
    flowsPart.append(make("div", { class: "vx-flows" }, ...flowButtons));
  }

  // Drawing. Everything that a hover changes is in `draw`; it asks nobody and allocates little.
  const context = overlay.getContext("2d");
  const pixels = context.createImageData(columns, rows);
  const mosaicContext = mosaicCanvas.getContext("2d");
  const mosaicPixels = mosaicContext.createImageData(mosaicWidth, mosaicHeight);
  const flowContexts = flowCanvases.map((canvas) => canvas.getContext("2d"));
  const words = (imageData) => new Uint32Array(imageData.data.buffer);
  const pixelWords = words(pixels);
  const mosaicWords = words(mosaicPixels);

  const asker = () => (!state.held && state.over !== null ? state.over : state.query);
  const flat = () => state.inside !== null || (state.flow >= 0 && !data.flows[state.flow].square);
  const isShare = () =>
    state.inside ? state.inside.what === "lens" : state.flow < 0 || data.flows[state.flow].share === true;
  const colourful = () => state.inside && inColours(state, state.inside.what);
  const isPatch = (token) => token >= prefix && token < size;

  function strongest() {
    let best = flat() ? prefix : 0;
    for (let i = best; i < size; i++) if (!(values[i] <= values[best])) best = i;
    return best;
  }

  /** The other end: the one pointed at while one is held, else the one with the largest weight. */
  function otherEnd() {
    if (state.held && state.over !== null && state.over !== state.query && state.over < size) return state.over;
    if (state.held && state.key !== null) return state.key;
    const exact = state.reverse ? null : rowNumbers(data, state, state.query);
    return exact ? exact.argmax : strongest();
  }

  function place(frame, token, there) {
    const visible = there && isPatch(token);
    frame.style.display = visible ? "" : "none";
    if (!visible) return;
    const patch = token - prefix;
    frame.style.left = `${(100 * (patch % columns)) / columns}%`;
    frame.style.top = `${(100 * Math.floor(patch / columns)) / rows}%`;
  }

  function draw() {
    const start = performance.now();
    const token = asker();
    const palette = palettes[state.palette];
    readMosaic(data, token, state.reverse, mosaicValues, mosaicLargest);
    let shared = 0;
    for (let i = 0; i < maps; i++) if (mosaicLargest[i] > shared) shared = mosaicLargest[i];
    for (let layer = 0; layer < layers; layer++) {
      for (let head = 0; head < shownHeads; head++) {
        const map = layer * (heads + 1) + head;
        const high = state.shared ? shared : mosaicLargest[map];
        const at = layer * (rows + 1) * mosaicWidth + mosaicLeft(head);
        paint(mosaicWords, at, mosaicWidth, mosaicValues, map * patches, patches, columns, 0, high, palette);
      }
    }
    mosaicContext.putImageData(mosaicPixels, 0, 0);

    if (state.inside) readInside(data, state, state.inside, values, doubts);
    else readLine(data, state, token, state.reverse, values, doubts);
    let [low, high] = scaleOf(values, prefix, state.flow >= 0 && !flat() ? token : -1);
    if (state.inside?.what === "lens") high = 1; // probabilities, and depths are compared
    else if (state.shared && state.flow < 0 && !state.inside) high = shared;
    else if (state.shared && state.flow >= 0 && data.flows[state.flow].ofClasses) {
      [low, high] = sharedFlowScale(token);
    }
    if (colourful()) paintComponents(pixelWords, data, state.inside.depth);
    else paint(pixelWords, 0, columns, values, prefix, patches, columns, low, high, palette);
    context.putImageData(pixels, 0, 0);
    drawFlows(token, palette);

    for (let i = 0; i < prefix; i++) {
      const weightless = Number.isNaN(values[i]);
      const colour = weightless ? 0 : palette[colourIndex(values[i], low, high)];
      chips[i].textContent = weightless
        ? "none"
        : shown(values[i] - doubts[i], values[i] + doubts[i], isShare(), high);
      chips[i].style.background = weightless ? "" : cssColour(colour);
      chips[i].style.color = weightless ? "" : inkOn(colour);
    }
    place(queryFrame, token, !flat());
    place(keyFrame, otherEnd(), state.held && otherEnd() !== token && !flat());
    barTicks[0].textContent = tick(low, isShare());
    barTicks[1].textContent = tick((low + high) / 2, isShare());
    barTicks[2].textContent = tick(high, isShare());
    caption.textContent = sentence(token);
    tellNumbers(token, Math.max(high, -low));
    times[drawings++ % times.length] = performance.now() - start;
  }

  const cssColour = (c) => `rgb(${c & 255} ${(c >> 8) & 255} ${(c >> 16) & 255})`;

  function sharedFlowScale(token) {
    let ends = [0, 0];
    for (let klass = 0; klass < data.classes.length; klass++) {
      readLine(data, { ...state, klass }, token, state.reverse, flowValues, flowDoubts);
      const [low, high] = scaleOf(flowValues, prefix, flat() ? -1 : token);
      ends = [Math.min(ends[0], low), Math.max(ends[1], high)];
    }
    return ends;
  }

  function drawFlows(token, palette) {
    data.flows.forEach((flow, i) => {
      const choice = { flow: i, klass: state.klass };
      readLine(data, choice, token, state.reverse, flowValues, flowDoubts);
      const [low, high] = scaleOf(flowValues, prefix, flow.square ? token : -1);
      paint(pixelWords, 0, columns, flowValues, prefix, patches, columns, low, high, palette);
      flowContexts[i].putImageData(pixels, 0, 0);
    });
  }

  function sentence(token) {
    if (state.inside) return insideSentence(data, state);
    const map = mapName(state, data);
    const name = tokenName(token, data);
    if (flat()) return `${map}: the same for every query`;
    const whose = isPatch(token) ? name : `the ${name}`;
    return state.reverse ? `Who looks at ${whose}: ${map}` : `Where ${whose} looks: ${map}`;
  }

  function tell(name, term, text) {
    terms[name][0].textContent = term;
    terms[name][1].textContent = text;
    terms[name][0].parentNode.style.display = text ? "" : "none";
  }

  function tellNumbers(token, end) {
    if (state.inside) {
      for (const name of Object.keys(terms)) tell(name, "", "");
      const over = state.over !== null && state.over < size ? state.over : data.answer;
      const named = (i) => tokenName(i, data);
      tellInside(data, state, { over, best: strongest(), values, doubts, end, named }, tell);
      return;
    }
    tell("answers", "", "");
    const share = isShare();
    const whole = (x) => shown(x * (1 - DOUBT), x * (1 + DOUBT), share, end);
    const doubtful = (i) => shown(values[i] - doubts[i], values[i] + doubts[i], share, end);
    const exact = state.reverse ? null : rowNumbers(data, state, token);
    if (exact) {
      const low = exact.entropy - exact.entropyDoubt;
      tell("sum", "sum of the row", fromFloat32(exact.sum, 4));
      tell(
        "largest",
        state.flow >= 0 ? "largest, but for itself" : "largest",
        `${whole(exact.max)} at ${tokenName(exact.argmax, data)}`,
      );
      tell(
        "entropy",
        "entropy",
        share
          ? `${sureDigits(Math.max(0, low), low + 2 * exact.entropyDoubt, decimalsFor(exact.entropy, 0, 3))} ` +
              `nats (even: ${Math.log(size).toFixed(3)})`
          : "",
      );
      tell(
        "prefix",
        prefix > 1 ? "to the prefix tokens" : `to the ${data.prefixNames[0]}`,
        exact.prefix === null ? "" : shown(exact.prefix - exact.prefixDoubt, exact.prefix + exact.prefixDoubt, share, end),
      );
    } else {
      let sum = 0;
      let doubt = 0;
      for (let i = flat() ? prefix : 0; i < size; i++) {
        sum += values[i];
        doubt += doubts[i];
      }
      const best = strongest();
      tell("sum", flat() ? "sum" : `sum of the ${state.reverse ? "column" : "row"}`, sureDigits(sum - doubt, sum + doubt, decimalsFor(sum, end, flat() ? 3 : 2)));
      tell("largest", flat() || !state.reverse ? "largest" : "largest, from", `${doubtful(best)}${flat() || !state.reverse ? " at" : ","} ${tokenName(best, data)}`);
      tell("entropy", "", "");
      tell("prefix", "", "");
    }
    const over = flat() ? state.over : state.held ? otherEnd() : null;
    const there = over !== null && !Number.isNaN(values[over]);
    const text = there ? `${doubtful(over)} at ${tokenName(over, data)}` : "";
    tell("pointed", state.reverse ? "from the one pointed at" : "pointed at", text);
  }

  /** What changes with a choice, not with a hover: labels, selection, panels. */
  function settle(announce) {
    hint.textContent = state.held ? HINT_HELD : HINT_FREE;
    const focus = state.held && state.key !== null ? state.key : state.query;
    cells.forEach((element, token) => {
      const isChip = !isPatch(token);
      element.setAttribute("aria-selected", String(state.held && token === state.query));
      if (!board.contains(document.activeElement)) element.tabIndex = token === focus ? 0 : -1;
      element.classList.toggle("vx-chosen", isChip && token === state.query);
      element.classList.toggle("vx-kept", state.held && isChip && token === state.key);
      element.classList.toggle("vx-off", state.offPatches.includes(token - prefix) && isPatch(token));
    });
    mosaicCells.forEach((element) => {
      const [layer, head] = element.vxMap;
      const here = layer === state.layer && head === state.head;
      element.tabIndex = here ? 0 : -1;
      element.setAttribute("aria-selected", String(here && state.flow < 0 && !state.inside));
      const isOff = state.offHeads.some(([l, h]) => l === layer && h === head);
      element.classList.toggle("vx-off", isOff);
    });
    flowButtons.forEach((button, i) =>
      button.setAttribute("aria-pressed", String(i === state.flow && !state.inside)),
    );
    inside?.settle(state, palettes[state.palette]);
    check(direction, state.reverse ? "column" : "row");
    picker.value = state.klass;
    barPart.classList.toggle("vx-no-bar", Boolean(colourful()));
    const palette = palettes[state.palette];
    const stops = Array.from({ length: 17 }, (_, i) => cssColour(palette[Math.min(255, 16 * i)]));
    bar.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
    overlay.style.opacity = strength.value / 100;
    unit.textContent = unitOf();
    const headChosen = state.flow < 0 && !state.inside && state.head < heads;
    offHead.textContent = !headChosen
      ? "Switch off a head: choose one first"
      : `Switch ${has(state.offHeads, [state.layer, state.head]) ? "on" : "off"} layer ${state.layer}, head ${state.head}`;
    const patch = state.query - prefix;
    offPatch.textContent =
      !isPatch(state.query)
        ? "Switch off a patch: choose one first"
        : `Switch ${state.offPatches.includes(patch) ? "on" : "off"} ${tokenName(state.query, data)}`;
    const may = host.asks.includes("ablate");
    offHead.disabled = !may || !headChosen;
    offPatch.disabled = !may || !isPatch(state.query);
    allOn.disabled = !may; // never while it has the focus, which would be lost
    draw();
    if (step.open) showStep();
    if (announce) speak();
  }

  const has = (list, [layer, head]) => list.some(([l, h]) => l === layer && h === head);

  function unitOf() {
    if (state.inside?.what === "lens") return "probability";
    if (state.inside) return colourful() ? "each from its lowest to its highest value" : "distance from the patches' mean";
    if (flat()) return "added to the class's score (logits), to first order";
    if (!isShare()) return "no unit: rows do not sum to 1";
    return state.reverse ? "share of each row's attention that goes here" : "share of the row";
  }

  let speaking = 0;
  /** Once the keys are quiet: a screen reader should hear the last choice, not each on the way. */
  function speak() {
    clearTimeout(speaking);
    speaking = setTimeout(() => {
      const told = Object.values(terms)
        .filter(([, value]) => value.textContent)
        .map(([term, value]) => `${term.textContent}: ${value.textContent}`);
      live.textContent = `${caption.textContent}. ${told.join(". ")}.`;
    }, 200);
  }

  // Choosing.
  function choose(token) {
    if (flat()) return;
    if (token === size && token !== state.query) Object.assign(state, { held: true, query: size, key: null });
    else if (!state.held) Object.assign(state, { held: true, query: token, key: null });
    else if (token === state.query) letGo();
    else state.key = token;
    settle(true);
  }

  function letGo() {
    Object.assign(state, { held: false, key: null, over: null });
  }

  function goTo(token) {
    cells.forEach((element, i) => (element.tabIndex = i === token ? 0 : -1));
    if (state.held || flat()) state.over = token;
    else Object.assign(state, { query: token, over: null });
    cells[token].focus({ preventScroll: false });
    settle(true);
  }

  function tokenUnder(event) {
    const chip = event.target.closest?.(".vx-prefix [role=gridcell]");
    if (chip) return chip.vxToken;
    const box = picture.getBoundingClientRect();
    const patch = patchAt(event.clientX - box.left, event.clientY - box.top, box.width, box.height, rows, columns);
    return patch < 0 ? null : prefix + patch;
  }

  let waiting = 0;
  function drawSoon() {
    if (!waiting) waiting = requestAnimationFrame(() => ((waiting = 0), draw()));
  }
  board.addEventListener("pointermove", (event) => {
    const token = tokenUnder(event);
    if (token !== state.over) {
      state.over = token;
      drawSoon();
    }
  });
  board.addEventListener("pointerleave", () => {
    state.over = null;
    drawSoon();
  });
  board.addEventListener("click", (event) => {
    const token = tokenUnder(event);
    if (token === null) return;
    cells.forEach((element, i) => (element.tabIndex = i === token ? 0 : -1));
    cells[token].focus({ preventScroll: true });
    choose(token);
  });

  const plain = (event) => !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey);
  board.addEventListener("keydown", (event) => {
    const token = event.target.vxToken;
    if (token === undefined || !plain(event)) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(token);
    } else if (event.key === "Escape" && state.held) {
      event.preventDefault();
      const query = state.query;
      letGo();
      goTo(query);
    } else {
      const to = tokenMove(token, event.key, data);
      if (to === null) return;
      event.preventDefault();
      goTo(to);
    }
  });
  board.addEventListener("focusout", (event) => {
    if (board.contains(event.relatedTarget)) return;
    state.over = null;
    drawSoon();
  });

  function chooseMap(layer, head) {
    Object.assign(state, { flow: -1, inside: null, layer, head });
    settle(true);
  }
  mosaic.addEventListener("click", (event) => {
    const chosen = event.target.closest("[role=gridcell]");
    if (!chosen) return;
    chooseMap(...chosen.vxMap);
    chosen.focus({ preventScroll: true });
  });
  mosaic.addEventListener("keydown", (event) => {
    if (!event.target.vxMap || !plain(event)) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      chooseMap(...event.target.vxMap);
      return;
    }
    const to = tableMove(event.target.vxMap, event.key, layers, shownHeads);
    if (!to) return;
    event.preventDefault();
    chooseMap(...to);
    mosaicCells[to[0] * shownHeads + to[1]].focus();
  });
  flowButtons.forEach((button, i) =>
    button.addEventListener("click", () => {
      Object.assign(state, { flow: i, inside: null });
      settle(true);
    }),
  );
  picker.addEventListener("change", () => {
    state.klass = Number(picker.value);
    if (state.inside?.what !== "lens" && (state.flow < 0 || !data.flows[state.flow].ofClasses)) {
      state.inside = null;
      state.flow = data.flows.findIndex((flow) => flow.ofClasses);
    }
    settle(true);
  });
  inside?.listen((chosen) => {
    Object.assign(state, { flow: -1, ...chosen(state) });
    settle(true);
  });
  direction.addEventListener("change", (event) => {
    state.reverse = event.target.value === "column";
    settle(true);
  });
  scaling.addEventListener("change", (event) => {
    state.shared = event.target.value === "shared";
    settle(true);
  });
  colours.addEventListener("change", (event) => {
    state.palette = event.target.value;
    settle(false);
  });
  strength.addEventListener("input", () => (overlay.style.opacity = strength.value / 100));
  // A key that reaches the document is a command to JupyterLab's notebook.
  root.firstChild.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" && !event.ctrlKey && !event.metaKey) event.stopPropagation();
  });

  // One weight, step by step.
  let stepAsked = 0;
  async function showStep() {
    const number = (stepAsked += 1);
    const say = (...texts) => stepBody.replaceChildren(...texts.map((text) => make("p", {}, text)));
    if (state.query === size) {
      say(NO_QUERY);
      return;
    }
    if (state.flow >= 0 || state.inside || state.head === heads) {
      say("Choose one head of one layer: only there is a weight one query times one key.");
      return;
    }
    const other = otherEnd();
    const [query, key] = state.reverse ? [other, state.query] : [state.query, other];
    const { layer, head } = state;
    let inputs;
    if (data.q) {
      inputs = stepInputs(data, layer, head, query, key);
    } else if (host.asks.includes("step")) {
      if (!stepBody.childNodes.length) say("Asking the kernel …");
      inputs = await answered({ kind: "step", layer, head, query, key }, stepBody);
      if (number !== stepAsked || !inputs) return;
    } else {
      say(host.page ? NO_KERNEL.step : NOT_GIVEN.step);
      return;
    }
    stepBody.replaceChildren(...stepLines(inputs, query, key));
  }

  function stepLines(inputs, query, key) {
    const steps = stepNumbers(inputs, key);
    const short = (x) => minus(x.toFixed(3));
    const sure = (x, doubt, most = 3, least = 2) => sureDigits(x - doubt, x + doubt, most, least);
    const equals = (text) => (text.startsWith("≈") ? "" : "= ");
    const [score, scaled] = [sure(steps.score, steps.scoreDoubt), sure(steps.scaled, steps.scoreDoubt / steps.root)];
    const relative = inputs.queryDoubt && data.maps.rel ? data.maps.rel[(state.layer * heads + state.head) * size + query] : DOUBT;
    const percent = 100 * steps.weight;
    const signed = (x) => (x < 0 ? `(${short(x)})` : short(x));
    const product = (c) => `${signed(inputs.q[c])} × ${signed(inputs.k[c])}`;
    const all = steps.products.map((_, c) => product(c));
    const few = all.length <= 16;
    const sum = few ? all.join(" + ") : `${all.slice(0, 3).join(" + ")} + … + ${all.at(-1)}`;
    const line = (term, ...parts) => make("li", {}, make("span", {}, term), make("div", {}, ...parts));
    const power = (x) => (steps.shift ? `e^(${short(x)} − ${short(steps.shift)})` : `e^${signed(x)}`);
    const large = (x) => (x >= 1e5 || x < 1e-3 ? x.toExponential(3).replace("e+", " × 10^").replace("e-", " × 10^−") : x.toFixed(3));
    return [
      make(
        "p",
        {},
        `The query of ${tokenName(query, data)} and the key of ${tokenName(key, data)} ` +
          `in layer ${state.layer}, head ${state.head}. ` +
          (state.held ? "" : "To choose others: hold a patch of the picture, then click another."),
      ),
      make(
        "ol",
        {},
        line("q · k", `${sum} ${equals(score)}`, make("b", {}, score)),
        line(`divided by √${all.length}`, `${short(steps.score)} / ${short(steps.root)} ${equals(scaled)}`, make("b", {}, scaled)),
        line(
          "softmax over the row",
          `${power(steps.scaled)} / (the sum of e^… over all ${size} keys) = ` +
            `${large(steps.power)} / ${large(steps.total)} = `,
          make("b", { class: "vx-result" }, sure(percent, percent * relative, decimalsFor(percent, 0, 4), 0), " %"),
        ),
      ),
      ...(few
        ? []
        : [make("details", {}, make("summary", {}, `all ${all.length} products`), make("p", { class: "vx-all" }, all.join(" + ")))]),
    ];
  }
  step.addEventListener("toggle", () => step.open && showStep());

  // Asking the kernel. Whatever goes wrong is said in words.
  async function answered(question, where) {
    const slow = setTimeout(() => where.append(make("p", { class: "vx-slow" }, SLOW)), 5000);
    try {
      const answer = await host.ask(question);
      if (!answer.error) return answer;
      where.replaceChildren(make("p", {}, `The kernel could not answer. ${answer.error}`));
    } catch (error) {
      where.replaceChildren(make("p", {}, `The kernel could not be asked. ${error}`));
    } finally {
      clearTimeout(slow);
    }
    return null;
  }

  let ablationAsked = 0;
  async function ablate() {
    const number = (ablationAsked += 1);
    const nothing = !(state.offHeads.length + state.offPatches.length);
    settle(false);
    if (nothing) {
      offSays.replaceChildren(make("p", {}, "All heads and patches are on."));
      return;
    }
    offSays.replaceChildren(make("p", {}, "Asking the model …"));
    const answer = await answered(
      { kind: "ablate", heads: state.offHeads, patches: state.offPatches, by: state.by },
      offSays,
    );
    if (!answer || number !== ablationAsked) return;
    const plural = (count, one) => `${count} ${one}${count === 1 ? "" : one === "patch" ? "es" : "s"}`;
    const what = [
      ...(state.offHeads.length ? [plural(state.offHeads.length, "head")] : []),
      ...(state.offPatches.length ? [plural(state.offPatches.length, "patch")] : []),
    ].join(" and ");
    const head = ["", "all on", `${what} off`, "change"];
    const rowsOf = answer.answers.map(([question, name, p], i) => {
      const told =
        i < data.classes.length
          ? change(data.classes[i][2], p)
          : { before: "not among the best", now: probability(p) };
      return make(
        "tr",
        {},
        make("th", { scope: "row" }, question ? `${question}: ${name}` : name),
        make("td", {}, told.before),
        make("td", {}, told.now),
        make("td", {}, told.points ? `${told.points} points` : ""),
      );
    });
    offSays.replaceChildren(
      make(
        "table",
        {},
        make("caption", {}, `The model's answers. ${BY[state.by]} The maps above are still those with all on.`),
        make("thead", {}, make("tr", {}, ...head.map((text) => make(text ? "th" : "td", text ? { scope: "col" } : {}, text)))),
        make("tbody", {}, ...rowsOf),
      ),
    );
  }
  const toggle = (list, entry, same) => {
    const at = list.findIndex(same);
    if (at < 0) list.push(entry);
    else list.splice(at, 1);
    ablate();
  };
  offHead.addEventListener("click", () => {
    const { layer, head } = state;
    toggle(state.offHeads, [layer, head], ([l, h]) => l === layer && h === head);
  });
  offPatch.addEventListener("click", () => {
    const patch = state.query - prefix;
    toggle(state.offPatches, patch, (other) => other === patch);
  });
  allOn.addEventListener("click", () => {
    state.offHeads.length = state.offPatches.length = 0;
    ablate();
  });
  byChoice.addEventListener("change", (event) => {
    state.by = event.target.value;
    ablate();
  });
  byChoice.disabled = !host.asks.includes("ablate");
  if (!host.asks.includes("ablate")) {
    offSays.append(make("p", {}, host.page ? NO_KERNEL.ablate : NOT_GIVEN.ablate));
  }

  tour.listen({
    steps: () => tourSteps(data),
    places: {
      picture: [picture, caption],
      caption: [caption, caption],
      board: [board, caption],
      mosaic: [mosaicPart, mosaicPart],
      flows: [flowsPart, flowsPart],
      inside: [inside?.part, inside?.part],
      step: [step, step],
      hint: [hint, tour.start],
    },
    before: () => ({ ...state, over: null, open: step.open }),
    show({ open: opened, ...chosen }) {
      Object.assign(state, chosen);
      step.open = opened;
      settle(false);
    },
    speak(text) {
      clearTimeout(speaking);
      live.textContent = text;
    },
  });

  settle(false);
  root.vx = { state, draw, times, data };
}

// Two hosts --------------------------------------------------------------------------------------

/** Unpack and mount; a failure is shown in words, in the place of the explorer. */
async function open(root, header, block, host) {
  try {
    if (typeof DecompressionStream === "undefined") {
      throw new Error("this browser is too old: it has no DecompressionStream");
    }
    const bytes = header.compressed ? unshuffled(header, await inflate(block)) : aligned(block);
    mount(root, unpack(header, bytes), host);
    root.classList.add("vitcourse-living"); // hides the still: see with_still in widgets.py
  } catch (error) {
    root.replaceChildren(make("p", { role: "alert" }, `The explorer cannot be shown. ${error}`));
    console.error(error);
  }
}

/** A saved page: all explorers in it that are not open yet. */
export function mountAll(page) {
  const roots = [...page.querySelectorAll(".vx-host:not([data-open])")];
  return Promise.all(
    roots.map((root) => {
      root.dataset.open = "";
      const read = (name) => root.querySelector(name).textContent;
      const block = fromBase64(read(".vx-block"));
      return open(root, JSON.parse(read(".vx-header")), block, { page: true, asks: [] });
    }),
  );
}

/** A Jupyter widget, through anywidget. Questions have numbers, answers carry them back. */
async function render({ model, el }) {
  const pending = new Map();
  let asked = 0;
  const onAnswer = (answer) => {
    pending.get(answer.number)?.(answer);
    pending.delete(answer.number);
  };
  model.on("msg:custom", onAnswer);
  const ask = (question) =>
    new Promise((resolve) => {
      pending.set((asked += 1), resolve);
      model.send({ ...question, number: asked });
    });
  const host = { page: false, asks: model.get("asks"), ask };
  await open(el, model.get("header"), bytesOf(model.get("block")), host);
  return () => model.off("msg:custom", onAnswer);
}

export default { render };
