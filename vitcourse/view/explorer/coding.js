// From bytes to typed arrays, once: the twin of coding.py.
//
// Attention comes as a byte for each weight or as factors to be multiplied out. Bytes stay bytes:
// to make numbers of all of them takes longer than to draw, and four times the memory. Either way
// a weight is `table[row * size + i] * unit[row]`, and each row has a bound for its error: half a
// step where a unit is a step (`inSteps`), or `rel` of the weight.

import { DOUBT } from "./digits.js";

const TYPES = {
  float32: Float32Array,
  int16: Int16Array,
  int32: Int32Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
};
const ENTROPY_STEPS = 65535;
const SHARE_STEPS = 65535;
const COMPONENT_STEPS = 32767;

/** The bytes of a DataView, ArrayBuffer or typed array: exactly its own, not its whole buffer. */
export function bytesOf(block) {
  if (block instanceof ArrayBuffer) return new Uint8Array(block);
  return new Uint8Array(block.buffer, block.byteOffset, block.byteLength);
}

export function fromBase64(text) {
  const letters = atob(text.trim());
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

/** What zlib of Python has packed. */
export async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The same bytes where a typed array may begin: a message's buffer begins anywhere. */
export function aligned(bytes) {
  return bytes.byteOffset % 4 ? bytes.slice() : bytes;
}

/** Undo what `join` of coding.py has done for the compression: all first bytes, all second ones. */
export function unshuffled(header, bytes) {
  const whole = new Uint8Array(bytes.length);
  for (const [type, start, count] of Object.values(header.sections)) {
    const width = TYPES[type].BYTES_PER_ELEMENT;
    if (width === 1) whole.set(bytes.subarray(start, start + count), start);
    if (width === 1) continue;
    for (let byte = 0; byte < width; byte++) {
      const from = start + byte * count;
      for (let i = 0; i < count; i++) whole[start + i * width + byte] = bytes[from + i];
    }
  }
  return whole;
}

/** Header and plain bytes as what the explorer works with: weights, their rows' numbers, flows. */
export function unpack(header, bytes) {
  const section = (name) => {
    const entry = header.sections[name];
    if (!entry) return null;
    const [type, start, count] = entry;
    return new TYPES[type](bytes.buffer, bytes.byteOffset + start, count);
  };
  const size = header.prefix + header.rows * header.columns;
  const layout = { size, prefix: header.prefix, mean: header.answer === null };
  const maps = numbersOf(section, "", size);
  const { factors } = header;
  const [a, b] = [section("a"), section("b")].map((steps) => steps && Int16Array.from(steps, unzigzag));
  if (factors) fromFactors(maps, a, b, section("scale"), section("doubt"), factors, size);
  else fromBytes(maps, section("bytes"), header.steps);
  const ready = (source) => Object.assign(source, layout.mean ? meanRows(source, layout) : {});
  return {
    ...header,
    size,
    patches: size - header.prefix,
    chips: [...(layout.mean ? [size] : []), ...Array.from({ length: header.prefix }, (_, i) => i)],
    pixels: header.size,
    maps: ready(maps),
    mean: numbersOf(section, "mean ", size),
    ...(factors?.step
      ? queriesKeys(a, b, header, size)
      : { q: section("q"), k: section("k"), queryDoubt: 0 }),
    lens: header.lens && {
      ...header.lens,
      shares: section("lens"),
      best: section("lens best"),
      bestShares: section("lens best shares"),
      step: 1 / SHARE_STEPS,
      doubt: 0.501 / SHARE_STEPS,
    },
    components: header.components && {
      ...header.components,
      steps: section("components"),
      step: 1 / COMPONENT_STEPS,
    },
    flows: header.flows.map((flow, i) => {
      if (!flow.square) return { ...flow, values: section(`flow ${i} values`) };
      const source = numbersOf(section, `flow ${i} `, size);
      fromBytes(source, section(`flow ${i} bytes`), header.flowSteps);
      source.self = section(`flow ${i} self`);
      return { ...flow, ...ready(source) };
    }),
  };
}

/** The exact numbers of each row. */
function numbersOf(section, before, size) {
  const entropyStep = Math.log(Math.max(size, 2)) / ENTROPY_STEPS;
  const prefix = section(`${before}prefix`);
  const inSteps = prefix instanceof Uint16Array;
  return {
    max: section(`${before}max`),
    sum: section(`${before}sum`),
    argmax: section(`${before}argmax`),
    entropy: section(`${before}entropy`), // in steps, as `prefix` may be
    entropyStep,
    entropyDoubt: 0.51 * entropyStep,
    prefix,
    prefixStep: inSteps ? 1 / SHARE_STEPS : 1,
    prefixDoubt: inSteps ? 0.501 / SHARE_STEPS : 0,
    inSteps: 0,
    rel: null,
    self: null,
  };
}

/** A byte is a weight in `steps`-ths of its row's largest, and that alone has them all. */
function fromBytes(source, bytes, steps) {
  source.table = bytes;
  source.unit = source.max.map((max) => max / steps);
  source.inSteps = steps;
}

/** Each map is the softmax of the sum over columns of scale * a * b. */
function fromFactors(source, a, b, scale, doubt, { columns, unit }, size) {
  const maps = doubt.length / size;
  const scores = new Float64Array(size);
  source.table = new Float32Array(maps * size * size);
  source.unit = new Float32Array(maps * size).fill(1);
  source.rel = Float32Array.from(doubt, (steps) => steps * unit);
  for (let map = 0; map < maps; map++) {
    for (let i = 0; i < size; i++) {
      scores.fill(0);
      for (let column = 0; column < columns; column++) {
        const from = (column * maps + map) * size;
        const factor = a[from + i] * scale[column * maps + map];
        for (let j = 0; j < size; j++) scores[j] += factor * b[from + j];
      }
      softmaxInto(source.table, (map * size + i) * size, scores);
    }
  }
}

function softmaxInto(weights, start, scores) {
  let top = -Infinity;
  for (const score of scores) if (score > top) top = score;
  let total = 0;
  for (let j = 0; j < scores.length; j++) total += scores[j] = Math.exp(scores[j] - top);
  for (let j = 0; j < scores.length; j++) weights[start + j] = scores[j] / total;
}

/** One weight. In maps of the whole model a token's own was sent separately, and exactly. */
export function weightAt({ table, unit, self }, size, row, i) {
  return self && row % size === i ? self[row] : table[row * size + i] * unit[row];
}

/** How far `weightAt` may be from the true weight. */
export function doubtAt({ table, unit, self, rel, inSteps }, size, row, i) {
  const entry = table[row * size + i];
  const weight = entry * unit[row];
  if (self && row % size === i) return DOUBT * self[row];
  if (!inSteps) return (DOUBT + rel[row]) * weight;
  const most = entry === inSteps - 1 ? 1.002 : 0.501; // the last but one may stand for a whole step more
  return DOUBT * weight + most * unit[row];
}

/** The place of a row's largest weight. Among bytes it alone has all steps. */
export function largestAt({ table, argmax, inSteps }, size, row) {
  return argmax ? argmax[row] : table.indexOf(inSteps, row * size) - row * size;
}

/** Of a model that answers from all its patches: the mean of their rows, one for each map. */
function meanRows(source, { size, prefix }) {
  const maps = source.table.length / (size * size);
  const patches = size - prefix;
  const rows = new Float32Array(maps * size);
  const doubts = new Float32Array(maps * size);
  for (let map = 0; map < maps; map++) {
    for (let row = map * size + prefix; row < (map + 1) * size; row++) {
      for (let i = 0; i < size; i++) {
        rows[map * size + i] += weightAt(source, size, row, i) / patches;
        doubts[map * size + i] += doubtAt(source, size, row, i) / patches;
      }
    }
  }
  return { meanRows: rows, meanDoubts: doubts };
}

/** 0, 1, 2, 3, ... as 0, -1, 1, -2, ... */
function unzigzag(n) {
  return (n >>> 1) ^ -(n & 1);
}

/** {q, k, queryDoubt}: the factors are queries and keys, in steps; (maps, N, headDim). */
function queriesKeys(a, b, { factors, heads, layers, headDim }, size) {
  const tokens = layers * heads * size;
  const vectors = (steps) => {
    const table = new Float32Array(steps.length);
    for (let column = 0, at = 0; column < headDim; column++) {
      for (let token = 0; token < tokens; token++, at++) {
        table[token * headDim + column] = steps[at] * factors.step;
      }
    }
    return table;
  };
  return { q: vectors(a), k: vectors(b), queryDoubt: factors.step / 2 };
}
