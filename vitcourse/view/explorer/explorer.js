// The explorer: its parts, what connects them, and the two hosts.

import { makeAblation } from "./ablation.js";
import { makeBoard } from "./board.js";
import { aligned, bytesOf, fromBase64, inflate, unpack, unshuffled } from "./coding.js";
import { makeControls } from "./controls.js";
import { make, write } from "./elements.js";
import { makeFlows } from "./flows.js";
import { makeInside } from "./inside.js";
import { paletteOf } from "./maps.js";
import { makeMosaic } from "./mosaic.js";
import { makeBar, makeNumbers } from "./numbers.js";
import { makeReading } from "./reading.js";
import { askerOf, firstState, isFlat, sentenceOf } from "./state.js";
import { makeStep } from "./step.js";
import { makeTour, tourSteps } from "./tour.js";

const HINT_FREE =
  "Point at a patch: the colours show where it looks. Click to hold it. " +
  "With the keyboard: Tab to the picture, arrow keys, Enter.";
const HINT_HELD =
  "Held. Point at other patches to read their weights; click one to keep it. " +
  "Esc, or a click on the held one, lets go.";
const QUIET = 200; // milliseconds without a key
const SEEN = 100; // milliseconds until the first picture is on the screen, on most machines
const REHEARSALS = 12;

let mounted = 0;

/** Build the explorer in `root`. host: {page: true} without a kernel, or {asks, ask}. */
export function mount(root, data, host) {
  const id = `vx${(mounted += 1)}-${Math.random().toString(36).slice(2, 8)}`;
  const state = firstState(data);
  const parts = makeParts(data, state, host, id, () => settle());
  const draw = drawerOf(data, state, parts);
  const settle = settlerOf(state, parts, draw);
  const speak = speaker(parts);
  const set = (chosen, announce = true) => {
    Object.assign(state, chosen);
    settle();
    if (announce) speak();
  };
  root.replaceChildren(layOut(data, host, parts));
  listenToAll(data, state, parts, { set, draw });
  listenToTheTour(data, state, parts, { set, speak });
  // A key that reaches the document is a command to JupyterLab's notebook.
  root.firstChild.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" && !event.ctrlKey && !event.metaKey) event.stopPropagation();
  });
  settle();
  setTimeout(() => rehearse(data, state, draw), SEEN);
  root.vx = { state, data, draw, times: draw.times, mosaicTimes: draw.mosaicTimes };
}

function makeParts(data, state, host, id, settle) {
  const reading = makeReading(data);
  return {
    reading,
    palettes: Object.fromEntries(Object.entries(data.palettes).map(([name, hex]) => [name, paletteOf(hex)])),
    hint: make("p", { class: "vx-hint" }),
    tour: makeTour(),
    caption: make("p", { class: "vx-caption" }),
    board: makeBoard(data),
    bar: makeBar(data),
    controls: makeControls(id),
    numbers: makeNumbers(data),
    mosaic: makeMosaic(data),
    flows: makeFlows(data, id),
    inside: data.lens || data.components ? makeInside(data, id) : null,
    step: makeStep(data, state, reading, host),
    ablation: makeAblation(data, state, host, id, settle),
    live: make("div", { class: "vx-live", role: "status", "aria-live": "polite" }),
  };
}

function layOut(data, host, parts) {
  const { hint, tour, caption, board, bar, controls, numbers, mosaic, flows, inside, step, ablation, live } = parts;
  const title = data.title || (host.page ? "Attention explorer" : "");
  const heading = make("p", { class: "vx-heading" }, "In numbers");
  const right = [mosaic.part, flows.part, ...(inside ? [inside.part] : [])];
  return make(
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
      make("div", { class: "vx-left" }, caption, board.element, bar.part, ...controls.parts, heading, numbers.element),
      make("div", { class: "vx-right" }, ...right),
    ),
    step.part,
    ...ablation.parts,
    live,
  );
}

/** A function that draws all that a hover changes; it asks nobody and allocates little. */
function drawerOf(data, state, { reading, palettes, mosaic, board, flows, bar, caption, numbers }) {
  const draw = () => {
    const start = performance.now();
    const token = askerOf(state);
    const palette = palettes[state.palette];
    const shared = mosaic.draw(token, state, palette);
    const drawn = performance.now();
    reading.read(state, shared);
    board.draw(state, reading, palette);
    flows.draw(token, state, palette);
    bar.draw(state, reading);
    write(caption, sentenceOf(data, state));
    numbers.draw(state, reading);
    const at = drawings++ % draw.times.length;
    draw.times[at] = performance.now() - start;
    draw.mosaicTimes[at] = drawn - start;
  };
  let drawings = 0;
  draw.times = new Float64Array(512); // how long the last ones took, for the benchmark
  draw.mosaicTimes = new Float64Array(512);
  return draw;
}

/** Draw other tokens, and then again what is shown, before the screen is: browsers compile what has
 * been run a few times, and the first hovers should not be the ones that wait for it. */
function rehearse({ size }, state, draw) {
  const { over } = state;
  for (let i = 1; i <= REHEARSALS; i++) {
    state.over = Math.floor((i * size) / (REHEARSALS + 1));
    draw();
  }
  state.over = over;
  draw();
  draw.times.fill(0);
}

/** A function for what changes with a choice, not with a hover: labels, selection, panels. */
function settlerOf(state, { palettes, hint, board, mosaic, flows, inside, controls, bar, ablation, step }, draw) {
  return () => {
    const palette = palettes[state.palette];
    write(hint, state.held ? HINT_HELD : HINT_FREE);
    board.settle(state);
    board.fade(controls.opacity());
    mosaic.settle(state);
    flows.settle(state);
    inside?.settle(state, palette);
    controls.settle(state);
    bar.settle(state, palette);
    ablation.settle();
    draw();
    if (step.part.open) step.show();
  };
}

/** A function that says a text, or, once the keys are quiet, what is shown: a screen reader should
 * hear the last choice, not each on the way. */
function speaker({ live, caption, numbers }) {
  let waiting = 0;
  return (text) => {
    clearTimeout(waiting);
    if (text) live.textContent = text;
    else waiting = setTimeout(() => (live.textContent = `${caption.textContent}. ${numbers.inWords()}.`), QUIET);
  };
}

function listenToAll(data, state, { board, mosaic, flows, inside, controls }, { set, draw }) {
  board.listen(state, boardActions(data, state, board, set, draw));
  mosaic.listen((layer, head) => set({ flow: -1, inside: null, layer, head }));
  flows.listen({
    chooseFlow: (flow) => set({ flow, inside: null }),
    chooseClass(klass) {
      const shown = state.inside?.what === "lens" || (state.flow >= 0 && data.flows[state.flow].ofClasses);
      const flow = data.flows.findIndex(({ ofClasses }) => ofClasses);
      set(shown ? { klass } : { klass, flow, inside: null });
    },
  });
  inside?.listen((chosen) => set({ flow: -1, ...chosen(state) }));
  controls.listen({ change: set, fade: () => board.fade(controls.opacity()) });
}

/** What pointer and keys do in the picture. */
function boardActions(data, state, board, set, draw) {
  const free = { held: false, key: null, over: null };
  let waiting = 0;
  const goTo = (token) => {
    Object.assign(state, state.held || isFlat(data, state) ? { over: token } : { query: token, over: null });
    board.focus(token, true);
    set({});
  };
  return {
    goTo,
    point(token) {
      if (token === state.over) return;
      state.over = token;
      waiting ||= requestAnimationFrame(() => {
        waiting = 0;
        draw();
      });
    },
    letGo() {
      Object.assign(state, free);
      goTo(state.query);
    },
    choose(token) {
      if (isFlat(data, state)) return;
      const isNewMean = token === data.size && token !== state.query;
      if (isNewMean || !state.held) set({ held: true, query: token, key: null });
      else set(token === state.query ? free : { key: token });
    },
  };
}

function listenToTheTour(data, state, parts, { set, speak }) {
  const { tour, hint, caption, board, mosaic, flows, inside, step } = parts;
  tour.listen({
    steps: () => tourSteps(data),
    places: {
      picture: [board.picture, caption],
      caption: [caption, caption],
      board: [board.element, caption],
      mosaic: [mosaic.part, mosaic.part],
      flows: [flows.part, flows.part],
      inside: [inside?.part, inside?.part],
      step: [step.part, step.part],
      hint: [hint, tour.start],
    },
    before: () => ({ ...state, over: null, open: step.part.open }),
    show({ open: opened, ...chosen }) {
      step.part.open = opened;
      set(chosen, false);
    },
    speak,
  });
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
