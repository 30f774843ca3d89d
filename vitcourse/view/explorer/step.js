// One weight, step by step: query times key, scaled, softmax.

import { answered } from "./asking.js";
import { decimalsFor, DOUBT, minus, sureDigits } from "./digits.js";
import { make } from "./elements.js";
import { stepInputs, stepNumbers, tokenName } from "./maps.js";
import { otherEnd } from "./reading.js";

const NO_QUERY = "The mean of all patches has no query of its own: choose a token.";
const NO_HEAD = "Choose one head of one layer: only there is a weight one query times one key.";
const NO_VECTORS = {
  page:
    "The queries and keys of so large a model are not in this page. " +
    "In a notebook with a running kernel this shows them.",
  notebook: "This explorer was made without queries and keys, so there is only the weight itself.",
};
const ALL_PRODUCTS = 16; // more are folded away
const TOO_LARGE = 1e5; // to be written out

/** {part, show}: `show` works out the weight that is shown. */
export function makeStep(data, state, reading, host) {
  const body = make("div", { class: "vx-body" });
  const part = make("details", { class: "vx-step" }, make("summary", {}, "Follow one weight, step by step"), body);
  const say = (text) => body.replaceChildren(make("p", {}, text));
  let asked = 0;
  async function show() {
    const number = (asked += 1);
    if (state.query === data.size) return say(NO_QUERY);
    if (state.flow >= 0 || state.inside || state.head === data.heads) return say(NO_HEAD);
    const other = otherEnd(data, state, reading);
    const [query, key] = state.reverse ? [other, state.query] : [state.query, other];
    const { layer, head } = state;
    let inputs = data.q && stepInputs(data, layer, head, query, key);
    if (!inputs && !host.asks.includes("step")) return say(NO_VECTORS[host.page ? "page" : "notebook"]);
    if (!inputs) {
      if (!body.childNodes.length) say("Asking the kernel …");
      inputs = await answered(host, { kind: "step", layer, head, query, key }, body);
    }
    if (number !== asked || !inputs) return undefined;
    return body.replaceChildren(...stepLines(data, state, inputs, query, key));
  }
  part.addEventListener("toggle", () => part.open && show());
  return { part, show };
}

function stepLines(data, state, inputs, query, key) {
  const where =
    `The query of ${tokenName(query, data)} and the key of ${tokenName(key, data)} ` +
    `in layer ${state.layer}, head ${state.head}. `;
  const row = (state.layer * data.heads + state.head) * data.size + query;
  const relative = inputs.queryDoubt && data.maps.rel ? data.maps.rel[row] : DOUBT;
  const factors = inputs.q.map((q, c) => `${signed(q)} × ${signed(inputs.k[c])}`);
  const few = factors.length <= ALL_PRODUCTS;
  const sum = few ? factors.join(" + ") : `${factors.slice(0, 3).join(" + ")} + … + ${factors.at(-1)}`;
  return [
    make("p", {}, where + (state.held ? "" : "To choose others: hold a patch of the picture, then click another.")),
    make("ol", {}, ...stepList(stepNumbers(inputs, key), sum, relative, data.size)),
    ...(few ? [] : [folded(`all ${factors.length} products`, factors.join(" + "))]),
  ];
}

/** The three steps, as lines of a list. `relative` is how far the weight may be off. */
function stepList(steps, sum, relative, size) {
  const sure = (x, doubt, most = 3, least = 2) => sureDigits(x - doubt, x + doubt, most, least);
  const score = sure(steps.score, steps.scoreDoubt);
  const scaled = sure(steps.scaled, steps.scoreDoubt / steps.root);
  const percent = 100 * steps.weight;
  const power = steps.shift ? `e^(${short(steps.scaled)} − ${short(steps.shift)})` : `e^${signed(steps.scaled)}`;
  const line = (term, ...parts) => make("li", {}, make("span", {}, term), make("div", {}, ...parts));
  return [
    line("q · k", `${sum} ${equals(score)}`, make("b", {}, score)),
    line(
      `divided by √${steps.products.length}`,
      `${short(steps.score)} / ${short(steps.root)} ${equals(scaled)}`,
      make("b", {}, scaled),
    ),
    line(
      "softmax over the row",
      `${power} / (the sum of e^… over all ${size} keys) = ${large(steps.power)} / ${large(steps.total)} = `,
      make("b", { class: "vx-result" }, sure(percent, percent * relative, decimalsFor(percent, 0, 4), 0), " %"),
    ),
  ];
}

const folded = (name, text) => make("details", {}, make("summary", {}, name), make("p", { class: "vx-all" }, text));
const short = (x) => minus(x.toFixed(3));
const signed = (x) => (x < 0 ? `(${short(x)})` : short(x));
const equals = (text) => (text.startsWith("≈") ? "" : "= ");

function large(x) {
  if (x < TOO_LARGE && x >= 1e-3) return x.toFixed(3);
  return x.toExponential(3).replace("e+", " × 10^").replace("e-", " × 10^−");
}
