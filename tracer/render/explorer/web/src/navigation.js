// Ways through the recorded lines. A position is the first line event of a visit: a statement that
// spans lines is passed once.
import { FRAME, LINE, indexOf } from "./document.js";
import { callerOf, lineEnds } from "./frames.js";
import { calledFrames, frameView, visitOf } from "./visits.js";

/** @typedef {import("./document.js").ExplorerDocument} ExplorerDocument */

/** The position that a line event belongs to.
 * @param {ExplorerDocument} doc @param {number} event
 */
export function positionOf(doc, event) {
  return visitOf(doc, event).events[0];
}

/** The next position in the run, into calls; itself at the end.
 * @param {ExplorerDocument} doc @param {number} event
 */
export function next(doc, event) {
  for (let at = event + 1; at < doc.lines.length; at += 1) if (positionOf(doc, at) === at) return at;
  return positionOf(doc, event);
}

/** @param {ExplorerDocument} doc @param {number} event */
export function previous(doc, event) {
  for (let at = positionOf(doc, event) - 1; at >= 0; at -= 1) if (positionOf(doc, at) === at) return at;
  return positionOf(doc, event);
}

/** The next position in the same call, over the calls in it; after its last, that of its caller.
 * @param {ExplorerDocument} doc @param {number} event
 */
export function over(doc, event) {
  for (let at = event; at >= 0; at = callerOf(doc, at)) {
    const later = beside(doc, at, 1);
    if (later >= 0) return later;
  }
  return positionOf(doc, event);
}

/** The position before in the same call; before its first, the line that called.
 * @param {ExplorerDocument} doc @param {number} event
 */
export function backOver(doc, event) {
  const earlier = beside(doc, event, -1);
  return earlier >= 0 ? earlier : out(doc, event);
}

/** The line that called the function of this one; itself if none did.
 * @param {ExplorerDocument} doc @param {number} event
 */
export function out(doc, event) {
  const caller = callerOf(doc, event);
  return positionOf(doc, caller >= 0 ? caller : event);
}

/** The first line of the first function that a line called; itself if it called none.
 * @param {ExplorerDocument} doc @param {number} event
 */
export function into(doc, event) {
  for (const frame of calledFrames(frameView(doc, doc.lines[event][LINE.FRAME]), visitOf(doc, event))) {
    const first = indexOf(doc).linesOf[frame][0];
    if (first !== undefined) return first;
  }
  return positionOf(doc, event);
}

/** The first line of another call of the same function: the next (1) or the one before (-1).
 * @param {ExplorerDocument} doc @param {number} event @param {1 | -1} direction
 */
export function sibling(doc, event, direction) {
  const frame = doc.lines[event][LINE.FRAME];
  const frames = indexOf(doc).framesOf[doc.frames[frame][FRAME.FUNCTION]];
  const other = frames[frames.indexOf(frame) + direction];
  return other === undefined ? positionOf(doc, event) : indexOf(doc).linesOf[other][0];
}

/** Whether a line event is part of what a position shows: of its visit, or of a call in that.
 * @param {ExplorerDocument} doc @param {number} position @param {number} event
 */
export function contains(doc, position, event) {
  const last = visitOf(doc, position).events.at(-1) ?? position;
  return event >= position && event < lineEnds(doc)[last];
}

/** The position of the visit beside that of an event in the same call, -1 for none.
 * @param {ExplorerDocument} doc @param {number} event @param {1 | -1} direction
 */
function beside(doc, event, direction) {
  const { visits, visitOf: known } = frameView(doc, doc.lines[event][LINE.FRAME]);
  const current = known.get(event)?.number ?? 0;
  for (let at = current + direction; visits[at]; at += direction) {
    if (visits[at].events.length) return visits[at].events[0];
  }
  return -1;
}
