// From bytes to typed arrays, once: the twin of coding.py.
//
// Attention comes as a byte for each weight or as factors to be multiplied out. Either way it
// becomes float32 weights, with a bound for the error of each row: `abs`, or `rel` of the weight.

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
  else fromBytes(maps, section("bytes"), header.steps, size);
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
      fromBytes(source, section(`flow ${i} bytes`), header.flowSteps, size);
      return { ...flow, ...ready(withSelf(source, section(`flow ${i} self`), size)) };
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
    entropy: Float64Array.from(section(`${before}entropy`) ?? [], (steps) => steps * entropyStep),
    entropyDoubt: 0.501 * entropyStep,
    prefix: inSteps ? Float64Array.from(prefix, (steps) => steps / SHARE_STEPS) : prefix,
    prefixDoubt: inSteps ? 0.501 / SHARE_STEPS : 0,
    abs: null,
    rel: null,
  };
}

/** A byte is a weight in `steps`-ths of its row's largest, and that alone has them all. */
function fromBytes(source, bytes, steps, size) {
  const rows = bytes.length / size;
  Object.assign(source, {
    weights: new Float32Array(bytes.length),
    abs: new Float32Array(rows),
    argmax: new Uint16Array(rows),
    nearTop: 1 - 1.5 / steps, // here a byte may stand for up to one step more
  });
  for (let row = 0; row < rows; row++) {
    const step = source.max[row] / steps;
    source.abs[row] = 0.501 * step;
    const start = row * size;
    for (let i = 0; i < size; i++) {
      const byte = bytes[start + i];
      source.weights[start + i] = byte * step;
      if (byte === steps) source.argmax[row] = i;
    }
  }
}

/** Each map is the softmax of the sum over columns of scale * a * b. */
function fromFactors(source, a, b, scale, doubt, { columns, unit }, size) {
  const maps = doubt.length / size;
  const scores = new Float64Array(size);
  source.weights = new Float32Array(maps * size * size);
  source.rel = Float32Array.from(doubt, (steps) => steps * unit);
  for (let map = 0; map < maps; map++) {
    for (let i = 0; i < size; i++) {
      scores.fill(0);
      for (let column = 0; column < columns; column++) {
        const from = (column * maps + map) * size;
        const factor = a[from + i] * scale[column * maps + map];
        for (let j = 0; j < size; j++) scores[j] += factor * b[from + j];
      }
      softmaxInto(source.weights, (map * size + i) * size, scores);
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

/** In maps of the whole model a token's own weight was sent separately, and exactly. */
function withSelf(source, self, size) {
  for (let row = 0; row < self.length; row++) source.weights[row * size + (row % size)] = self[row];
  return Object.assign(source, { self });
}

/** Of a model that answers from all its patches: the mean of their rows, one for each map. */
function meanRows(source, { size, prefix }) {
  const maps = source.weights.length / (size * size);
  const patches = size - prefix;
  const rows = new Float32Array(maps * size);
  const doubts = new Float32Array(maps * size);
  for (let map = 0; map < maps; map++) {
    for (let row = map * size + prefix; row < (map + 1) * size; row++) {
      for (let i = 0; i < size; i++) {
        const weight = source.weights[row * size + i];
        rows[map * size + i] += weight / patches;
        doubts[map * size + i] += doubtOf(source, row, weight) / patches;
      }
    }
  }
  return { meanRows: rows, meanDoubts: doubts };
}

/** How far a weight of this row may be from the true one. */
export function doubtOf(source, row, weight) {
  let doubt = DOUBT * weight;
  if (source.rel) doubt += source.rel[row] * weight;
  if (source.abs) doubt += weight > source.nearTop * source.max[row] ? 2 * source.abs[row] : source.abs[row];
  return doubt;
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
