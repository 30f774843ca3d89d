// What is shown, and what follows from it.

import { inColours, insideSentence } from "./inside.js";
import { mapName, tokenName } from "./maps.js";

export function firstState(data) {
  return {
    flow: -1,
    layer: data.layers - 1,
    head: data.heads === 1 ? 0 : data.heads, // the mean
    klass: 0,
    query: data.answer ?? data.size, // token N is the mean of all patches
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
}

/** The token whose row or column is shown. */
export const askerOf = (state) => (!state.held && state.over !== null ? state.over : state.query);

/** Is it one picture, whatever the query? */
export const isFlat = (data, { inside, flow }) => inside !== null || (flow >= 0 && !data.flows[flow].square);

export const isShare = (data, { inside, flow }) =>
  inside ? inside.what === "lens" : flow < 0 || data.flows[flow].share === true;

export const isColourful = (state) => state.inside !== null && inColours(state, state.inside.what);

export const isPatch = ({ prefix, size }, token) => token >= prefix && token < size;

export const isOff = (list, [layer, head]) => list.some(([l, h]) => l === layer && h === head);

export function sentenceOf(data, state) {
  if (state.inside) return insideSentence(data, state);
  const map = mapName(state, data);
  if (isFlat(data, state)) return `${map}: the same for every query`;
  const token = askerOf(state);
  const name = tokenName(token, data);
  const whose = isPatch(data, token) ? name : `the ${name}`;
  return state.reverse ? `Who looks at ${whose}: ${map}` : `Where ${whose} looks: ${map}`;
}

export function unitOf(data, state) {
  if (state.inside?.what === "lens") return "probability";
  if (state.inside) {
    return isColourful(state) ? "each from its lowest to its highest value" : "distance from the patches' mean";
  }
  if (isFlat(data, state)) return "added to the class's score (logits), to first order";
  if (!isShare(data, state)) return "no unit: rows do not sum to 1";
  return state.reverse ? "share of each row's attention that goes here" : "share of the row";
}
