// Places, values and colours of maps: pure functions.

import { doubtAt, largestAt, weightAt } from "./coding.js";
import { DOUBT, sureProbability } from "./digits.js";

// Places -----------------------------------------------------------------------------------------

/** The patch at (x, y) of a picture of this width and height; -1 outside. */
export function patchAt(x, y, width, height, rows, columns) {
  if (!(x >= 0 && y >= 0 && x < width && y < height)) return -1;
  return Math.floor((y / height) * rows) * columns + Math.floor((x / width) * columns);
}

/** Where a key leads from a token; null if the key is not for us.
 *
 * `chips` (prefix tokens, and the mean of all patches where there is one) stand in a line of their
 * own above the patches. Home and End: ends of the line; Page Up and Page Down: first, last line.
 */
export function tokenMove(token, key, { chips, prefix, rows, columns }) {
  const place = chips.indexOf(token);
  const above = chips.length > 0;
  const inChips = place >= 0;
  const last = prefix + rows * columns - 1;
  const column = inChips ? place : (token - prefix) % columns;
  const first = (wanted) => (above ? chips[Math.min(wanted, chips.length - 1)] : prefix + wanted);
  switch (key) {
    case "ArrowLeft":
      if (column === 0) return token;
      return inChips ? chips[place - 1] : token - 1;
    case "ArrowRight":
      if (inChips) return chips[place + 1] ?? token;
      return column < columns - 1 ? token + 1 : token;
    case "ArrowUp":
      if (inChips) return token;
      if (token - prefix >= columns) return token - columns;
      return above ? first(column) : token;
    case "ArrowDown":
      if (inChips) return prefix + Math.min(column, columns - 1);
      return token + columns <= last ? token + columns : token;
    case "Home":
      return inChips ? chips[0] : token - column;
    case "End":
      return inChips ? chips.at(-1) : token - column + columns - 1;
    case "PageUp":
      return first(column);
    case "PageDown":
      return last - columns + 1 + Math.min(column, columns - 1);
    default:
      return null;
  }
}

/** Where a key leads in a table of rows x columns, from [row, column]; null if not for us. */
export function tableMove([row, column], key, rows, columns) {
  const to = {
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    Home: [row, 0],
    End: [row, columns - 1],
    PageUp: [0, column],
    PageDown: [rows - 1, column],
  }[key];
  if (!to) return null;
  const clamp = (n, count) => Math.max(0, Math.min(count - 1, n));
  return [clamp(to[0], rows), clamp(to[1], columns)];
}

/** How people call a token. Rows and columns count from 1, as people do. */
export function tokenName(token, { prefix, prefixNames, columns, size }) {
  if (token < prefix) return prefixNames[token];
  if (token === size) return "mean of all patches";
  const patch = token - prefix;
  return `row ${Math.floor(patch / columns) + 1}, column ${(patch % columns) + 1}`;
}

export function mapName({ flow, layer, head, klass }, data) {
  if (flow >= 0) {
    const { name, ofClasses } = data.flows[flow];
    return ofClasses ? `${name} for ${data.classes[klass][1]}` : name;
  }
  const whose = head === data.heads ? "mean of the heads" : `head ${head}`;
  return `layer ${layer}, ${whose}`;
}

// Values -----------------------------------------------------------------------------------------

/** The weights of one row (reverse false: whom does the token look at) or column (true: who looks
 * at it) of a map, as `values`, with how far each may be off in `doubts`. Both hold N numbers.
 *
 * choice: {flow: -1, layer, head} with head = heads for their mean, or {flow, klass}. A flow that
 * is one picture whatever the query gives NaN for the prefix tokens. Token N is the patches' mean.
 */
export function readLine(data, choice, token, reverse, values, doubts) {
  const flow = data.flows[choice.flow];
  if (flow && !flow.square) {
    const start = (flow.ofClasses ? choice.klass : 0) * data.patches;
    values.fill(NaN, 0, data.prefix);
    values.set(flow.values.subarray(start, start + data.patches), data.prefix);
    doubts.fill(0);
    return;
  }
  const heads = data.heads;
  values.fill(0);
  doubts.fill(0);
  if (flow) addMap(data, flow, flow.ofClasses ? choice.klass : 0, 1, token, reverse, values, doubts);
  else if (choice.head < heads) addMap(data, data.maps, choice.layer * heads + choice.head, 1, token, reverse, values, doubts);
  else {
    for (let head = 0; head < heads; head++) {
      addMap(data, data.maps, choice.layer * heads + head, 1 / heads, token, reverse, values, doubts);
    }
  }
  const exact = reverse ? null : rowNumbers(data, choice, token);
  if (!exact) return;
  values[exact.argmax] = exact.max;
  doubts[exact.argmax] = exact.max * DOUBT;
  if (data.prefix !== 1) return;
  values[0] = exact.prefix;
  doubts[0] = exact.prefix * DOUBT + exact.prefixDoubt;
}

/** Adds `share` of a map's row or column. */
function addMap(data, source, number, share, token, reverse, values, doubts) {
  const { size } = data;
  const first = number * size;
  if (token === size) {
    addMeanOfPatches(data, source, first, share, reverse, values, doubts);
    return;
  }
  for (let i = 0; i < size; i++) {
    const row = first + (reverse ? i : token);
    const column = reverse ? token : i;
    values[i] += share * weightAt(source, size, row, column);
    doubts[i] += share * doubtAt(source, size, row, column);
  }
}

/** Where the patches look on average, or how much each token looks at a patch on average. */
function addMeanOfPatches({ size, prefix, patches }, source, first, share, reverse, values, doubts) {
  for (let i = 0; i < size; i++) {
    if (!reverse) {
      values[i] += share * source.meanRows[first + i];
      doubts[i] += share * source.meanDoubts[first + i];
      continue;
    }
    for (let patch = prefix; patch < size; patch++) {
      values[i] += (share * weightAt(source, size, first + i, patch)) / patches;
      doubts[i] += (share * doubtAt(source, size, first + i, patch)) / patches;
    }
  }
}

/** The exact numbers of one row: {sum, max, argmax, entropy, prefix}; null where there are none. */
export function rowNumbers(data, choice, token) {
  let source = data.maps;
  let number = choice.layer * data.heads + choice.head;
  if (choice.flow >= 0) {
    source = data.flows[choice.flow];
    number = source.ofClasses ? choice.klass : 0;
  } else if (choice.head === data.heads) {
    source = data.mean;
    number = choice.layer;
  }
  if (token === data.size || source.square === false) return null;
  const row = number * data.size + token;
  return {
    max: source.max[row],
    sum: source.sum ? source.sum[row] : 1,
    argmax: largestAt(source, data.size, row),
    entropy: source.entropy[row] * source.entropyStep,
    entropyDoubt: source.entropyDoubt,
    prefix: source.prefix && data.prefix ? source.prefix[row] * source.prefixStep : null,
    prefixDoubt: source.prefixDoubt,
  };
}

/** The patches' weights of all maps of the mosaic for one token: layers x (heads + mean), each
 * `patches` numbers, into `values`; the largest of each map into `largest`. */
export function readMosaic(data, token, reverse, values, largest) {
  const { layers, heads, patches } = data;
  for (let layer = 0; layer < layers; layer++) {
    const first = layer * (heads + 1);
    const mean = values.subarray((first + heads) * patches, (first + heads + 1) * patches);
    mean.fill(0);
    for (let head = 0; head < heads; head++) {
      const start = (first + head) * patches;
      const top = readPatches(data, layer * heads + head, token, reverse, values, start);
      for (let i = 0; i < patches; i++) mean[i] += values[start + i];
      largest[first + head] = top;
    }
    let top = 0;
    for (let i = 0; i < patches; i++) {
      mean[i] /= heads;
      if (mean[i] > top) top = mean[i];
    }
    largest[first + heads] = top;
  }
}

/** The patches' weights of one map into `values`, from `start`; returns the largest. */
function readPatches(data, map, token, reverse, values, start) {
  const { maps, size, prefix, patches } = data;
  if (token === size) return readPatchesOfMean(data, map, reverse, values, start);
  const { table, unit } = maps;
  const [down, along] = reverse ? [1, size] : [0, 1]; // a column, or a row
  let row = map * size + (reverse ? prefix : token);
  let at = row * size + (reverse ? token : prefix);
  let top = 0;
  for (let i = start; i < start + patches; i++, at += along, row += down) {
    const value = table[at] * unit[row];
    values[i] = value;
    if (value > top) top = value;
  }
  return top;
}

function readPatchesOfMean({ maps, size, prefix, patches }, map, reverse, values, start) {
  let top = 0;
  for (let i = 0; i < patches; i++) {
    const row = map * size + prefix + i;
    const value = reverse ? meanOfRow(maps, row, size, prefix) : maps.meanRows[row];
    values[start + i] = value;
    if (value > top) top = value;
  }
  return top;
}

/** How much a row gives to each patch on average. */
function meanOfRow({ table, unit }, row, size, prefix) {
  let sum = 0;
  for (let i = row * size + prefix; i < (row + 1) * size; i++) sum += table[i];
  return (sum * unit[row]) / (size - prefix);
}

/** The ends of the colour scale for a line of a map. Signed values lie around 0; a token's own
 * weight in a flow, usually far above all others, does not count. */
export function scaleOf(values, prefix, skip = -1) {
  let low = 0;
  let high = 0;
  for (let i = prefix; i < values.length; i++) {
    if (i === skip) continue;
    if (values[i] > high) high = values[i];
    if (values[i] < low) low = values[i];
  }
  return low < 0 ? [-Math.max(high, -low), Math.max(high, -low)] : [0, high];
}

// Colours ----------------------------------------------------------------------------------------

/** 256 colours, six hexadecimal digits each, as the numbers that an image's memory holds. */
export function paletteOf(hex) {
  return Uint32Array.from({ length: hex.length / 6 }, (_, i) => {
    const colour = parseInt(hex.slice(6 * i, 6 * i + 6), 16);
    return ((255 << 24) | ((colour & 255) << 16) | (colour & 0xff00) | (colour >> 16)) >>> 0;
  });
}

/** Which of the 256 colours a value has between low and high; beyond them, the last ones. */
export function colourIndex(value, low, high) {
  if (!(high > low)) return 0;
  const index = Math.round((255 * (value - low)) / (high - low));
  return index < 0 ? 0 : index > 255 ? 255 : index || 0;
}

/** Paint `count` values, `columns` a line, into pixels that are `stride` wide, from `offset`. */
export function paint(pixels, offset, stride, values, start, count, columns, low, high, palette) {
  const factor = high > low ? 255 / (high - low) : 0;
  let from = start;
  for (let line = offset; from < start + count; line += stride) {
    for (let at = line; at < line + columns; at++, from++) {
      const index = (values[from] - low) * factor + 0.5;
      pixels[at] = palette[index > 0 ? (index < 255 ? index | 0 : 255) : 0];
    }
  }
}

/** The same for a row that came as bytes, from 0 to its largest, in a third of the time. Adds their
 * weights, `unit` each, to `sum`. */
export function paintBytes(pixels, offset, stride, bytes, start, count, columns, unit, sum, shades) {
  let top = 0;
  for (let i = 0; i < count; i++) {
    const byte = bytes[start + i];
    sum[i] += byte * unit;
    if (byte > top) top = byte;
  }
  const colours = shades(top);
  let from = start;
  for (let line = offset; from < start + count; line += stride) {
    for (let at = line; at < line + columns; at++, from++) pixels[at] = colours[bytes[from]];
  }
}

/** A function that gives the colours of the bytes from 0 to `top`; made when first asked for. */
export function shadesOf(palette) {
  const made = [];
  return (top) => {
    made[top] ??= Uint32Array.from({ length: top + 1 }, (_, byte) => palette[colourIndex(byte, 0, top)]);
    return made[top];
  };
}

/** A colour of `paletteOf` as CSS writes it. */
export const cssColour = (c) => `rgb(${c & 255} ${(c >> 8) & 255} ${(c >> 16) & 255})`;

/** Black or white, whichever is read better on a colour of `paletteOf`. */
export function inkOn(colour) {
  const [r, g, b] = [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255].map((c) =>
    c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
}

// The tokens themselves ---------------------------------------------------------------------------

/** One depth of the logit lens: the probability of class `klass` for every token, N numbers. */
export function readLens({ lens, size, classes }, depth, klass, values, doubts) {
  for (let token = 0; token < size; token++) {
    values[token] = lens.shares[(depth * size + token) * classes.length + klass] * lens.step;
    doubts[token] = lens.doubt;
  }
}

/** What a token would answer at a depth, the best to each question: [question, name, probability in words]. */
export function lensAnswers({ lens, size }, depth, token) {
  const count = lens.questions;
  return Array.from({ length: count }, (_, i) => {
    const at = (depth * size + token) * count + i;
    return [...lens.names[lens.best[at]], sureProbability(lens.bestShares[at] * lens.step, lens.doubt)];
  });
}

/** One component of the patches at a depth; NaN for the prefix tokens, which have none. */
export function readComponent({ components, prefix, patches }, depth, component, values, doubts) {
  const step = components.largest[depth][component] * components.step;
  values.fill(NaN, 0, prefix);
  for (let i = 0; i < patches; i++) {
    values[prefix + i] = components.steps[(depth * patches + i) * 3 + component] * step;
  }
  doubts.fill(0.501 * step);
}

/** The three components of a depth as red, green and blue, each from its lowest to its highest. */
export function paintComponents(pixels, { components, patches }, depth) {
  const from = depth * patches * 3;
  const ends = [0, 1, 2].map((component) => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = from + component; i < from + 3 * patches; i += 3) {
      low = Math.min(low, components.steps[i]);
      high = Math.max(high, components.steps[i]);
    }
    return [low, 255 / Math.max(1, high - low)];
  });
  for (let i = 0; i < patches; i++) {
    const [r, g, b] = ends.map(([low, factor], component) =>
      Math.round((components.steps[from + 3 * i + component] - low) * factor),
    );
    pixels[i] = ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  }
}

// One weight, step by step -----------------------------------------------------------------------

/** q and k of one cell and the scores q · k_j of its whole row, from the tables of a model. */
export function stepInputs(data, layer, head, query, key) {
  const { size, headDim, heads } = data;
  const start = (layer * heads + head) * size;
  const vector = (table, token) =>
    Array.from(table.subarray((start + token) * headDim, (start + token + 1) * headDim));
  const q = vector(data.q, query);
  const scores = Array.from({ length: size }, (_, j) => {
    const k = vector(data.k, j);
    return q.reduce((sum, x, c) => sum + x * k[c], 0);
  });
  return { q, k: vector(data.k, key), scores, queryDoubt: data.queryDoubt };
}

/** {products, score, scaled, total, weight}: softmax over the row, without its largest subtracted
 * as long as that can be computed. `scoreDoubt`: how far the score may be off, since q and k are
 * rounded. */
export function stepNumbers({ q, k, scores, queryDoubt = 0 }, key) {
  const products = q.map((x, c) => x * k[c]);
  const sizes = [...q, ...k].reduce((sum, x) => sum + Math.abs(x), 0);
  const root = Math.sqrt(q.length);
  const scaled = scores.map((score) => score / root);
  const largest = scaled.reduce((a, b) => Math.max(a, b), -Infinity);
  const shift = Math.abs(largest) > 300 ? largest : 0;
  const total = scaled.reduce((sum, s) => sum + Math.exp(s - shift), 0);
  const power = Math.exp(scaled[key] - shift);
  return {
    products,
    score: scores[key],
    scoreDoubt: queryDoubt * (sizes + queryDoubt * q.length),
    root,
    scaled: scaled[key],
    shift,
    power,
    total,
    weight: power / total,
  };
}
