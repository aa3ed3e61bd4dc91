// The questions of Predict, and whether an answer is right. A question is a tensor of a call of a
// function: answered once, its shape stands wherever that call has the tensor. What a call is given, its
// arguments, is not asked.
import { annotationOf } from "./annotation.js";
import { names, evaluate, parse, plain } from "./formulas.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./visits.js").FrameView} FrameView */
/** What is wrong with an answer: its number of axes, or an axis, counted from 0.
 * @typedef {{kind: "axes", count: number} | {kind: "axis", axis: number} | {kind: "text", text: string}} Mistake */

/** Where a tensor is asked: at the part of an annotation that shows it first.
 * @typedef {{visit: number, part: number}} Question */

/** @type {WeakMap<FrameView, Map<number, Question>>} */
const questions = new WeakMap();

/** The arguments of a call.
 * @param {FrameView} view
 */
export function givenTo(view) {
  return new Set([...view.bindings.values()].flat().filter(({ after }) => after < 0).map(({ value }) => value));
}

/** The tensors that a call is asked about, in the order in which its lines show them.
 * @param {FrameView} view
 */
export function questionsOf(view) {
  let found = questions.get(view);
  if (found) return found;
  const given = givenTo(view);
  questions.set(view, (found = new Map()));
  for (const visit of view.visits) {
    for (const [part, { value }] of partsOf(annotationOf(view, visit)).entries()) {
      if (!given.has(value) && !found.has(value)) found.set(value, { visit: visit.number, part });
    }
  }
  return found;
}

/** All tensors that stand at the end of a line, in order.
 * @param {import("./annotation.js").Annotation} annotation
 */
const partsOf = ({ before, joined, after }) => [...before, ...joined, ...after];

/** The sizes that a reader typed: `1x128x16x16`, `(1, 128, 16, 16)`, `B×128×H/2×W/2`.
 * @param {string} text
 * @returns {string[]}
 */
export function typedSizes(text) {
  const [, inside] = /^(?:torch\.Size)?[([]+(.*?),?[)\]]+$/.exec(text.trim()) ?? [];
  const isTuple = inside !== undefined && (inside.trim() === "" || /[,×x\]]/i.test(text));
  const sizes = (isTuple ? inside : text).replaceAll("·", "*").trim();
  return sizes === "" ? [] : sizes.split(/[×x,]/i.test(sizes) ? /\s*[×x,]\s*/i : /\s+/);
}

/** What is wrong with an answer; null if nothing. Where shapes are formulas, so are answers.
 * @param {State} state @param {number} value @param {string} text
 * @returns {Mistake | null}
 */
export function mistakeIn({ doc, sizes, formulas }, value, text) {
  const isFormula = formulas.peek() && doc.symbols.length > 0;
  const right = doc.shapes[doc.values[value][0]].map((dim) => parse(doc.dims[dim]));
  const known = new Set(doc.symbols.map(({ name }) => name));
  /** @type {import("./formulas.js").Formula[]} */
  const given = [];
  for (const part of typedSizes(text)) {
    try {
      const size = parse(part);
      if ([...names(size)].some((name) => !known.has(name))) return { kind: "text", text: part };
      given.push(size);
    } catch {
      return { kind: "text", text: part };
    }
  }
  if (given.length !== right.length) return { kind: "axes", count: given.length };
  const axis = right.findIndex((size, at) => (isFormula
    ? plain(size) !== plain(given[at])
    : evaluate(size, sizes.peek()) !== evaluate(given[at], sizes.peek())));
  return axis < 0 ? null : { kind: "axis", axis };
}
