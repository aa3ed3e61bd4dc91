// What one size of the inputs has to be: the rules that were found by running the model, and, where
// none were looked for, at which sizes the formulas hold.

/** @typedef {import("./document.js").Obstacle} Obstacle */
/** @typedef {import("./document.js").SizeRule} Rule */
/** @typedef {import("./document.js").SizeSymbol} SizeSymbol */

/** @param {number} a @param {number} b @returns {number} */
export function gcd(a, b) {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y) [x, y] = [y, x % y];
  return x;
}

/**
 * Where a formula holds, as a rule: no model was run to find it, so it has no obstacles.
 * @param {SizeSymbol} symbol
 * @returns {Rule}
 */
export function ruleOfSymbol(symbol) {
  const { name, size, multiple, least } = symbol;
  const remainders = multiple ? [size % multiple] : [0];
  return {
    name, given: size, multiple, remainders, minimum: least, maximum: null, exceptions: [],
    partial: false, tied: null, obstacles: [],
  };
}

/** Whether a size works by this rule.
 * @param {Rule} rule @param {number} size
 */
export function allows(rule, size) {
  if (!Number.isInteger(size) || size < 1) return false;
  if (rule.multiple === 0 || rule.exceptions.includes(size)) {
    return size === rule.given || rule.exceptions.includes(size);
  }
  const fits = rule.remainders.includes(size % rule.multiple);
  return fits && rule.minimum <= size && size <= (rule.maximum ?? size);
}

/**
 * The nearest working sizes below and above; null on a side that has none.
 * @param {Rule} rule @param {number} size
 * @returns {[number | null, number | null]}
 */
export function nearest(rule, size) {
  const reach = rule.multiple || 1;
  const top = Math.min(size, (rule.maximum ?? size) + 1);
  const bottom = Math.max(size, rule.minimum - 1);
  const extra = [rule.given, ...rule.exceptions];
  const below = [...extra, ...range(top - reach, top)].filter((one) => one < size && allows(rule, one));
  const above = [...extra, ...range(bottom + 1, bottom + 1 + reach)].filter((one) => one > size && allows(rule, one));
  return [below.length ? Math.max(...below) : null, above.length ? Math.min(...above) : null];
}

/** @param {number} first @param {number} end */
function range(first, end) {
  return Array.from({ length: Math.max(0, end - first) }, (_, at) => first + at);
}

/**
 * The recorded failure that stands for this size: the one at a size that differs from the given one
 * by as high a power of the multiple's factors. Null if the size works or none was recorded.
 * @param {Rule} rule @param {number} size
 * @returns {Obstacle | null}
 */
export function obstacleAt(rule, size) {
  if (allows(rule, size)) return null;
  const exact = rule.obstacles.find((one) => one.size === size);
  if (exact || !rule.multiple) return exact ?? null;
  const common = gcd(size - rule.given, rule.multiple);
  return rule.obstacles.find((one) => one.common === common) ?? null;
}

/**
 * The distance between sizes that work, for the steps of an input field.
 * @param {Rule} rule
 */
export function stepOf(rule) {
  return rule.remainders.length === 1 ? rule.multiple || 1 : 1;
}

/**
 * The nearest size that works in the direction of a step: what the arrow keys of a field choose.
 * @param {Rule} rule @param {number} size @param {1 | -1} direction
 */
export function stepFrom(rule, size, direction) {
  const [below, above] = nearest(rule, size);
  return (direction < 0 ? below : above) ?? size;
}
