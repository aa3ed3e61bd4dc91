// The calls of functions in the run: which line contains which others, and which line ran a step.
import { FRAME, LINE, indexOf } from "./document.js";

/** @typedef {import("./document.js").ExplorerDocument} ExplorerDocument */

/** @type {WeakMap<ExplorerDocument, Int32Array>} */
const ends = new WeakMap();

/**
 * For each line the position after the last line that ran inside it; lines are in the order in
 * which they began.
 * @param {ExplorerDocument} doc
 * @returns {Int32Array}
 */
export function lineEnds(doc) {
  let found = ends.get(doc);
  if (found) return found;
  found = Int32Array.from(doc.lines, (_, line) => line + 1);
  for (let line = doc.lines.length - 1; line >= 0; line -= 1) {
    const caller = callerOf(doc, line);
    if (caller >= 0 && caller < line) found[caller] = Math.max(found[caller], found[line]);
  }
  ends.set(doc, found);
  return found;
}

/** The line that called the function of a line, -1 for none. A call on a line that touched no tensor
 * is not recorded: that is the line that follows in the calling function.
 * @param {ExplorerDocument} doc @param {number} line
 */
export function callerOf(doc, line) {
  return callerOfFrame(doc, doc.lines[line][LINE.FRAME]);
}

/** @param {ExplorerDocument} doc @param {number} frame */
export function callerOfFrame(doc, frame) {
  const { [FRAME.EVENT]: event, [FRAME.PARENT]: parent } = doc.frames[frame];
  if (event >= 0 || parent < 0) return event;
  const { linesOf } = indexOf(doc);
  return linesOf[parent].find((line) => line > linesOf[frame][0]) ?? linesOf[parent].at(-1) ?? -1;
}

/** The lines that are running at a line, the outermost first, itself last.
 * @param {ExplorerDocument} doc @param {number} line
 * @returns {number[]}
 */
export function runningLines(doc, line) {
  const found = [];
  for (let at = line; at >= 0; at = callerOf(doc, at)) found.unshift(at);
  return found;
}

/** The innermost line that ran a step, -1 if none is known.
 * @param {ExplorerDocument} doc @param {number} step
 */
export function lineOfStep(doc, step) {
  let [low, high] = [0, doc.lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (doc.lines[middle][LINE.FIRST] <= step) low = middle + 1;
    else high = middle;
  }
  for (let line = low - 1; line >= 0; line -= 1) {
    if (doc.lines[line][LINE.LAST] > step) return line;
  }
  return -1;
}

/** The line to begin with in a block: the first line of its function, or the line that called it.
 * @param {ExplorerDocument} doc @param {number} block
 */
export function lineOfBlock(doc, block) {
  const { framesIn, linesOf } = indexOf(doc);
  const { function: called, first, last } = doc.blocks[block];
  const frames = framesIn[block];
  const frame = frames.find((number) => doc.frames[number][FRAME.FUNCTION] === called) ?? frames[0];
  if (frame !== undefined && linesOf[frame].length) return linesOf[frame][0];
  return last > first ? lineOfStep(doc, first) : -1;
}
