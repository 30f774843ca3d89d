// The attention explorer in the browser: first pure functions, then the two hosts.
//
// A token is a number: prefix tokens (class token, registers) first, then patches in raster order.
// A weight is known by its byte, in 255ths of its row's largest: a value and half a step of doubt.

// Bytes and numbers ------------------------------------------------------------------------------

const TYPES = {
  float32: Float32Array,
  int32: Int32Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
};
const ENTROPY_STEPS = 65535;
const STEPS = 255;
const DOUBT = 1.5e-7; // of a float32, relative
const READABLE = 7; // decimals
const MOST_OF_A_CHANGE = 4; // decimals

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

/** What zlib.compress of Python has packed. */
export async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The same bytes where a typed array may begin: a message's buffer begins anywhere. */
export function aligned(bytes) {
  return bytes.byteOffset % 4 ? bytes.slice() : bytes;
}

/** Header and plain bytes as typed arrays: layers x heads maps, their rows' numbers, flows. */
export function unpack(header, bytes) {
  const section = (name) => {
    const entry = header.sections[name];
    if (!entry) return null;
    const [type, start, count] = entry;
    return new TYPES[type](bytes.buffer, bytes.byteOffset + start, count);
  };
  const numbers = (prefix) =>
    Object.fromEntries(
      ["max", "sum", "entropy", "prefix", "self", "argmax"].map((n) => [n, section(prefix + n)]),
    );
  return {
    ...header,
    size: header.prefix + header.rows * header.columns,
    patches: header.rows * header.columns,
    pixels: header.size,
    bytes: section("bytes"),
    exact: numbers(""),
    mean: numbers("mean "),
    q: section("q"),
    k: section("k"),
    flows: header.flows.map((flow, i) => ({
      ...flow,
      bytes: section(`flow ${i} bytes`),
      values: section(`flow ${i} values`),
      ...numbers(`flow ${i} `),
    })),
  };
}

/** How many decimals show three digits of a number, or of the scale it is read on if that is
 * larger; never fewer than `least`.
 */
export function decimalsFor(value, scale = 0, least = 2) {
  const size = Math.max(Math.abs(value), Math.abs(scale));
  return size > 0 ? Math.max(least, 2 - Math.floor(Math.log10(size))) : least;
}

/** Shown text for a number that lies from low to high: only digits that are sure.
 *
 * Both ends are rounded to the same text, so the number itself would be. Where not even that can
 * be said, "≈" stands before it; where it is less than anything that could be told, "< ". Numbers
 * with more decimals than can be read go on as `small`.
 */
export function sureDigits(low, high, most = 2, least = 0) {
  if (low > high) [low, high] = [high, low];
  if (most > READABLE) return small(low, high, most);
  if (low <= 0 && high > 10 ** -most / 2) {
    return "< " + (Math.ceil(high * 10 ** most) / 10 ** most).toFixed(most);
  }
  for (let d = most; d >= least; d--) {
    const text = minus(low.toFixed(d));
    const hides = Number(text) === 0 && low > 0 && d < most; // fewer digits would only say zero
    if (text === minus(high.toFixed(d)) && !hides) return text;
  }
  const digits = Math.max(least, Math.min(most, Math.floor(-Math.log10((high - low) / 2))));
  return "≈ " + minus(((low + high) / 2).toFixed(digits));
}

/** The same for a number far below one: its sure digits times a power of ten. */
function small(low, high, most) {
  const exponent = most - 2;
  const text = sureDigits(low * 10 ** exponent, high * 10 ** exponent);
  return Number(text) === 0 ? "0" : `${text} × 10^−${exponent}`;
}

/** A true minus sign, and no minus before zero. */
export function minus(text) {
  if (Number(text) === 0) text = text.replace("-", "");
  return text.replace("-", "−");
}

/** A number that came as float32 from float64: its sure digits. */
export function fromFloat32(value, most) {
  const doubt = Math.abs(value) * DOUBT;
  return sureDigits(value - doubt, value + doubt, most);
}

/** A number in words: percent of a row, or a bare number where rows do not sum to 1. `scale` is
 * the end of the scale it is read on.
 */
export function shown(low, high, share, scale = 0) {
  const [factor, least] = share ? [100, 2] : [1, 3];
  const most = decimalsFor((factor * (low + high)) / 2, factor * scale, least);
  return sureDigits(factor * low, factor * high, most) + (share ? " %" : "");
}

/** A probability; 100.00 % and 0.00 % only where they are meant. */
export function probability(p, decimals = 2) {
  const text = (100 * p).toFixed(decimals);
  if (p < 1 && Number(text) === 100) return `> 99.${"9".repeat(decimals)} %`;
  if (p > 0 && Number(text) === 0) return `< ${(10 ** -decimals).toFixed(decimals)} %`;
  return `${text} %`;
}

/** Two probabilities and their difference in percentage points: { before, now, points }.
 *
 * The difference is what the shown numbers give. Where that would leave it fewer than two digits,
 * all three get more decimals.
 */
export function change(before, now) {
  const rounded = (p, decimals) => Number((100 * p).toFixed(decimals));
  const apart = (decimals) => rounded(now, decimals) - rounded(before, decimals);
  let decimals = 2;
  while (decimals < MOST_OF_A_CHANGE && Math.abs(apart(decimals)) < 9.5 * 10 ** -decimals) decimals++;
  if (rounded(now, decimals) === rounded(before, decimals)) decimals = 2;
  const text = apart(decimals).toFixed(decimals);
  return {
    before: probability(before, decimals),
    now: probability(now, decimals),
    points: apart(decimals) > 0 ? `+${text}` : minus(text),
  };
}

// Places -----------------------------------------------------------------------------------------

/** The patch at (x, y) of a picture of this width and height; -1 outside. */
export function patchAt(x, y, width, height, rows, columns) {
  if (!(x >= 0 && y >= 0 && x < width && y < height)) return -1;
  return Math.floor((y / height) * rows) * columns + Math.floor((x / width) * columns);
}

/** Where a key leads from a token; null if the key is not for us.
 *
 * Prefix tokens stand in a line of their own above the patches. Home and End: ends of the line;
 * Page Up and Page Down: first and last line.
 */
export function tokenMove(token, key, { prefix, rows, columns }) {
  const last = prefix + rows * columns - 1;
  const inPrefix = token < prefix;
  const patch = token - prefix;
  const column = inPrefix ? token : patch % columns;
  const bottom = last - columns + 1;
  switch (key) {
    case "ArrowLeft":
      return column > 0 ? token - 1 : token;
    case "ArrowRight":
      return column < (inPrefix ? prefix : columns) - 1 ? token + 1 : token;
    case "ArrowUp":
      if (inPrefix) return token;
      if (patch >= columns) return token - columns;
      return prefix ? Math.min(column, prefix - 1) : token;
    case "ArrowDown":
      if (inPrefix) return prefix + Math.min(column, columns - 1);
      return token + columns <= last ? token + columns : token;
    case "Home":
      return token - column;
    case "End":
      return inPrefix ? prefix - 1 : token - column + columns - 1;
    case "PageUp":
      return prefix ? Math.min(column, prefix - 1) : column;
    case "PageDown":
      return bottom + Math.min(column, columns - 1);
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

/** How people call a token. Rows, columns and registers count from 1, as people do. */
export function tokenName(token, { prefix, columns }) {
  if (token < prefix) return token === 0 ? "class token" : `register ${token}`;
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
 * at it) of a map, as `values` with half a step of doubt each in `doubts`. Both hold N numbers.
 *
 * choice: {flow: -1, layer, head} with head = heads for their mean, or {flow, klass}. A flow that
 * is one picture whatever the query gives NaN for the prefix tokens.
 */
export function readLine(data, choice, token, reverse, values, doubts) {
  readBytes(data, choice, token, reverse, values, doubts);
  const exact = reverse ? null : rowNumbers(data, choice, token);
  if (!exact) return;
  values[exact.argmax] = exact.max;
  doubts[exact.argmax] = exact.max * DOUBT;
  if (data.prefix === 1) {
    values[0] = exact.prefix;
    doubts[0] = exact.prefix * DOUBT;
  }
}

function readBytes(data, choice, token, reverse, values, doubts) {
  if (choice.flow >= 0) {
    const flow = data.flows[choice.flow];
    const number = flow.ofClasses ? choice.klass : 0;
    if (!flow.square) {
      values.fill(NaN, 0, data.prefix);
      const start = number * data.patches;
      values.set(flow.values.subarray(start, start + data.patches), data.prefix);
      doubts.fill(0);
      return;
    }
    readMap(data.size, flow.bytes, flow.max, number, token, reverse, values, doubts);
    values[token] = flow.self[number * data.size + token];
    doubts[token] = Math.abs(values[token]) * DOUBT;
    return;
  }
  const first = choice.layer * data.heads;
  if (choice.head < data.heads) {
    readMap(data.size, data.bytes, data.exact.max, first + choice.head, token, reverse, values, doubts);
    return;
  }
  const oneHead = new Float64Array(data.size);
  const itsDoubts = new Float64Array(data.size);
  values.fill(0);
  doubts.fill(0);
  for (let head = 0; head < data.heads; head++) {
    readMap(data.size, data.bytes, data.exact.max, first + head, token, reverse, oneHead, itsDoubts);
    for (let i = 0; i < data.size; i++) {
      values[i] += oneHead[i] / data.heads;
      doubts[i] += itsDoubts[i] / data.heads;
    }
  }
}

function readMap(size, bytes, max, number, token, reverse, values, doubts) {
  const rows = number * size;
  for (let i = 0; i < size; i++) {
    const row = rows + (reverse ? i : token);
    const byte = bytes[row * size + (reverse ? token : i)];
    const step = max[row] / STEPS;
    values[i] = byte * step;
    // The largest is exact. Just below it a byte may stand for up to one step more.
    doubts[i] = byte === STEPS ? max[row] * DOUBT : byte === STEPS - 1 ? step : 0.501 * step;
  }
}

/** The exact numbers of one row: {sum, max, argmax, entropy, prefix}; null for bare pictures. */
export function rowNumbers(data, choice, token) {
  let source = data.exact;
  let bytes = data.bytes;
  let number = choice.layer * data.heads + choice.head;
  if (choice.flow >= 0) {
    source = data.flows[choice.flow];
    if (!source.square) return null;
    bytes = source.bytes;
    number = source.ofClasses ? choice.klass : 0;
  } else if (choice.head === data.heads) {
    source = data.mean;
    number = choice.layer;
  }
  const row = number * data.size + token;
  const result = { prefix: null, max: source.max[row], sum: source.sum ? source.sum[row] : 1 };
  const entropyStep = Math.log(data.size) / ENTROPY_STEPS;
  result.entropy = source.entropy[row] * entropyStep;
  result.entropyDoubt = 0.501 * entropyStep;
  if (source.prefix && data.prefix) result.prefix = source.prefix[row];
  result.argmax = source.argmax
    ? source.argmax[row]
    : bytes.subarray(row * data.size, (row + 1) * data.size).indexOf(STEPS);
  return result;
}

/** The patches' weights of all maps of the mosaic for one token: layers x (heads + mean), each
 * `patches` numbers, into `values`; the largest of each map into `largest`. */
export function readMosaic(data, token, reverse, values, largest) {
  const { layers, heads, size, prefix, patches, bytes } = data;
  const { max } = data.exact;
  for (let layer = 0; layer < layers; layer++) {
    const mean = (layer * (heads + 1) + heads) * patches;
    values.fill(0, mean, mean + patches);
    for (let head = 0; head < heads; head++) {
      const rows = (layer * heads + head) * size;
      const start = (layer * (heads + 1) + head) * patches;
      let top = 0;
      if (reverse) {
        for (let i = 0; i < patches; i++) {
          const row = rows + prefix + i;
          const value = (bytes[row * size + token] * max[row]) / STEPS;
          values[start + i] = value;
          values[mean + i] += value;
          if (value > top) top = value;
        }
      } else {
        const from = (rows + token) * size + prefix;
        const step = max[rows + token] / STEPS;
        for (let i = 0; i < patches; i++) {
          const value = bytes[from + i] * step;
          values[start + i] = value;
          values[mean + i] += value;
          if (value > top) top = value;
        }
      }
      largest[layer * (heads + 1) + head] = top;
    }
    let top = 0;
    for (let i = mean; i < mean + patches; i++) {
      values[i] /= heads;
      if (values[i] > top) top = values[i];
    }
    largest[layer * (heads + 1) + heads] = top;
  }
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
  for (let i = 0, x = 0, at = offset; i < count; i++) {
    let index = (values[start + i] - low) * factor + 0.5;
    index = index < 0 ? 0 : index > 255 ? 255 : index | 0;
    pixels[at + x] = palette[index];
    if (++x === columns) {
      x = 0;
      at += stride;
    }
  }
}

/** Black or white, whichever is read better on a colour of `paletteOf`. */
export function inkOn(colour) {
  const [r, g, b] = [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255].map((c) =>
    c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
}

/** A number at a colour bar, in two digits: what was made from bytes is not surer than that. */
export function tick(value, share) {
  const number = Number((share ? 100 * value : value).toPrecision(2));
  const most = decimalsFor(number, 0, 0);
  const text = most > READABLE + 1 ? small(number, number, most) : minus(String(number));
  return text + (share ? " %" : "");
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
  return { q, k: vector(data.k, key), scores };
}

/** {products, score, scaled, total, weight}: softmax over the row, without its largest subtracted
 * as long as that can be computed. */
export function stepNumbers({ q, k, scores }, key) {
  const products = q.map((x, c) => x * k[c]);
  const root = Math.sqrt(q.length);
  const scaled = scores.map((score) => score / root);
  const largest = scaled.reduce((a, b) => Math.max(a, b), -Infinity);
  const shift = Math.abs(largest) > 300 ? largest : 0;
  const total = scaled.reduce((sum, s) => sum + Math.exp(s - shift), 0);
  const power = Math.exp(scaled[key] - shift);
  return {
    products,
    score: scores[key],
    root,
    scaled: scaled[key],
    shift,
    power,
    total,
    weight: power / total,
  };
}

// What is on the page ----------------------------------------------------------------------------

/** An element with attributes, and children: elements or text, never HTML. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

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
    query: prefix ? 0 : Math.floor(rows / 2) * columns + Math.floor(columns / 2),
    held: false,
    key: null, // the kept one, while a query is held
    over: null, // where the pointer or the keyboard is, if not there
    reverse: false,
    shared: false,
    palette: "viridis",
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
    cells[token] = element;
    return element;
  };
  const chips = Array.from({ length: prefix }, () => make("span", { class: "vx-weight" }));
  const prefixRow = make(
    "div",
    { role: "row", class: "vx-prefix" },
    ...chips.map((chip, token) => cell(token, `${tokenName(token, data)} `, chip)),
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
    ...(prefix ? [prefixRow] : []),
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

  // Controls.
  const radios = (name, label, options) =>
    make(
      "fieldset",
      {},
      make("legend", {}, label),
      ...options.map(([value, text], i) =>
        make(
          "label",
          {},
          make("input", { type: "radio", name: `${id}-${name}`, value, checked: i === 0 }),
          make("span", {}, text),
        ),
      ),
    );
  const direction = radios("direction", "Show", [
    ["row", "where it looks"],
    ["column", "who looks at it"],
  ]);
  const scaling = radios("scale", "Colour scale", [
    ["own", "each its own"],
    ["shared", "one for all"],
  ]);
  const colours = radios("palette", "Colours", [
    ["viridis", "viridis"],
    ["cividis", "cividis"],
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
  for (const name of ["sum", "largest", "entropy", "prefix", "pointed"]) {
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
    make("div", { class: "vx-body" }, make("p", { class: "vx-buttons" }, offHead, offPatch, allOn), offSays),
  );

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
      make(
        "div",
        { class: "vx-main" },
        make(
          "div",
          { class: "vx-left" },
          caption,
          board,
          make(
            "div",
            { class: "vx-bar", "aria-hidden": "true" },
            bar,
            make("div", { class: "vx-ticks" }, ...barTicks),
            unit,
          ),
          direction,
          scaling,
          colours,
          strengthLabel,
        ),
        make(
          "div",
          { class: "vx-right" },
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
          ...(data.flows.length
            ? [
                make("p", { class: "vx-heading" }, "All layers together"),
                ...(ofClasses
                  ? [
                      make(
                        "p",
                        { class: "vx-class" },
                        make("label", { for: `${id}-class` }, "for the class "),
                        picker,
                      ),
                    ]
                  : []),
                make("div", { class: "vx-flows" }, ...flowButtons),
              ]
            : []),
          make("p", { class: "vx-heading" }, "In numbers"),
          numbers,
        ),
      ),
      step,
      off,
      live,
    ),
  );

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
  const flat = () => state.flow >= 0 && !data.flows[state.flow].square;
  const isShare = () => state.flow < 0 || data.flows[state.flow].share === true;

  function strongest() {
    let best = 0;
    for (let i = 0; i < size; i++) if (!(values[i] <= values[best])) best = i;
    return best;
  }

  /** The other end: the one pointed at while one is held, else the one with the largest weight. */
  function otherEnd() {
    if (state.held && state.over !== null && state.over !== state.query) return state.over;
    if (state.held && state.key !== null) return state.key;
    const exact = state.reverse ? null : rowNumbers(data, state, state.query);
    return exact ? exact.argmax : strongest();
  }

  function place(frame, token, there) {
    const visible = there && token >= prefix;
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

    readLine(data, state, token, state.reverse, values, doubts);
    let [low, high] = scaleOf(values, prefix, state.flow >= 0 && !flat() ? token : -1);
    if (state.shared && state.flow < 0) high = shared;
    if (state.shared && state.flow >= 0 && data.flows[state.flow].ofClasses) {
      [low, high] = sharedFlowScale(token);
    }
    paint(pixelWords, 0, columns, values, prefix, patches, columns, low, high, palette);
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
    const map = mapName(state, data);
    const name = tokenName(token, data);
    if (flat()) return `${map}: the same for every query`;
    const whose = token < prefix ? `the ${name}` : name;
    return state.reverse ? `Who looks at ${whose}: ${map}` : `Where ${whose} looks: ${map}`;
  }

  function tell(name, term, text) {
    terms[name][0].textContent = term;
    terms[name][1].textContent = text;
    terms[name][0].parentNode.style.display = text ? "" : "none";
  }

  function tellNumbers(token, end) {
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
        prefix > 1 ? "to the prefix tokens" : "to the class token",
        exact.prefix === null ? "" : whole(exact.prefix),
      );
    } else {
      let sum = 0;
      let doubt = 0;
      for (let i = flat() ? prefix : 0; i < size; i++) {
        sum += values[i];
        doubt += doubts[i];
      }
      const best = strongest();
      tell("sum", flat() ? "sum" : "sum of the column", sureDigits(sum - doubt, sum + doubt, decimalsFor(sum, end, flat() ? 3 : 2)));
      tell("largest", flat() ? "largest" : "largest, from", `${doubtful(best)}${flat() ? " at" : ","} ${tokenName(best, data)}`);
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
      element.setAttribute("aria-selected", String(state.held && token === state.query));
      if (!board.contains(document.activeElement)) element.tabIndex = token === focus ? 0 : -1;
      element.classList.toggle("vx-chosen", token < prefix && token === state.query);
      element.classList.toggle("vx-kept", state.held && token < prefix && token === state.key);
      element.classList.toggle("vx-off", state.offPatches.includes(token - prefix) && token >= prefix);
    });
    mosaicCells.forEach((element) => {
      const [layer, head] = element.vxMap;
      const here = layer === state.layer && head === state.head;
      element.tabIndex = here ? 0 : -1;
      element.setAttribute("aria-selected", String(here && state.flow < 0));
      const isOff = state.offHeads.some(([l, h]) => l === layer && h === head);
      element.classList.toggle("vx-off", isOff);
    });
    flowButtons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === state.flow)));
    const palette = palettes[state.palette];
    const stops = Array.from({ length: 17 }, (_, i) => cssColour(palette[Math.min(255, 16 * i)]));
    bar.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
    overlay.style.opacity = strength.value / 100;
    unit.textContent = unitOf();
    const headChosen = state.flow < 0 && state.head < heads;
    offHead.textContent = !headChosen
      ? "Switch off a head: choose one first"
      : `Switch ${has(state.offHeads, [state.layer, state.head]) ? "on" : "off"} layer ${state.layer}, head ${state.head}`;
    const patch = state.query - prefix;
    offPatch.textContent =
      patch < 0
        ? "Switch off a patch: choose one first"
        : `Switch ${state.offPatches.includes(patch) ? "on" : "off"} ${tokenName(state.query, data)}`;
    const may = host.asks.includes("ablate");
    offHead.disabled = !may || !headChosen;
    offPatch.disabled = !may || patch < 0;
    allOn.disabled = !may; // never while it has the focus, which would be lost
    draw();
    if (step.open) showStep();
    if (announce) speak();
  }

  const has = (list, [layer, head]) => list.some(([l, h]) => l === layer && h === head);

  function unitOf() {
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
    if (!state.held) Object.assign(state, { held: true, query: token, key: null });
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
    Object.assign(state, { flow: -1, layer, head });
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
      state.flow = i;
      settle(true);
    }),
  );
  picker.addEventListener("change", () => {
    state.klass = Number(picker.value);
    if (state.flow < 0 || !data.flows[state.flow].ofClasses) {
      state.flow = data.flows.findIndex((flow) => flow.ofClasses);
    }
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
    if (state.flow >= 0 || state.head === heads) {
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
        line("q · k", `${sum} = `, make("b", {}, short(steps.score))),
        line(`divided by √${all.length}`, `${short(steps.score)} / ${short(steps.root)} = `, make("b", {}, short(steps.scaled))),
        line(
          "softmax over the row",
          `${power(steps.scaled)} / (the sum of e^… over all ${size} keys) = ` +
            `${large(steps.power)} / ${large(steps.total)} = `,
          make("b", { class: "vx-result" }, fromFloat32(100 * steps.weight, decimalsFor(100 * steps.weight, 0, 4)), " %"),
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
      { kind: "ablate", heads: state.offHeads, patches: state.offPatches },
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
        make("caption", {}, "The model's answers. The maps above are still those with all on."),
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
  if (!host.asks.includes("ablate")) {
    offSays.append(make("p", {}, host.page ? NO_KERNEL.ablate : NOT_GIVEN.ablate));
  }

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
    mount(root, unpack(header, header.compressed ? await inflate(block) : aligned(block)), host);
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
