// Numbers as text: only digits that are sure.

const READABLE = 7; // decimals
const MOST_OF_A_CHANGE = 4; // decimals
export const DOUBT = 1.5e-7; // of a float32, relative

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

/** A probability that may be off by `doubt`: its sure digits. It is never said to be 0 or 1. */
export function sureProbability(p, doubt) {
  const [low, high] = [Math.max(p - doubt, 1e-12), Math.min(p + doubt, 1 - 1e-12)];
  for (let decimals = 2; decimals >= 0; decimals--) {
    const text = probability(low, decimals);
    if (text === probability(high, decimals)) return text;
  }
  return `≈ ${probability(p, 1)}`;
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

/** A number at a colour bar, in two digits: what was made from bytes is not surer than that. */
export function tick(value, share) {
  const number = Number((share ? 100 * value : value).toPrecision(2));
  const most = decimalsFor(number, 0, 0);
  const text = most > READABLE + 1 ? small(number, number, most) : minus(String(number));
  return text + (share ? " %" : "");
}
