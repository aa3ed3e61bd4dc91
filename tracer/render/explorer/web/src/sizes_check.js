// Whether the model works at typed sizes, and if not, why and at which sizes nearby it does.

import { allows, nearest, obstacleAt, ruleOfSymbol } from "./size_rules.js";

/** @typedef {import("./document.js").ExplorerDocument} ExplorerDocument */
/** @typedef {import("./document.js").Obstacle} Obstacle */
/** @typedef {import("./document.js").SizeRule} SizeRule */
/** @typedef {{name: string, size: number, rule: SizeRule, nearest: number[], obstacle: Obstacle | null}} SizeProblem */

/**
 * What each size has to be: its rule, and where there is none, or it allows more than the formulas
 * hold for, what the formulas hold for.
 * @param {ExplorerDocument} doc
 * @returns {Map<string, SizeRule[]>}
 */
export function rulesOf(doc) {
  return new Map(doc.symbols.map((symbol) => {
    const found = doc.rules?.find(({ name }) => name === symbol.name);
    return [symbol.name, found ? [found, ruleOfSymbol(symbol)] : [ruleOfSymbol(symbol)]];
  }));
}

/** The sizes that do not work, in the order of the fields.
 * @param {Map<string, SizeRule[]>} rules @param {Readonly<Record<string, number>>} sizes
 * @returns {SizeProblem[]}
 */
export function problemsAt(rules, sizes) {
  return [...rules].flatMap(([name, ofSize]) => {
    const size = sizes[name];
    const rule = ofSize.find((one) => !allows(one, size));
    const { tied } = ofSize[0];
    if (!rule && tied !== null && sizes[tied] !== undefined && sizes[tied] !== size) {
      return [{ name, size, rule: ofSize[0], nearest: [sizes[tied]], obstacle: null }];
    }
    if (!rule) return [];
    const near = nearest(rule, size).filter((one) => one !== null && ofSize.every((other) => allows(other, one)));
    return [{ name, size, rule, nearest: /** @type {number[]} */ (near), obstacle: obstacleAt(rule, size) }];
  });
}

/** Sizes for all that do not work: the nearest below, and the nearest above.
 * @param {SizeProblem[]} problems
 * @returns {Record<string, number>[]}
 */
export function nearestTogether(problems) {
  if (problems.some(({ nearest: near }) => !near.length)) return [];
  const [below, above] = [0, -1].map((end) => Object.fromEntries(problems.map((one) => [one.name, one.nearest.at(end) ?? 0])));
  return problems.every(({ nearest: near }) => near.length === 1) ? [below] : [below, above];
}

/** What stops the model first. Where several sizes fail at the same operation, its operands have all of them.
 * @param {SizeProblem[]} problems
 * @returns {Obstacle | null}
 */
export function firstObstacle(problems) {
  const found = problems.flatMap(({ obstacle, size }) => (obstacle ? [{ obstacle, isExact: obstacle.size === size }] : []));
  const at = (/** @type {Obstacle} */ { step }) => (step < 0 ? Infinity : step);
  const [first] = [...found].sort((one, other) => at(one.obstacle) - at(other.obstacle));
  if (!first) return null;
  const { obstacle } = first;
  const same = found.filter((one) => one.isExact && one.obstacle.step === obstacle.step && one.obstacle.axis >= 0);
  if (same.length < 2 || obstacle.step < 0) return obstacle;
  const joined = (/** @type {"left" | "right"} */ side) => obstacle[side].map(
    (size, axis) => same.find((one) => one.obstacle.axis === axis)?.obstacle[side][axis] ?? size);
  return { ...obstacle, left: joined("left"), right: joined("right") };
}

/** Sizes with one changed, and with it those that have to be equal to it.
 * @param {Map<string, SizeRule[]>} rules @param {Readonly<Record<string, number>>} sizes
 * @param {string} name @param {number} size
 */
export function changed(rules, sizes, name, size) {
  const together = equalTo(rules, name);
  return Object.fromEntries(Object.entries(sizes).map(([other, now]) => [other, together.has(other) ? size : now]));
}

/** The names of the sizes that have to be equal to one, its own among them.
 * @param {Map<string, SizeRule[]>} rules @param {string} name
 */
function equalTo(rules, name) {
  const found = new Set([name]);
  // a set goes on with what is added on the way
  for (const one of found) {
    for (const [other, [{ tied }]] of rules) {
      if (other === one && tied !== null && rules.has(tied)) found.add(tied);
      if (tied === one) found.add(other);
    }
  }
  return found;
}
