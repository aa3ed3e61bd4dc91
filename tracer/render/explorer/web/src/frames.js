// The calls of functions in the run: which frame called which, which line contains which, and the
// containers and local names at a line.
//
// The state at a line is that after the line, the calls in it included: a line shows what it does
// as a whole. Inside such a call, what the calling line popped is gone already (arguments are
// evaluated before the call), and what it pushes is not there yet.
import { FRAME, LINE, indexOf } from "./document.js";

/** @typedef {import("./document.js").ExplorerDocument} ExplorerDocument */
/** @typedef {import("./document.js").Value} Value */
/**
 * A tensor on a container, and those below it: containers share what they have in common.
 * @typedef {{value: Value, line: number, depth: number, below: Card | null}} Card
 */
/** The containers at one moment: name, top card (null when empty), the frame that made it.
 * @typedef {ReadonlyArray<{name: string, top: Card | null, frame: number}>} Piles
 */

/**
 * For each line the position after its last descendant; lines are in the order in which they began.
 * @param {ExplorerDocument} doc
 * @returns {Int32Array}
 */
export function lineEnds(doc) {
  const ends = Int32Array.from(doc.lines, (_, number) => number + 1);
  for (let number = doc.lines.length - 1; number >= 0; number -= 1) {
    const caller = doc.frames[doc.lines[number][LINE.FRAME]][FRAME.EVENT];
    if (caller >= 0) ends[caller] = Math.max(ends[caller], ends[number]);
  }
  return ends;
}

/** The lines that are running at a line, the outermost first, itself last.
 * @param {ExplorerDocument} doc @param {number} line
 * @returns {number[]}
 */
export function callers(doc, line) {
  const found = [];
  for (let at = line; at >= 0; at = doc.frames[doc.lines[at][LINE.FRAME]][FRAME.EVENT]) found.unshift(at);
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

/** The line to begin with in a block: the first line of its first frame, or the line that called it.
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
