// What lines of a function ran in the call that is shown: the blocks that they called, and operations of their own.

import { LINE, STEP } from "./document.js";
import { parse, printed } from "./formulas.js";

/** @typedef {import("./state.js").State} State */
/** `block` is the call of a block, empty for an operation. @typedef {{name: string, block: string, numbers: string, formulas: string}} Ran */

/**
 * @param {State} state @param {string} name of the function @param {[number, number]} lines
 * @returns {{where: string, operations: Ran[]} | null} null if the function is not shown, or the lines did not run
 */
export function operationsOf(state, name, [first, last]) {
  const { doc, index } = state;
  const view = state.call.peek();
  if (!view || view.fn.name !== name) return null;
  const { statements } = view.code;
  const key = statements.findIndex((one) => first <= one.last && one.first <= last);
  const events = view.shown(key, state.visit.peek() ?? undefined)?.events.map((event) => doc.lines[event]) ?? [];
  const ran = events.filter((event) => event[LINE.FIRST] < event[LINE.LAST]);
  if (!ran.length) return null;
  const [from, to] = [Math.min(...ran.map((event) => event[LINE.FIRST])), Math.max(...ran.map((event) => event[LINE.LAST]))];
  const called = index.children[view.block].map((block) => doc.blocks[block]).filter(
    (block) => from <= block.first && block.first < block.last && block.last <= to);
  /** @type {Ran[]} */
  const operations = [];
  for (let step = from; step < to; step += 1) {
    const block = called.find((one) => one.first === step);
    const value = (block ? block.outputs : doc.steps[step][STEP.OUTPUTS])[0] ?? -1;
    operations.push({ name: block ? block.kind : doc.steps[step][STEP.OP], block: block?.call ?? "", ...texts(state, value) });
    if (block) step = block.last - 1;
  }
  const isOneOfMany = index.framesOf[view.number].length > 1;
  return { where: isOneOfMany ? state.callName(view.block) : called.at(-1)?.call ?? state.callName(view.block), operations };
}

/** The shape of a tensor in numbers and in formulas.
 * @param {State} state @param {number} value
 */
function texts({ doc, dimNumbers }, value) {
  const dims = value < 0 ? [] : doc.shapes[doc.values[value][0]];
  return {
    numbers: dims.map((dim) => dimNumbers.peek()[dim]).join("×"),
    formulas: dims.map((dim) => printed(parse(doc.dims[dim]))).join("×"),
  };
}
