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

/** The first size that does not work; null if all do.
 * @param {Map<string, SizeRule[]>} rules @param {Readonly<Record<string, number>>} sizes
 * @returns {SizeProblem | null}
 */
export function problemAt(rules, sizes) {
  for (const [name, ofSize] of rules) {
    const size = sizes[name];
    const rule = ofSize.find((one) => !allows(one, size));
    if (!rule) continue;
    const near = nearest(rule, size).filter((one) => one !== null && ofSize.every((other) => allows(other, one)));
    return { name, size, rule, nearest: /** @type {number[]} */ (near), obstacle: obstacleAt(rule, size) };
  }
  return null;
}

/** Sizes with one changed, and with it those that have to be equal to it.
 * @param {Map<string, SizeRule[]>} rules @param {Readonly<Record<string, number>>} sizes
 * @param {string} name @param {number} size
 */
export function changed(rules, sizes, name, size) {
  const found = { ...sizes, [name]: size };
  const leader = rules.get(name)?.[0].tied ?? name;
  for (const [other, [{ tied }]] of rules) {
    if (other !== name && (tied ?? other) === leader) found[other] = size;
  }
  return found;
}
