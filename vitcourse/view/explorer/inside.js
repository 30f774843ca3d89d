// The tokens themselves, layer by layer: the logit lens, and the principal components.
//
// state.inside is null or {what: "lens" or "components", depth}: what is shown over the picture.
// state.tab is which of them is shown in small; state.component is -1 for three as colours.

import { decimalsFor, probability, sureDigits, sureProbability } from "./digits.js";
import { check, make, radios } from "./elements.js";
import { lensAnswers, paint, paintComponents, readComponent, readLens, scaleOf } from "./maps.js";

const INSIDE = {
  lens:
    "What each token would answer if the model stopped there, read with the model's own last norm " +
    "and head. These were trained on what the answer is read from, after the last layer; take all else " +
    "with a grain of salt.",
  components:
    "The three main directions in which the patches differ, as red, green and blue: like colours " +
    "mean like states. Colours of two layers cannot be compared. If you cannot tell the colours " +
    "apart, choose one component. Below each picture: how much of the variance it shows.",
};
const COMPONENTS = ["three as colours", "the first", "the second", "the third"];

const afterLayer = (depth) => (depth ? `after layer ${depth - 1}` : "before");
export const inColours = (state, what) => what === "components" && state.component < 0;

/** The lens's class, or a component: the first where the three are shown as colours. */
export function readInside(data, state, { what, depth }, values, doubts) {
  if (what === "lens") readLens(data, depth, state.klass, values, doubts);
  else readComponent(data, depth, Math.max(0, state.component), values, doubts);
}

export function insideSentence(data, { inside, klass, component }) {
  const when = inside.depth ? afterLayer(inside.depth) : "before layer 0";
  if (inside.what === "components") return `Components of the patches ${when}: ${COMPONENTS[component + 1]}`;
  return `${data.classes[klass][1]}, if the model stopped ${when}`;
}

/** The numbers of what is shown: of the token pointed at, or of the one that answers. */
export function tellInside(data, { inside }, { over, best, values, doubts, end, named }, tell) {
  const { what, depth } = inside;
  const at = (i) => sureProbability(values[i], doubts[i]);
  if (what === "lens") {
    tell("largest", "largest of the patches", `${at(best)} at ${named(best)}`);
    if (over === null) return;
    tell("pointed", named(over), at(over));
    const said = lensAnswers(data, depth, over).map(([, name, p]) => `${name} (${p})`);
    tell("answers", "would answer", said.join("; "));
    return;
  }
  const shares = data.components.shares[depth].map((share) => probability(share, 1));
  tell("sum", "shares of the variance", shares.join(", "));
  if (over === null || over < data.prefix) return;
  const [of, itsDoubts] = [new Float64Array(data.size), new Float64Array(data.size)];
  const three = [0, 1, 2].map((component) => {
    readComponent(data, depth, component, of, itsDoubts);
    return sureDigits(of[over] - itsDoubts[over], of[over] + itsDoubts[over], decimalsFor(of[over], end));
  });
  tell("pointed", named(over), three.join(", "));
}

/** The part of the page: {part, settle(state, palette), listen(choose)}. */
export function makeInside(data, id) {
  const depths = data.layers + 1;
  const [width, height] = data.pixels;
  const canvases = Array.from({ length: depths }, () => {
    const canvas = make("canvas", { width: data.columns, height: data.rows, "aria-hidden": "true" });
    canvas.style.aspectRatio = `${width} / ${height}`;
    return canvas;
  });
  const shares = canvases.map(() => make("span", { class: "vx-share" }));
  const buttons = canvases.map((canvas, depth) =>
    make(
      "button",
      { type: "button", class: "vx-flow vx-depth", "aria-pressed": "false" },
      canvas,
      make("span", {}, afterLayer(depth)),
      shares[depth],
    ),
  );
  const tabs = [["lens", "logit lens"], ["components", "components"]].filter(([what]) => data[what]);
  const choice = radios(`${id}-inside`, "Show", tabs);
  const picker = make(
    "select",
    { id: `${id}-component` },
    ...COMPONENTS.map((name, i) => make("option", { value: i - 1 }, name)),
  );
  const label = make("label", { for: `${id}-component` }, "components: ");
  const line = make("p", { class: "vx-class" }, label, picker);
  const note = make("p", { class: "vx-note" });
  const draw = thumbnails(data, canvases, shares);
  return {
    part: make(
      "div",
      { class: "vx-part" },
      make("p", { class: "vx-heading" }, "The tokens, layer by layer"),
      ...(tabs.length > 1 ? [choice] : []),
      line,
      make("div", { class: "vx-flows vx-depths" }, ...buttons),
      note,
    ),
    settle(state, palette) {
      check(choice, state.tab);
      picker.value = state.component;
      line.hidden = state.tab !== "components";
      note.textContent = INSIDE[state.tab] + (state.tab === "lens" ? ofShares(data, state) : "");
      buttons.forEach((button, depth) =>
        button.setAttribute("aria-pressed", String(depth === state.inside?.depth)),
      );
      draw(state, palette);
    },
    listen(choose) {
      const last = (what) => (state) => ({
        tab: what,
        component: Number(picker.value),
        inside: { what, depth: state.inside?.depth ?? data.layers },
      });
      buttons.forEach((button, depth) =>
        button.addEventListener("click", () => choose((state) => ({ inside: { what: state.tab, depth } }))),
      );
      choice.addEventListener("change", (event) => choose(last(event.target.value)));
      picker.addEventListener("change", () => choose(last("components")));
    },
  };
}

/** A function that draws all depths in small, each with its share. */
function thumbnails(data, canvases, shares) {
  const { size, prefix, patches, columns, rows } = data;
  const contexts = canvases.map((canvas) => canvas.getContext("2d"));
  const pixels = contexts[0].createImageData(columns, rows);
  const words = new Uint32Array(pixels.data.buffer);
  const [values, doubts] = [new Float64Array(size), new Float64Array(size)];
  return (state, palette) => {
    const what = state.tab;
    contexts.forEach((context, depth) => {
      readInside(data, state, { what, depth }, values, doubts);
      const [low, high] = what === "lens" ? [0, 1] : scaleOf(values, prefix);
      if (inColours(state, what)) paintComponents(words, data, depth);
      else paint(words, 0, columns, values, prefix, patches, columns, low, high, palette);
      context.putImageData(pixels, 0, 0);
      shares[depth].textContent =
        what === "lens" ? shareOfAnswerer(data, values) : shareOfVariance(data, state, depth);
    });
  };
}

/** What the token that answers gives the class; or the patches on average. */
function shareOfAnswerer({ answer, prefix, patches, lens }, values) {
  const mean = () => values.subarray(prefix).reduce((sum, p) => sum + p, 0) / patches;
  return sureProbability(answer === null ? mean() : values[answer], lens.doubt);
}

function ofShares({ answer, prefixNames, classes }, { klass }) {
  const whose = answer === null ? "all patches give on average" : `the ${prefixNames[answer]} gives`;
  return ` Below each picture: what ${whose} to ${classes[klass][1]}.`;
}

function shareOfVariance({ components }, { component }, depth) {
  const shares = components.shares[depth];
  const share = component < 0 ? shares.reduce((a, b) => a + b) : shares[component];
  return `${Math.round(100 * share)} %`;
}
