// The numbers of the map that is shown.

import { readInside } from "./inside.js";
import { readLine, rowNumbers, scaleOf } from "./maps.js";
import { askerOf, isFlat } from "./state.js";

/** {values, doubts, low, high}: one number for each token, and the ends of the colour scale. `read`
 * reads them anew, `shared` being the end of one scale for all maps of the mosaic. */
export function makeReading(data) {
  const [values, doubts, others, theirDoubts] = Array.from({ length: 4 }, () => new Float64Array(data.size));
  const ends = (state) => {
    const token = askerOf(state);
    const [low, high] = scaleOf(values, data.prefix, state.flow >= 0 && !isFlat(data, state) ? token : -1);
    if (state.inside) return state.inside.what === "lens" ? [low, 1] : [low, high]; // depths are compared
    if (!state.shared) return [low, high];
    if (state.flow < 0) return [low, reading.shared];
    return data.flows[state.flow].ofClasses ? ofAllClasses(state, token) : [low, high];
  };
  const ofAllClasses = (state, token) => {
    let both = [0, 0];
    for (let klass = 0; klass < data.classes.length; klass++) {
      readLine(data, { ...state, klass }, token, state.reverse, others, theirDoubts);
      const [low, high] = scaleOf(others, data.prefix, isFlat(data, state) ? -1 : token);
      both = [Math.min(both[0], low), Math.max(both[1], high)];
    }
    return both;
  };
  const reading = { values, doubts, low: 0, high: 0, shared: 0 };
  reading.read = (state, shared) => {
    reading.shared = shared;
    if (state.inside) readInside(data, state, state.inside, values, doubts);
    else readLine(data, state, askerOf(state), state.reverse, values, doubts);
    [reading.low, reading.high] = ends(state);
  };
  return reading;
}

/** The token with the largest of the numbers. */
export function strongest(data, state, { values }) {
  let best = isFlat(data, state) ? data.prefix : 0;
  for (let i = best; i < data.size; i++) if (!(values[i] <= values[best])) best = i;
  return best;
}

/** The other end: the token pointed at while one is held, else the one with the largest weight. */
export function otherEnd(data, state, reading) {
  const { held, over, query, key } = state;
  if (held && over !== null && over !== query && over < data.size) return over;
  if (held && key !== null) return key;
  const exact = state.reverse ? null : rowNumbers(data, state, query);
  return exact ? exact.argmax : strongest(data, state, reading);
}
