// The explorer's pure functions, by node's own runner: `node --test tests/js/`.
// test_javascript.py runs it as a part of pytest.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { deflateSync } from "node:zlib";

// One module, as `script` of host.py makes it, whatever the nearest package.json says of .js files.
const read = (name) => readFileSync(new URL(`../../vitcourse/view/explorer/${name}`, import.meta.url), "utf8");
const [, names] = /SCRIPTS = \((.*?)\n\)/s.exec(read("host.py"));
const source = [...names.matchAll(/"(\w+)"/g)]
  .map(([, name]) => read(`${name}.js`))
  .join("")
  .replace(/^import \{[^}]*\} from "\.\/[^"]*";\n/gm, "");
const folder = mkdtempSync(join(tmpdir(), "explorer-"));
writeFileSync(join(folder, "explorer.mjs"), source);
const js = await import(pathToFileURL(join(folder, "explorer.mjs")));
rmSync(folder, { recursive: true });

const close = (a, b, within = 1e-6) => assert.ok(Math.abs(a - b) <= within, `${a} is not ${b}`);

/** A header and its bytes, made by hand as pack.py makes them: 2 layers, 2 heads, 2 x 3 patches. */
function example(prefix = 1) {
  const [layers, heads, rows, columns] = [2, 2, 2, 3];
  const size = prefix + rows * columns;
  let seed = 1;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const matrix = () =>
    Array.from({ length: size }, () => {
      const row = Array.from({ length: size }, () => random() ** 3);
      const sum = row.reduce((a, b) => a + b);
      return row.map((x) => x / sum);
    });
  const maps = Array.from({ length: layers * heads }, matrix);
  const means = [0, 1].map((layer) =>
    matrix().map((row, i) =>
      row.map((_, j) => (maps[2 * layer][i][j] + maps[2 * layer + 1][i][j]) / 2),
    ),
  );
  const flow = matrix().map((row, i) => row.map((x, j) => (i === j ? 1 + x : x)));
  const sections = {};
  const parts = [];
  let start = 0;
  const add = (name, type, values) => {
    const array = new { float32: Float32Array, int16: Int16Array, uint16: Uint16Array, uint8: Uint8Array }[type](values);
    sections[name] = [type, start, array.length];
    parts.push(Buffer.from(array.buffer));
    start += array.byteLength;
  };
  const all = maps.flat();
  const others = flow.map((row, i) => row.map((x, j) => (i === j ? 0 : x)));
  const top = (row) => Math.max(...row);
  const sum = (row) => row.reduce((a, b) => a + b);
  const entropy = (row) => -sum(row.map((x) => x * Math.log(x)));
  const numbers = (before, table, large = table) => {
    add(before + "max", "float32", large.map(top));
    add(before + "sum", "float32", table.map(sum));
    const shares = table.map((row) => sum([0, ...row.slice(0, prefix)]));
    if (table === flow) add(before + "prefix", "float32", shares);
    else add(before + "prefix", "uint16", shares.map((share) => Math.round(65535 * share)));
  };
  numbers("", all);
  numbers("mean ", means.flat());
  numbers("flow 0 ", flow, others);
  add("flow 0 self", "float32", flow.map((row, i) => row[i]));
  add("flow 1 values", "float32", [1, -2, 3, 0, 0.5, -0.25, 6, 5, 4, 3, 2, 1]);
  const steps = (table) => table.map((row) => Math.round((65535 * entropy(row)) / Math.log(size)));
  add("mean argmax", "uint16", means.flat().map((row) => row.indexOf(top(row))));
  add("entropy", "uint16", steps(all));
  add("mean entropy", "uint16", steps(means.flat()));
  add("flow 0 entropy", "uint16", steps(flow.map((row) => row.map((x) => x / sum(row)))));
  const bytes = (table) =>
    table.flatMap((row) =>
      row.map((x) => (x === top(row) ? 255 : Math.min(254, Math.round((255 * x) / top(row))))),
    );
  add("bytes", "uint8", bytes(all));
  add("flow 0 bytes", "uint8", bytes(others));
  const steps255 = { steps: 255, flowSteps: 255, answer: prefix ? 0 : null };
  const prefixNames = ["class token", "register 1", "register 2"].slice(0, prefix);
  const header = {
    layers, heads, rows, columns, prefix, prefixNames, sections, ...steps255,
    headDim: 2, size: [3, 2], palettes: {},
    classes: [["", "cat", 0.5], ["", "dog", 0.25]],
    flows: [
      { name: "rollout", ofClasses: false, square: true, share: false },
      { name: "gradient x input", ofClasses: true, square: false },
    ],
  };
  return { header, block: padded(parts, sections), maps, means, flow, size };
}

/** One block, and each section where its typed array may begin. */
function padded(parts, sections) {
  let start = 0;
  const aligned = Object.values(sections).map((section, i) => {
    section[1] = start;
    const filled = Buffer.concat([parts[i], Buffer.alloc((4 - (parts[i].length % 4)) % 4)]);
    start += filled.length;
    return filled;
  });
  return Buffer.concat(aligned);
}

function line(data, choice, token, reverse) {
  const values = new Float64Array(data.size);
  const doubts = new Float64Array(data.size);
  js.readLine(data, choice, token, reverse, values, doubts);
  return { values, doubts };
}

test("what zlib packed is unpacked, also from the middle of a buffer", async () => {
  const packed = deflateSync(Buffer.from("abc".repeat(100)));
  const around = new Uint8Array(packed.length + 20);
  around.set(packed, 7);
  const view = new DataView(around.buffer, 7, packed.length);
  assert.equal(Buffer.from(await js.inflate(js.bytesOf(view))).toString(), "abc".repeat(100));
  assert.deepEqual([...js.bytesOf(new Uint8Array([1, 2, 3]).buffer)], [1, 2, 3]);
  assert.deepEqual([...js.bytesOf(new Uint8Array([1, 2, 3]).subarray(1))], [2, 3]);
  const odd = new Uint8Array(9).fill(7).subarray(1);
  assert.equal(js.aligned(odd).byteOffset % 4, 0);
  assert.deepEqual([...js.aligned(odd)], [...odd]);
  assert.deepEqual([...js.fromBase64(" AP+A\n")], [0, 255, 128]);
});

for (const prefix of [0, 1, 3]) {
  test(`rows and columns with ${prefix} prefix tokens`, () => {
    const { header, block, maps, means, flow, size } = example(prefix);
    const data = js.unpack(header, new Uint8Array(block));
    assert.equal(data.size, size);
    for (let layer = 0; layer < 2; layer++) {
      for (let head = 0; head < 3; head++) {
        const map = head === 2 ? means[layer] : maps[2 * layer + head];
        const choice = { flow: -1, layer, head };
        for (let token = 0; token < size; token++) {
          const row = line(data, choice, token, false);
          const column = line(data, choice, token, true);
          for (let i = 0; i < size; i++) {
            close(row.values[i], map[token][i], row.doubts[i] + 1e-12);
            close(column.values[i], map[i][token], column.doubts[i] + 1e-12);
            assert.ok(row.doubts[i] < 0.005);
          }
          const exact = js.rowNumbers(data, choice, token);
          close(exact.max, Math.max(...map[token]));
          assert.equal(exact.argmax, map[token].indexOf(Math.max(...map[token])));
          close(exact.sum, 1);
          const entropy = -map[token].reduce((s, x) => s + x * Math.log(x), 0);
          close(exact.entropy, entropy, exact.entropyDoubt);
          assert.ok(exact.entropyDoubt < 2e-5);
          if (prefix) close(exact.prefix, map[token].slice(0, prefix).reduce((a, b) => a + b), exact.prefixDoubt);
          else assert.equal(exact.prefix, null);
        }
      }
    }
    const row = line(data, { flow: 0, klass: 1 }, 2, false);
    const column = line(data, { flow: 0, klass: 1 }, 2, true);
    for (let i = 0; i < size; i++) {
      close(row.values[i], flow[2][i], row.doubts[i] + 1e-12);
      close(column.values[i], flow[i][2], column.doubts[i] + 1e-12);
    }
    close(row.doubts[2], 0); // its own weight is exact
    const flat = line(data, { flow: 1, klass: 1 }, 2, false).values;
    assert.deepEqual([...flat.slice(prefix)], [6, 5, 4, 3, 2, 1]);
    assert.ok(flat.slice(0, prefix).every(Number.isNaN));
    assert.equal(js.rowNumbers(data, { flow: 1, klass: 1 }, 2), null);
    delete header.sections.sum; // left out where all are 1
    const noSums = js.unpack(header, new Uint8Array(block));
    assert.equal(js.rowNumbers(noSums, { flow: -1, layer: 0, head: 1 }, 2).sum, 1);
  });
}

test("attention made of factors, as coding.py makes them", () => {
  const { header } = example(1);
  const size = 7;
  const [columns, maps] = [2, 4];
  const zigzag = (n) => (n < 0 ? -2 * n - 1 : 2 * n);
  const steps = (seed) => Array.from({ length: columns * maps * size }, (_, i) => ((i * seed) % 401) - 200);
  const [a, b] = [steps(7919), steps(104729)];
  const parts = {
    a: ["uint16", Uint16Array.from(a, zigzag)],
    b: ["uint16", Uint16Array.from(b, zigzag)],
    scale: ["float32", Float32Array.from({ length: columns * maps }, (_, i) => 1e-4 * (i + 1))],
    doubt: ["uint8", new Uint8Array(maps * size).fill(3)],
    argmax: ["uint16", new Uint16Array(maps * size)],
    max: ["float32", new Float32Array(maps * size).fill(1)],
    entropy: ["uint16", new Uint16Array(maps * size)],
    prefix: ["uint16", new Uint16Array(maps * size)],
  };
  let start = 0;
  const sections = {};
  const whole = Buffer.concat(
    Object.entries(parts).map(([name, [type, values]]) => {
      sections[name] = [type, start, values.length];
      const bytes = Buffer.from(values.buffer);
      start += bytes.length;
      const width = values.BYTES_PER_ELEMENT;
      // as `join` shuffles them: all first bytes, then all second ones
      return Buffer.from(bytes.map((_, i) => bytes[(i % values.length) * width + Math.floor(i / values.length)]));
    }),
  );
  const factored = { ...header, sections, flows: [], factors: { columns, unit: 0.001, step: 0.5 } };
  const bytes = js.unshuffled(factored, new Uint8Array(whole));
  const data = js.unpack(factored, bytes);
  for (const [map, i] of [[0, 0], [3, 6], [2, 1]]) {
    const scores = Array.from({ length: size }, (_, j) =>
      [0, 1].reduce((sum, c) => {
        const at = (c * maps + map) * size;
        return sum + 1e-4 * (c * maps + map + 1) * a[at + i] * b[at + j];
      }, 0),
    );
    const powers = scores.map(Math.exp);
    const total = powers.reduce((x, y) => x + y);
    for (let j = 0; j < size; j++) {
      const weight = js.weightAt(data.maps, size, map * size + i, j);
      close(weight, powers[j] / total, 1e-6);
      close(js.doubtAt(data.maps, size, map * size + i, j), weight * (0.003 + 1.5e-7), 1e-9);
    }
    // The factors are queries and keys, in halves.
    close(js.stepInputs(data, Math.floor(map / 2), map % 2, i, 0).q[1], a[(maps + map) * size + i] / 2);
  }
  assert.equal(data.queryDoubt, 0.25);
});

for (const prefix of [0, 3]) {
  test(`the mean of all patches as the one who asks, ${prefix} prefix tokens`, () => {
    const { header, block, maps, flow, size } = example(prefix);
    const data = js.unpack({ ...header, answer: null }, new Uint8Array(block));
    assert.equal(data.chips[0], size);
    const mean = (table) => table.slice(prefix).reduce((sum, x) => sum + x) / (size - prefix);
    for (const [choice, map] of [[{ flow: -1, layer: 1, head: 0 }, maps[2]], [{ flow: 0, klass: 0 }, flow]]) {
      const [row, column] = [line(data, choice, size, false), line(data, choice, size, true)];
      for (let i = 0; i < size; i++) {
        close(row.values[i], mean(map.map((weights) => weights[i])), row.doubts[i] + 1e-6);
        close(column.values[i], mean(map[i]), column.doubts[i] + 1e-6);
        assert.ok(row.doubts[i] < 0.005 && column.doubts[i] < 0.01);
      }
      assert.equal(js.rowNumbers(data, choice, size), null);
    }
    const [values, largest] = [new Float32Array(36), new Float32Array(6)];
    for (const reverse of [false, true]) {
      js.readMosaic(data, size, reverse, values, largest);
      const single = line(data, { flow: -1, layer: 1, head: 0 }, size, reverse);
      for (let i = 0; i < 6; i++) close(values[18 + i], single.values[prefix + i], 1e-6);
    }
  });
}

test("the tokens themselves: lens and components", () => {
  const lens = {
    questions: 2, step: 1 / 65535, doubt: 0.501 / 65535,
    names: [["what", "cat"], ["where", "left"], ["what", "dog"]],
    shares: Uint16Array.from({ length: 2 * 4 * 2 }, (_, i) => 1000 * i),
    best: Uint16Array.from({ length: 2 * 4 * 2 }, (_, i) => (i % 2 ? 1 : i > 8 ? 2 : 0)),
    bestShares: new Uint16Array(16).fill(65535),
  };
  const data = { lens, size: 4, prefix: 1, patches: 3, classes: [[], []] };
  const [values, doubts] = [new Float64Array(4), new Float64Array(4)];
  js.readLens(data, 1, 1, values, doubts);
  assert.deepEqual([...values].map((p) => Math.round(p * 65535)), [9000, 11000, 13000, 15000]);
  assert.deepEqual(js.lensAnswers(data, 1, 2), [["what", "dog", "> 99.99 %"], ["where", "left", "> 99.99 %"]]);
  data.components = {
    largest: [[1, 2, 3], [32767, 1, 1]], step: 1 / 32767,
    steps: Int16Array.from({ length: 18 }, (_, i) => 100 * (i % 9) - 300),
  };
  js.readComponent(data, 1, 0, values, doubts);
  assert.ok(Number.isNaN(values[0]));
  assert.deepEqual([...values.slice(1)].map(Math.round), [-300, 0, 300]);
  close(doubts[1], 0.5, 0.01);
  const pixels = new Uint32Array(3);
  js.paintComponents(pixels, data, 1);
  assert.deepEqual([...pixels].map((p) => p.toString(16)), ["ff000000", "ff808080", "ffffffff"]);
});

test("the tour: at most ten steps, each with something to see", () => {
  for (const prefix of [0, 1, 3]) {
    const { header, block } = example(prefix);
    const data = js.unpack(header, new Uint8Array(block));
    const steps = js.tourSteps(data);
    assert.ok(steps.length >= 7 && steps.length <= 10);
    assert.equal(steps[0].title, "A patch");
    assert.match(steps[0].text, /2 rows and 3 columns/);
    assert.equal(steps.at(-1).set, null); // as it was
    for (const { text, target } of steps) {
      assert.doesNotMatch(text, /NaN|undefined|null|Infinity/);
      assert.ok(text.length < 400 && target);
    }
    const { query, layer, head } = steps[1].set;
    const row = js.rowNumbers(data, { flow: -1, layer, head }, query);
    assert.ok(steps[2].text.includes(js.tokenName(row.argmax, data)));
    assert.match(steps.find(({ title }) => title === "The answer").text, /answers cat with 50.00 %/);
    const without = js.tourSteps({ ...data, classes: [], flows: [] });
    assert.ok(!without.some(({ title }) => title === "The answer"));
  }
});

test("the mosaic has the same numbers as the single maps", () => {
  const { header, block } = example(1);
  const data = js.unpack(header, new Uint8Array(block));
  const values = new Float32Array(6 * 6);
  const largest = new Float32Array(6);
  for (const reverse of [false, true]) {
    js.readMosaic(data, 4, reverse, values, largest);
    for (let map = 0; map < 6; map++) {
      const choice = { flow: -1, layer: Math.floor(map / 3), head: map % 3 };
      const single = line(data, choice, 4, reverse);
      for (let i = 0; i < 6; i++) close(values[6 * map + i], single.values[1 + i], single.doubts[1 + i] + 0.002);
      close(largest[map], Math.max(...values.slice(6 * map, 6 * map + 6)));
    }
  }
});

test("only digits that are sure are shown", () => {
  assert.equal(js.sureDigits(3.2601, 3.2699), "3.3");
  assert.equal(js.sureDigits(3.261, 3.264), "3.26");
  assert.equal(js.sureDigits(3.2449, 3.2451), "3.2");
  assert.equal(js.sureDigits(0.4999, 0.5001), "0.50");
  assert.equal(js.sureDigits(4.44, 4.56), "≈ 4.5");
  assert.equal(js.sureDigits(-0.01, 0.021), "< 0.03");
  assert.equal(js.sureDigits(0, 0), "0.00");
  assert.equal(js.sureDigits(-0.0001, 0.0001), "0.00");
  assert.equal(js.sureDigits(-1.25, -1.25), "−1.25");
  assert.equal(js.sureDigits(-1.301, -1.299), "−1.30");
  assert.equal(js.sureDigits(99, 100.2, 2), "≈ 100");
  for (let n = 0; n < 2000; n++) {
    const [middle, doubt] = [Math.random() * 10, 10 ** -(4 * Math.random())];
    const truth = middle + (2 * Math.random() - 1) * doubt;
    const text = js.sureDigits(Math.max(0, middle - doubt), middle + doubt);
    if (text.startsWith("<") || text.startsWith("≈")) continue;
    assert.equal(text, Math.max(0, truth).toFixed(text.split(".")[1]?.length ?? 0));
  }
});

test("probabilities and their changes", () => {
  assert.equal(js.probability(0.123456), "12.35 %");
  assert.equal(js.probability(1), "100.00 %");
  assert.equal(js.probability(0.999999), "> 99.99 %");
  assert.equal(js.probability(0), "0.00 %");
  assert.equal(js.probability(1e-9), "< 0.01 %");
  assert.equal(js.shown(0.0327, 0.0327, true), "3.27 %");
  assert.equal(js.shown(0.0327, 0.0327, false), "0.0327");
  assert.equal(js.shown(0.0327, 0.0327, false, 0.5), "0.033");
  assert.equal(js.tick(0.0327, true), "3.3 %");
  assert.equal(js.tick(-6.5653, false), "−6.6");
  assert.equal(js.tick(0, false), "0");
});

test("a probability that is not exact: only its sure digits", () => {
  const texts = [[0.5, 0], [0.854449, 8e-6], [0.123, 0.002], [0.99999, 1e-5], [0, 8e-6], [0.445, 0.01]];
  assert.deepEqual(texts.map(([p, doubt]) => js.sureProbability(p, doubt)), [
    "50.00 %", "85.4 %", "≈ 12.3 %", "> 99.99 %", "< 0.01 %", "≈ 44.5 %",
  ]);
});

test("digits fit the scale that a number is read on", () => {
  assert.equal(js.shown(0.000082, 0.000082, false, 0.00011), "0.000082");
  assert.equal(js.shown(0.000021, 0.000028, false, 0.00011), "≈ 0.00002");
  assert.equal(js.shown(0, 0.000004, false, 0.00011), "< 0.000004");
  assert.equal(js.shown(0.000082, 0.000082, false, 0.4), "0.000");
  assert.equal(js.shown(0.0000123, 0.0000123, true, 0.00002), "0.00123 %");
  assert.equal(js.shown(0.9, 0.9, true, 0.00002), "90.00 %");
  assert.equal(js.shown(1.234e-9, 1.234e-9, false, 2e-9), "1.23 × 10^−9");
  assert.equal(js.shown(-1.234e-9, -1.234e-9, false, 2e-9), "−1.23 × 10^−9");
  assert.equal(js.shown(0, 0, false, 2e-9), "0");
  assert.equal(js.tick(0.00011, false), "0.00011");
  assert.equal(js.tick(-1.1e-9, false), "−1.10 × 10^−9");
  // Whatever the scale, a number that lies well on it is not shown as zero.
  for (let exponent = 0; exponent > -15; exponent--) {
    const scale = 3 * 10 ** exponent;
    for (const share of [true, false]) {
      const text = js.shown(scale / 10, scale / 10, share, scale);
      assert.match(text, /[1-9]/, `${scale}: ${text}`);
      assert.ok(text.length < 20, text);
    }
  }
});

test("a change is what the numbers beside it give", () => {
  const texts = (before, now) => Object.values(js.change(before, now));
  assert.deepEqual(texts(0.5, 0.25), ["50.00 %", "25.00 %", "−25.00"]);
  assert.deepEqual(texts(0.25, 0.5), ["25.00 %", "50.00 %", "+25.00"]);
  assert.deepEqual(texts(0.998662, 0.998944), ["99.866 %", "99.894 %", "+0.028"]);
  assert.deepEqual(texts(0.5, 0.49999999), ["50.00 %", "50.00 %", "0.00"]);
  assert.deepEqual(texts(1, 0.9999999), ["100.00 %", "> 99.99 %", "0.00"]);
  assert.deepEqual(texts(0.999999, 0.99995), ["99.9999 %", "99.9950 %", "−0.0049"]);
  for (let n = 0; n < 2000; n++) {
    const before = Math.random();
    const now = Math.min(1, Math.max(0, before + (Math.random() - 0.5) * 10 ** (-4 * Math.random())));
    const { before: was, now: is, points } = js.change(before, now);
    if (/[<>]/.test(was + is)) continue;
    const apart = parseFloat(is) - parseFloat(was);
    const decimals = points.split(".")[1].length;
    assert.equal(parseFloat(points.replace("−", "-")).toFixed(decimals), (apart || 0).toFixed(decimals).replace("-0.0000", "0.0000"));
  }
});

test("which patch is at a place", () => {
  assert.equal(js.patchAt(0, 0, 300, 200, 2, 3), 0);
  assert.equal(js.patchAt(299.9, 199.9, 300, 200, 2, 3), 5);
  assert.equal(js.patchAt(100, 99.9, 300, 200, 2, 3), 1);
  assert.equal(js.patchAt(99.9, 100, 300, 200, 2, 3), 3);
  for (const [x, y] of [[-1, 0], [0, -1], [300, 0], [0, 200], [NaN, 0]]) {
    assert.equal(js.patchAt(x, y, 300, 200, 2, 3), -1);
  }
});

test("keys move over prefix tokens and patches, and stop at the edges", () => {
  const layout = { chips: [0, 1], prefix: 2, rows: 2, columns: 3 };
  const move = (token, key) => js.tokenMove(token, key, layout);
  assert.deepEqual(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((k) => move(0, k)), [0, 1, 0, 2]);
  assert.deepEqual(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((k) => move(1, k)), [0, 1, 1, 3]);
  assert.deepEqual(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((k) => move(4, k)), [3, 4, 1, 7]);
  assert.deepEqual(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((k) => move(6, k)), [5, 7, 3, 6]);
  assert.deepEqual(["Home", "End", "PageUp", "PageDown"].map((k) => move(6, k)), [5, 7, 1, 6]);
  assert.deepEqual(["Home", "End", "PageDown"].map((k) => move(1, k)), [0, 1, 6]);
  assert.equal(move(0, "a"), null);
  // Every token is reached, and no key leaves the tokens, with 0, 1, or 5 prefix tokens, and where
  // the mean of all patches (token N) stands before them.
  for (const prefix of [0, 1, 5]) {
    for (const mean of [false, true]) {
      const chips = [...(mean ? [prefix + 6] : []), ...Array.from({ length: prefix }, (_, i) => i)];
      const reached = new Set([prefix]);
      for (const token of reached) {
        for (const key of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"]) {
          const to = js.tokenMove(token, key, { ...layout, prefix, chips });
          assert.ok(Number.isInteger(to) && to >= 0 && to < prefix + 6 + mean, `${token} ${key} ${to}`);
          reached.add(to);
        }
      }
      assert.equal(reached.size, prefix + 6 + mean);
    }
  }
});

test("keys move over the mosaic", () => {
  assert.deepEqual(js.tableMove([0, 0], "ArrowDown", 4, 5), [1, 0]);
  assert.deepEqual(js.tableMove([3, 4], "ArrowDown", 4, 5), [3, 4]);
  assert.deepEqual(js.tableMove([2, 2], "Home", 4, 5), [2, 0]);
  assert.deepEqual(js.tableMove([2, 2], "PageDown", 4, 5), [3, 2]);
  assert.equal(js.tableMove([2, 2], "Tab", 4, 5), null);
});

test("names", () => {
  const layout = { prefix: 2, columns: 3, size: 8, prefixNames: ["class token", "distillation token"] };
  assert.deepEqual([0, 1, 2, 7, 8].map((t) => js.tokenName(t, layout)), [
    "class token", "distillation token", "row 1, column 1", "row 2, column 3", "mean of all patches",
  ]);
  const data = { heads: 2, flows: [{ name: "rollout" }, { name: "relevance", ofClasses: true }], classes: [["", "cat", 1]] };
  assert.equal(js.mapName({ flow: -1, layer: 3, head: 2 }, data), "layer 3, mean of the heads");
  assert.equal(js.mapName({ flow: -1, layer: 3, head: 1 }, data), "layer 3, head 1");
  assert.equal(js.mapName({ flow: 0, klass: 0 }, data), "rollout");
  assert.equal(js.mapName({ flow: 1, klass: 0 }, data), "relevance for cat");
});

test("colours", () => {
  const palette = js.paletteOf("440154" + "fde725");
  const memory = new Uint8Array(palette.buffer);
  assert.deepEqual([...memory], [0x44, 0x01, 0x54, 255, 0xfd, 0xe7, 0x25, 255]);
  assert.deepEqual(js.inkOn(palette[0]), "#fff");
  assert.deepEqual(js.inkOn(palette[1]), "#000");
  assert.deepEqual([-1, 0, 0.5, 1, 2].map((v) => js.colourIndex(v, 0, 1)), [0, 0, 128, 255, 255]);
  assert.equal(js.colourIndex(0, -3, 3), 128);
  assert.equal(js.colourIndex(1, 0, 0), 0);
  assert.equal(js.colourIndex(NaN, 0, 1), 0);
  const ramp = Uint32Array.from({ length: 256 }, (_, i) => i);
  const pixels = new Uint32Array(12).fill(999);
  js.paint(pixels, 1, 4, [9, 0, 0.5, 1, 2, -1, 0.25], 1, 6, 3, 0, 1, ramp);
  assert.deepEqual([...pixels], [999, 0, 128, 255, 999, 255, 0, 64, 999, 999, 999, 999]);
  assert.deepEqual(js.scaleOf([9, 1, 2], 1), [0, 2]);
  assert.deepEqual(js.scaleOf([9, 1, -3], 1), [-3, 3]);
  assert.deepEqual(js.scaleOf([1, 5, 2], 0, 1), [0, 2]);
});

test("bytes are painted in the colours of the numbers that they stand for", () => {
  const palette = Uint32Array.from({ length: 256 }, (_, i) => 7 * i);
  const shades = js.shadesOf(palette);
  const rows = [[9, 255, 0, 17, 128, 254, 3], [9, 40, 0, 39, 7, 20, 3], [9, 0, 0, 0, 0, 0, 0]]; // 9: a prefix token
  for (const [number, row] of rows.entries()) {
    const unit = 0.001 * (number + 1);
    const [bytes, values] = [Uint8Array.from(row), row.map((byte) => byte * unit)];
    const [asBytes, asNumbers] = [new Uint32Array(10), new Uint32Array(10)];
    const sum = new Float64Array(6).fill(1);
    js.paintBytes(asBytes, 1, 4, bytes, 1, 6, 3, unit, sum, shades);
    js.paint(asNumbers, 1, 4, values, 1, 6, 3, 0, Math.max(...values.slice(1)), palette);
    assert.deepEqual(asBytes, asNumbers);
    sum.forEach((total, i) => close(total, 1 + values[1 + i], 1e-12));
  }
});

test("what has not changed is not drawn again", () => {
  const changed = js.watch();
  const palette = {};
  const asked = [[1, false, palette], [1, false, palette], [1, true, palette], [1, true, {}], [1]];
  assert.deepEqual(asked.map((now) => changed(...now)), [true, false, true, true, true]);
});

test("one weight, step by step", () => {
  const data = {
    size: 3, heads: 1, headDim: 2, queryDoubt: 0.01,
    q: Float32Array.from([1, 2, 0, 0, 0, 0]),
    k: Float32Array.from([1, 1, 2, 0, 0, -1]),
  };
  const inputs = js.stepInputs(data, 0, 0, 0, 1);
  assert.deepEqual(inputs, { q: [1, 2], k: [2, 0], scores: [3, 2, -2], queryDoubt: 0.01 });
  const steps = js.stepNumbers(inputs, 1);
  assert.deepEqual(steps.products, [2, 0]);
  assert.equal(steps.score, 2);
  // q and k may each be off by 0.01: (1 +- 0.01)(2 +- 0.01) + (2 +- 0.01)(0 +- 0.01) at worst.
  close(steps.scoreDoubt, 1.01 * 2.01 + 2.01 * 0.01 - 2, 1e-12);
  close(steps.scaled, 2 / Math.SQRT2);
  const total = [3, 2, -2].reduce((s, x) => s + Math.exp(x / Math.SQRT2), 0);
  close(steps.weight, Math.exp(2 / Math.SQRT2) / total, 1e-12);
  // Scores beyond what e^x can hold.
  const large = js.stepNumbers({ q: [1], k: [1], scores: [5000, 4999] }, 0);
  close(large.weight, 1 / (1 + Math.exp(-1)), 1e-12);
});
