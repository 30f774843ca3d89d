// The tour: at most ten steps over what is on the screen, told in the numbers of this very picture.
//
// A step says what to show (`set`), where to look (`target`), and what there is to see (`text`).

import { fromFloat32, minus, probability, shown, sureDigits } from "./digits.js";
import { make } from "./elements.js";
import { lensAnswers, mapName, readLine, rowNumbers, stepInputs, stepNumbers, tokenName } from "./maps.js";

/** The buttons and the panel: {start, panel, listen}. The panel goes along, to where it points.
 *
 * listen({steps, places, before, show, speak}): `before` gives the state to come back to, `show`
 * takes a state, `places` are [what a step points at, before what the panel then stands].
 */
export function makeTour() {
  const button = (text) => make("button", { type: "button" }, text);
  const [back, next, end] = ["Back", "Next", "End the tour"].map(button);
  const [title, text] = [make("strong"), make("p")];
  const start = make("button", { type: "button", class: "vx-start" }, "Take the tour");
  const panel = make(
    "div",
    { class: "vx-tour", role: "group", "aria-label": "Tour", hidden: true },
    title,
    text,
    make("p", { class: "vx-buttons" }, back, next, end),
  );
  const listen = (host) => listenToTour({ start, panel, title, text, back, next, end }, host);
  return { start, panel, listen };
}

function listenToTour({ start, panel, title, text, back, next, end }, { steps, places, before, show, speak }) {
  let tour = null; // or {steps, at, before}
  const point = (at) =>
    Object.values(places).forEach(([part]) => part?.classList.toggle("vx-toured", part === at));
  const go = (to) => {
    tour.at = to;
    const step = tour.steps[to];
    show({ ...tour.before, ...step.set, ...(step.open ? { open: true } : {}) });
    const [part, anchor] = places[step.target];
    point(part);
    anchor.before(panel);
    title.textContent = `${to + 1} of ${tour.steps.length}: ${step.title}`;
    const words = step.text.replaceAll(" %", "\u00a0%"); // no line begins with "%"
    text.textContent = words;
    end.hidden = to + 1 === tour.steps.length; // "Done" does it
    back.disabled = to === 0;
    next.textContent = to + 1 < tour.steps.length ? "Next" : "Done";
    next.focus({ preventScroll: true }); // a button that was moved, or is disabled, loses it
    speak(`Tour, step ${title.textContent}. ${words}`);
    for (const seen of [part, panel]) seen.scrollIntoView({ block: "nearest" });
  };
  const leave = () => {
    show(tour.before);
    tour = null;
    point(null);
    [panel.hidden, start.hidden] = [true, false];
    speak("The tour has ended.");
    start.focus();
  };
  start.addEventListener("click", () => {
    tour = { steps: steps(), at: 0, before: before() };
    [panel.hidden, start.hidden] = [false, true];
    go(0);
  });
  next.addEventListener("click", () => (tour.at + 1 < tour.steps.length ? go(tour.at + 1) : leave()));
  back.addEventListener("click", () => go(tour.at - 1));
  end.addEventListener("click", leave);
  const leaveByKey = (event) => {
    if (event.key !== "Escape" || !tour) return;
    event.preventDefault();
    event.stopPropagation();
    leave();
  };
  panel.closest(".vx").addEventListener("keydown", leaveByKey, true);
}

/** The steps that this explorer has something to show for. */
export function tourSteps(data) {
  const patch = patchOfTour(data);
  const map = sharpestHead(data, patch);
  const asks = { flow: -1, inside: null, reverse: false, held: true, key: null, over: null, query: patch };
  const oneHead = { ...asks, ...map, flow: -1 };
  const steps = [
    { title: "A patch", target: "picture", set: { ...asks, layer: map.layer, head: meanHead(data) }, text: ofPatches(data, patch) },
    { title: "Its query", target: "caption", set: oneHead, text: ofQuery(data, map, patch) },
    { title: "A row of the map", target: "board", set: oneHead, text: ofRow(data, map, patch) },
    { title: "The softmax", target: "step", open: true, set: oneHead, text: ofSoftmax(data, map, patch) },
    { title: "The heads", target: "mosaic", set: oneHead, text: ofHeads(data, map.layer, patch) },
    { title: "The layers", target: "mosaic", set: { ...asks, layer: 0, head: meanHead(data) }, text: ofLayers(data, patch) },
    { title: "Who answers", target: "board", set: { ...asks, query: data.answer ?? data.size, held: false, layer: data.layers - 1, head: meanHead(data) }, text: ofAnswerer(data) },
    { title: "On the way to the answer", target: "inside", set: { ...asks, held: false, query: data.answer ?? data.size, klass: 0, tab: "lens", inside: { what: "lens", depth: data.layers } }, text: ofLens(data) },
    { title: "The answer", target: "flows", set: { ...asks, held: false, query: data.answer ?? data.size, klass: 0, flow: data.flows.findIndex((flow) => flow.ofClasses) }, text: ofAnswer(data) },
    { title: "Now you", target: "hint", set: null, text: "Point anywhere, or move with the arrow keys. Below the picture you can turn the question round: who looks at it? At the bottom you can follow any weight step by step." },
  ];
  return steps.filter((step) => step.text);
}

const meanHead = ({ heads }) => (heads === 1 ? 0 : heads);

/** The patch of the tour: where the answer's token looks most in the last layer. */
function patchOfTour(data) {
  const { size, prefix } = data;
  const [values, doubts] = [new Float64Array(size), new Float64Array(size)];
  const last = { flow: -1, layer: data.layers - 1, head: meanHead(data) };
  readLine(data, last, data.answer ?? size, false, values, doubts);
  let best = prefix;
  for (let i = prefix; i < size; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** Before the last layer, whose rows of patches nothing reads: the head with the least spread row. */
function sharpestHead(data, token) {
  const layer = Math.max(0, data.layers - 2);
  let head = 0;
  for (let other = 1; other < data.heads; other++) {
    const entropy = (h) => rowNumbers(data, { flow: -1, layer, head: h }, token).entropy;
    if (entropy(other) < entropy(head)) head = other;
  }
  return { layer, head };
}

const percent = (number, doubt = number * 1.5e-7) => shown(number - doubt, number + doubt, true);

function ofPatches(data, patch) {
  const others = data.prefixNames.length
    ? ` Above the picture ${data.prefixNames.length > 1 ? "stand tokens" : "stands a token"} without a place ` +
      `in it: ${listed(data.prefixNames)}.`
    : "";
  return (
    `The picture is cut into ${data.rows} rows and ${data.columns} columns of patches. Each becomes a ` +
    `token, a vector of numbers. The frame marks ${tokenName(patch, data)}.${others}`
  );
}

/** Two names and the number of others, where there are many. */
function listed(names) {
  return names.length > 3 ? `${names[0]}, ${names[1]} and ${names.length - 2} more` : names.join(", ");
}

function ofQuery(data, map, patch) {
  const begins = data.q
    ? ` This query begins with ${stepInputs(data, map.layer, map.head, patch, patch)
        .q.slice(0, 3)
        .map((x) => minus(x.toFixed(3)))
        .join(", ")}.`
    : "";
  return (
    "In each layer every head makes three vectors of a token: a query (what it asks), a key (what it " +
    `offers to others) and a value (what it tells them). Here ${tokenName(patch, data)} asks, in ` +
    `${mapName({ flow: -1, ...map }, data)}${data.heads > 1 ? ", which looks hardest" : ""}.${begins}`
  );
}

function ofRow(data, map, patch) {
  const row = rowNumbers(data, { flow: -1, ...map }, patch);
  return (
    `Its query is compared with the keys of all ${data.size} tokens. The colours are the result, one row ` +
    `of the attention map: ${percent(row.max)} of it, the most, goes to ${tokenName(row.argmax, data)}. ` +
    `The row sums to ${fromFloat32(row.sum, 4)}. Its weights say how much of each token's value is taken ` +
    `along. They are listed below the picture.`
  );
}

function ofSoftmax(data, map, patch) {
  if (!data.q) return "";
  const key = rowNumbers(data, { flow: -1, ...map }, patch).argmax;
  const steps = stepNumbers(stepInputs(data, map.layer, map.head, patch, key), key);
  const row = rowNumbers(data, { flow: -1, ...map }, patch);
  const scaled = steps.scoreDoubt / steps.root;
  return (
    `A row must sum to 1. Query times key, divided by √${data.headDim} (a query has ${data.headDim} numbers), gives a score, ` +
    `${sureDigits(steps.scaled - scaled, steps.scaled + scaled, 3, 2)} for ${tokenName(key, data)}. e to that power, ` +
    `divided by the sum of these over the row, is the weight, ${percent(row.max)}. Below, it is worked out.`
  );
}

function ofHeads(data, layer, patch) {
  if (data.heads === 1) return "";
  const largest = Array.from({ length: data.heads }, (_, head) => {
    const row = rowNumbers(data, { flow: -1, layer, head }, patch);
    return `${percent(row.max)} at ${tokenName(row.argmax, data)} (head ${head})`;
  });
  const some = largest.slice(0, 4).join("; ");
  return (
    `The ${data.heads} heads of a layer stand side by side and ask differently. What this patch looks at ` +
    `most in layer ${layer}: ${some}${data.heads > 4 ? "; and so on" : ""}.`
  );
}

function ofLayers(data, patch) {
  if (data.layers === 1) return "";
  const spread = (layer) => {
    const { entropy } = rowNumbers(data, { flow: -1, layer, head: meanHead(data) }, patch);
    return Math.exp(entropy).toFixed(0);
  };
  return (
    "From top to bottom the layers follow each other, and each reads what the one before has written. " +
    `Heads averaged, the attention of this patch is as wide as an even one over ${spread(0)} tokens in layer 0, ` +
    `and over ${spread(data.layers - 1)} in layer ${data.layers - 1} (e to the entropy).`
  );
}

function ofAnswerer(data) {
  const layer = data.layers - 1;
  if (data.answer === null) {
    return (
      "No single token answers in this model: the patches do together, by their mean or by a pooling " +
      "of their own. So the first view is where they look on average."
    );
  }
  const name = data.prefixNames[data.answer];
  const row = rowNumbers(data, { flow: -1, layer, head: meanHead(data) }, data.answer);
  return (
    `The answer is read from the ${name} as it leaves the last layer. It has no place in the ` +
    `picture and must gather everything: here ${percent(row.max)} of its attention, the most, goes to ` +
    `${tokenName(row.argmax, data)}.`
  );
}

function ofLens(data) {
  if (!data.lens || data.answer === null) return "";
  const says = (depth) => {
    const [, name, p] = lensAnswers(data, depth, data.answer)[0];
    return `${name} (${p})`;
  };
  const middle = Math.max(1, Math.floor(data.layers / 2));
  return (
    `What would it answer if it stopped earlier? Read with the model's own last norm and head, the ` +
    `${data.prefixNames[data.answer]} says ${says(middle)} after layer ${middle - 1} and ` +
    `${says(data.layers)} at the end. The colours are the share of ${data.classes[0][1]} ` +
    `for every patch; below each small picture stands that of the ${data.prefixNames[data.answer]}.`
  );
}

function ofAnswer(data) {
  if (!data.classes.length) return "";
  const [question, name, p] = data.classes[0];
  const map = data.flows.find((flow) => flow.ofClasses);
  const seen = map
    ? ` The map ${map.name} marks what speaks for it. Choose another answer below, and the map changes.`
    : "";
  return `The model answers ${name}${question ? ` (${question})` : ""} with ${probability(p)}.${seen}`;
}
