// What blocks cost, from the steps inside them: FLOPs, and bytes written into new memory. Numbers at
// chosen sizes come from prefix sums; formulas are added up when they are asked for.

import { computed } from "@preact/signals";
import { STEP } from "./document.js";
import { parse, rounded, sum } from "./formulas.js";
import * as numbers from "./number_format.js";

/** @typedef {import("./document.js").ExplorerDocument} ExplorerDocument */
/** @typedef {import("./state.js").State} State */
/** @typedef {import("./formulas.js").Formula} Formula */
/** @typedef {"parameters" | "flops" | "bytes"} CostKind */
/** @typedef {{flops: Float64Array, bytes: Float64Array}} PrefixSums  one longer than the steps */

/** @type {CostKind[]} */
export const COST_KINDS = ["parameters", "flops", "bytes"];

/** The bytes of one element of a dtype, `float32` or `bfloat16`; a bool takes one.
 * @param {string} dtype
 */
export function elementBytes(dtype) {
  return dtype === "bool" ? 1 : Number(/\d+/.exec(dtype)?.[0] ?? 0) / 8;
}

/** The bytes of the elements of a tensor.
 * @param {ExplorerDocument} doc @param {number} value @param {ArrayLike<number>} dims
 */
export function valueBytes(doc, value, dims) {
  const [shape, dtype] = doc.values[value];
  return doc.shapes[shape].reduce((size, dim) => size * dims[dim], elementBytes(doc.dtypes[dtype]));
}

/**
 * @param {ExplorerDocument} doc @param {ArrayLike<number>} dims  the sizes of the document in numbers
 * @returns {PrefixSums}
 */
export function prefixSums(doc, dims) {
  const flops = new Float64Array(doc.steps.length + 1);
  const bytes = new Float64Array(doc.steps.length + 1);
  doc.steps.forEach((step, at) => {
    const dim = step[STEP.FLOPS];
    const written = step[STEP.MEMORY_OF] < 0 ? step[STEP.OUTPUTS] : [];
    flops[at + 1] = flops[at] + (dim < 0 ? 0 : dims[dim]);
    bytes[at + 1] = written.reduce((total, value) => total + valueBytes(doc, value, dims), bytes[at]);
  });
  return { flops, bytes };
}

/** @type {WeakMap<State, import("@preact/signals").ReadonlySignal<PrefixSums>>} */
const sums = new WeakMap();

/** The prefix sums at the chosen sizes.
 * @param {State} state
 */
export function sumsOf(state) {
  let found = sums.get(state);
  if (!found) sums.set(state, (found = computed(() => prefixSums(state.doc, state.dimNumbers.value))));
  return found.value;
}

/** What the steps of a block cost at the chosen sizes.
 * @param {State} state @param {number} block @param {CostKind} kind
 */
export function costOf(state, block, kind) {
  const { first, last, parameters } = state.doc.blocks[block];
  if (kind === "parameters") return parameters;
  const found = sumsOf(state)[kind];
  return found[last] - found[first];
}

/** A cost as text, in full where formulas are shown.
 * @param {State} state @param {number} block @param {CostKind} kind
 */
export function costText(state, block, kind) {
  const { doc, formulas } = state;
  if (kind !== "parameters" && formulas.value && doc.symbols.length) {
    const { first, last } = doc.blocks[block];
    return formulaText(costFormula(doc, first, last, kind), kind);
  }
  return numberText(costOf(state, block, kind), kind);
}

/** @param {number} number @param {CostKind} kind */
export function numberText(number, kind) {
  if (kind === "bytes") return numbers.memory(number);
  return kind === "flops" ? numbers.operations(number) : numbers.count(number);
}

/** @param {Formula} formula @param {CostKind} kind */
export function formulaText(formula, kind) {
  return rounded(formula, numbers.operations) + (kind === "bytes" ? " B" : "");
}

/** The cost of some steps as a formula of the sizes.
 * @param {ExplorerDocument} doc @param {number} first @param {number} last @param {"flops" | "bytes"} kind
 * @returns {Formula}
 */
export function costFormula(doc, first, last, kind) {
  /** @type {Map<string, number>} */
  const terms = new Map();
  const add = (/** @type {string} */ text, /** @type {number} */ times) =>
    terms.set(text, (terms.get(text) ?? 0) + times);
  for (const step of doc.steps.slice(first, last)) {
    if (kind === "flops" && step[STEP.FLOPS] >= 0) add(doc.dims[step[STEP.FLOPS]], 1);
    if (kind === "bytes" && step[STEP.MEMORY_OF] < 0) {
      for (const value of step[STEP.OUTPUTS]) add(...elements(doc, value));
    }
  }
  return sum([...terms].map(([text, times]) => [parse(text), times]));
}

/** The product of the sizes of a tensor, and the bytes of one element.
 * @param {ExplorerDocument} doc @param {number} value @returns {[string, number]}
 */
function elements(doc, value) {
  const [shape, dtype] = doc.values[value];
  const product = doc.shapes[shape].map((dim) => `(${doc.dims[dim]})`).join("*");
  return [product || "1", elementBytes(doc.dtypes[dtype])];
}
