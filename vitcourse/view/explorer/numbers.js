// What is shown, in numbers, and what its colours mean.

import { decimalsFor, DOUBT, fromFloat32, shown, sureDigits, tick } from "./digits.js";
import { make, write } from "./elements.js";
import { tellInside } from "./inside.js";
import { cssColour, rowNumbers, tokenName } from "./maps.js";
import { otherEnd, strongest } from "./reading.js";
import { askerOf, isColourful, isFlat, isShare, unitOf } from "./state.js";

const TERMS = ["sum", "largest", "entropy", "prefix", "pointed", "answers"];

/** The colour bar: {part, draw, settle}. */
export function makeBar(data) {
  const colours = make("div", { class: "vx-colours" });
  const ticks = [0, 1, 2].map(() => make("span"));
  const unit = make("div", { class: "vx-unit" });
  const part = make(
    "div",
    { class: "vx-bar", "aria-hidden": "true" },
    colours,
    make("div", { class: "vx-ticks" }, ...ticks),
    unit,
  );
  return {
    part,
    draw(state, { low, high }) {
      const share = isShare(data, state);
      [low, (low + high) / 2, high].forEach((value, i) => write(ticks[i], tick(value, share)));
    },
    settle(state, palette) {
      part.classList.toggle("vx-no-bar", isColourful(state));
      const stops = Array.from({ length: 17 }, (_, i) => cssColour(palette[Math.min(255, 16 * i)]));
      colours.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
      write(unit, unitOf(data, state));
    },
  };
}

/** The list of numbers: {element, draw, inWords}. */
export function makeNumbers(data) {
  const terms = Object.fromEntries(TERMS.map((name) => [name, [make("dt"), make("dd")]]));
  const element = make("dl", { class: "vx-numbers" }, ...TERMS.map((name) => make("div", {}, ...terms[name])));
  const tell = (name, term, text) => {
    write(terms[name][0], term);
    write(terms[name][1], text);
    terms[name][0].parentNode.style.display = text ? "" : "none";
  };
  return {
    element,
    draw(state, reading) {
      if (state.inside) tellTokens(data, state, reading, tell);
      else tellMap(data, state, reading, tell);
    },
    inWords: () =>
      Object.values(terms)
        .filter(([, value]) => value.textContent)
        .map(([term, value]) => `${term.textContent}: ${value.textContent}`)
        .join(". "),
  };
}

function tellTokens(data, state, reading, tell) {
  for (const name of TERMS) tell(name, "", "");
  const over = state.over !== null && state.over < data.size ? state.over : data.answer;
  const named = (i) => tokenName(i, data);
  const end = Math.max(reading.high, -reading.low);
  tellInside(data, state, { over, best: strongest(data, state, reading), ...reading, end, named }, tell);
}

function tellMap(data, state, reading, tell) {
  const { values, doubts, low, high } = reading;
  const flat = isFlat(data, state);
  const end = Math.max(high, -low);
  const doubtful = (i) => shown(values[i] - doubts[i], values[i] + doubts[i], isShare(data, state), end);
  const exact = state.reverse ? null : rowNumbers(data, state, askerOf(state));
  tell("answers", "", "");
  if (exact) tellRow(data, state, exact, end, tell);
  else tellSum(data, state, reading, { end, doubtful }, tell);
  const over = flat ? state.over : state.held ? otherEnd(data, state, reading) : null;
  const there = over !== null && !Number.isNaN(values[over]);
  const text = there ? `${doubtful(over)} at ${tokenName(over, data)}` : "";
  tell("pointed", state.reverse ? "from the one pointed at" : "pointed at", text);
}

/** A row, of which exact numbers were sent. */
function tellRow(data, state, { sum, max, argmax, entropy, entropyDoubt, prefix, prefixDoubt }, end, tell) {
  const share = isShare(data, state);
  const low = entropy - entropyDoubt;
  const largest = shown(max * (1 - DOUBT), max * (1 + DOUBT), share, end);
  const nats = sureDigits(Math.max(0, low), low + 2 * entropyDoubt, decimalsFor(entropy, 0, 3));
  tell("sum", "sum of the row", fromFloat32(sum, 4));
  tell(
    "largest",
    state.flow >= 0 ? "largest, but for itself" : "largest",
    `${largest} at ${tokenName(argmax, data)}`,
  );
  tell("entropy", "entropy", share ? `${nats} nats (even: ${Math.log(data.size).toFixed(3)})` : "");
  tell(
    "prefix",
    data.prefix > 1 ? "to the prefix tokens" : `to the ${data.prefixNames[0]}`,
    prefix === null ? "" : shown(prefix - prefixDoubt, prefix + prefixDoubt, share, end),
  );
}

/** A column, or a picture: summed up here. */
function tellSum(data, state, reading, { end, doubtful }, tell) {
  const { values, doubts } = reading;
  const flat = isFlat(data, state);
  const from = state.reverse && !flat;
  let [sum, doubt] = [0, 0];
  for (let i = flat ? data.prefix : 0; i < data.size; i++) {
    sum += values[i];
    doubt += doubts[i];
  }
  const best = strongest(data, state, reading);
  const of = flat ? "sum" : `sum of the ${state.reverse ? "column" : "row"}`;
  tell("sum", of, sureDigits(sum - doubt, sum + doubt, decimalsFor(sum, end, flat ? 3 : 2)));
  tell("largest", from ? "largest, from" : "largest", `${doubtful(best)}${from ? "," : " at"} ${tokenName(best, data)}`);
  tell("entropy", "", "");
  tell("prefix", "", "");
}
