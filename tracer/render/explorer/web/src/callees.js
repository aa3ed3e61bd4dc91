// Which function a call in the source opens: calls in a statement, matched with the frames that it
// started and the modules that it ran.
import { FRAME, STEP, indexOf } from "./document.js";
import { calledFrames, frameView } from "./visits.js";

/** @typedef {import("./document.js").ExplorerDocument} ExplorerDocument */
/** @typedef {import("./document.js").SourceFunction} SourceFunction */
/** @typedef {import("./visits.js").FrameView} FrameView */
/** @typedef {import("./visits.js").Visit} Visit */
/** What a call leads to: a frame to open, or a block without code of its own; -1 for neither.
 * @typedef {{frame: number, block: number}} Target */

/**
 * Where the calls of one visit lead, by the number of the call in the function.
 * @param {FrameView} view
 * @param {Visit} visit
 * @returns {Map<number, Target>}
 */
export function targetsOf(view, visit) {
  const { doc, fn } = view;
  const { first, last } = view.code.statements[visit.statement] ?? { first: visit.line, last: visit.line };
  const calls = [...fn.calls.keys()].filter((call) => fn.calls[call][0] >= first && fn.calls[call][0] <= last);
  /** @type {Map<number, Target>} */
  const found = new Map();
  /** The first call that leads nowhere yet and has such a name leads to a target.
   * @param {Target} target @param {(name: string) => boolean} fits */
  const match = (target, fits) => {
    const call = calls.find((number) => !found.has(number) && fits(fn.calls[number][3]));
    if (call !== undefined) found.set(call, target);
    return call !== undefined;
  };
  /** @type {Target[]} */
  const targets = [
    ...calledFrames(view, visit).map((frame) => ({ frame, block: doc.frames[frame][FRAME.BLOCK] })),
    ...[...blocksRun(view, visit)].map((block) => ({ frame: -1, block })),
  ];
  const others = targets.filter((target) => !match(target, (name) => names(doc, name, target)));
  // what a local name holds, as in `for layer in self.layers: h = layer(h)`
  for (const target of others) if (isModule(view, target)) match(target, (name) => isLocal(view, name));
  return found;
}

/** Whether a target is the code of a module that a function called itself, or such a module.
 * @param {FrameView} view @param {Target} target
 */
function isModule({ doc, block: caller }, { frame, block }) {
  return doc.blocks[block]?.parent === caller && (frame < 0 || indexOf(doc).frameOf[block] === frame);
}

/** Whether a function gives a value to a name of its own.
 * @param {FrameView} view @param {string} name
 */
function isLocal({ code }, name) {
  return code.statements.some(({ stores }) => stores.includes(name));
}

/** Whether a call by this name can have started a frame, or run a module.
 * @param {ExplorerDocument} doc @param {string} name @param {Target} target
 */
function names(doc, name, { frame, block }) {
  if (frame < 0) return doc.blocks[block].path.split(".").includes(name);
  const parts = doc.functions[doc.frames[frame][FRAME.FUNCTION]].name.split(".");
  const last = parts.at(-1) ?? "";
  if (name === last) return true;
  if (last === "__init__" || last === "__new__") return parts.at(-2) === name;
  return indexOf(doc).frameOf[block] === frame && doc.blocks[block].path.split(".").includes(name);
}

/** The blocks that the lines of a visit called and that have no function in the source.
 * @param {FrameView} view @param {Visit} visit
 */
function blocksRun({ doc, block }, visit) {
  const found = new Set();
  for (const event of visit.events) {
    const [, , first, last] = doc.lines[event];
    for (let step = first; step < last; step += 1) {
      const child = childAbove(doc, doc.steps[step][STEP.BLOCK], block);
      if (child >= 0 && indexOf(doc).frameOf[child] < 0) found.add(child);
      if (child >= 0) step = Math.max(step, doc.blocks[child].last - 1);
    }
  }
  return found;
}

/** The child of a block that a block is or is in, -1 for none.
 * @param {ExplorerDocument} doc @param {number} inner @param {number} outer
 */
function childAbove(doc, inner, outer) {
  let at = inner;
  while (at >= 0 && doc.blocks[at].parent !== outer) at = doc.blocks[at].parent;
  return at;
}

/** @type {WeakMap<SourceFunction, Set<number>>} */
const leading = new WeakMap();
const LOOKED_AT = 50;

/** The calls of a function that lead somewhere in any of its first runs.
 * @param {ExplorerDocument} doc @param {number} number of the function
 */
export function leadingCalls(doc, number) {
  const fn = doc.functions[number];
  let found = leading.get(fn);
  if (found) return found;
  found = new Set();
  for (const frame of indexOf(doc).framesOf[number].slice(0, LOOKED_AT)) {
    const view = frameView(doc, frame);
    for (const visit of view.visits) for (const call of targetsOf(view, visit).keys()) found.add(call);
    if (found.size === fn.calls.length) break;
  }
  leading.set(fn, found);
  return found;
}
