// The containers of tensors over the run: what is on the skip stack at each line.
//
// A line shows what it does as a whole, so the state at a line is that after it, the calls in it
// included. Inside such a call, what the calling line popped is gone (arguments are evaluated before
// the call), and what it pushes is not there yet.
import { LINE } from "./document.js";
import { lineEnds } from "./frames.js";

/** @typedef {import("./document.js").ExplorerDocument} ExplorerDocument */
/** @typedef {import("./document.js").Change} Change */
/**
 * A tensor on a container, pushed by a line, and those below it.
 * @typedef {{value: number, line: number, below: Card | null}} Card
 */
/** @typedef {{name: string, frame: number, top: Card | null, depth: number}} Pile */
/**
 * `states[n]` are the containers after n changes. A line begins when `before[line]` changes are
 * made, and `after[line]` when it ends; `most` is the greatest depth of a container, by its name.
 * @typedef {{states: ReadonlyArray<Pile>[], before: Int32Array, after: Int32Array, most: Map<string, number>}} History
 */

/** @type {WeakMap<ExplorerDocument, History>} */
const histories = new WeakMap();

/** @param {ExplorerDocument} doc @returns {History} */
export function containerHistory(doc) {
  let history = histories.get(doc);
  if (!history) histories.set(doc, (history = new Recorder(doc).run()));
  return history;
}

/** The tensors on a container, the top first.
 * @param {Pile} pile
 * @returns {Card[]}
 */
export function cardsOf({ top }) {
  const found = [];
  for (let card = top; card; card = card.below) found.push(card);
  return found;
}

/**
 * The container that is filled next after a line or, where none is, the last one, as it is when empty:
 * what is shown where nothing is on any.
 * @param {History} history @param {number} line
 * @returns {Pile}
 */
export function nearestPile({ states, after }, line) {
  const at = after[line];
  const isFilled = (/** @type {ReadonlyArray<Pile>} */ piles) => piles.some(({ depth }) => depth > 0);
  const piles = states.slice(at).find(isFilled) ?? states.slice(0, at).findLast(isFilled) ?? [];
  const filled = piles.filter(({ depth }) => depth > 0);
  return { name: filled.at(-1)?.name ?? "", frame: 0, top: null, depth: 0 };
}

class Recorder {
  /** @param {ExplorerDocument} doc */
  constructor(doc) {
    this.doc = doc;
    /** @type {ReadonlyArray<Pile>} */
    this.piles = [];
    /** @type {History} */
    this.history = {
      states: [[]],
      before: new Int32Array(doc.lines.length),
      after: new Int32Array(doc.lines.length),
      most: new Map(),
    };
    /** The lines that are running, with the changes that they make at their end.
     * @type {{line: number, waiting: Change[]}[]} */
    this.running = [];
    /** @type {Int32Array} the last line of each frame */
    this.lastLine = new Int32Array(doc.frames.length).fill(-1);
    doc.lines.forEach((line, number) => (this.lastLine[line[LINE.FRAME]] = number));
  }

  run() {
    const ends = lineEnds(this.doc);
    this.doc.lines.forEach((event, line) => {
      this.finish(line, ends);
      this.history.before[line] = this.history.states.length - 1;
      const changes = event[LINE.CHANGES];
      const isLeaf = ends[line] === line + 1;
      const firstPush = changes.findIndex(([kind]) => kind === "push");
      const atOnce = isLeaf || firstPush < 0 ? changes.length : firstPush;
      for (const change of changes.slice(0, atOnce)) this.apply(change, line);
      this.running.push({ line, waiting: changes.slice(atOnce) });
    });
    this.finish(this.doc.lines.length, ends);
    return this.history;
  }

  /** End the lines that have ended before a line begins.
   * @param {number} next @param {Int32Array} ends
   */
  finish(next, ends) {
    while (this.running.length) {
      const { line, waiting } = this.running[this.running.length - 1];
      if (ends[line] > next) return;
      this.running.pop();
      for (const change of waiting) this.apply(change, line);
      this.history.after[line] = this.history.states.length - 1;
      const frame = this.doc.lines[line][LINE.FRAME];
      if (this.lastLine[frame] === line && next < ends.length) this.leave(frame);
    }
  }

  /** The local containers of a function that returned are gone, attributes stay. (At the end of the
   * run all stay: what is left on them is worth seeing.)
   * @param {number} frame
   */
  leave(frame) {
    const kept = this.piles.filter((pile) => pile.frame !== frame || pile.name.includes("."));
    if (kept.length < this.piles.length) this.record(kept);
  }

  /** @param {Change} change @param {number} line */
  apply([kind, name, value, depth], line) {
    const frame = this.doc.lines[line][LINE.FRAME];
    if (kind === "pop") return this.pop(name, value);
    const at = this.piles.findLastIndex((pile) => pile.name === name && pile.depth === depth - 1);
    const pile = at >= 0 ? this.piles[at] : { name, frame, top: null, depth: 0 };
    const grown = { ...pile, top: { value, line, below: pile.top }, depth: pile.depth + 1 };
    this.history.most.set(name, Math.max(this.history.most.get(name) ?? 0, grown.depth));
    if (at >= 0) return this.record(this.piles.with(at, grown));
    const others = this.piles.filter((other) => other.name !== name || other.frame !== frame);
    return this.record([...others, grown]);
  }

  /** @param {string} name @param {number} value */
  pop(name, value) {
    const holds = (/** @type {Pile} */ pile) => cardsOf(pile).some((card) => card.value === value);
    let at = this.piles.findLastIndex((pile) => pile.name === name && holds(pile));
    if (at < 0) at = this.piles.findLastIndex((pile) => pile.top?.value === value);
    if (at < 0) return;
    const pile = this.piles[at];
    this.record(this.piles.with(at, { ...pile, top: without(pile.top, value), depth: pile.depth - 1 }));
  }

  /** @param {ReadonlyArray<Pile>} piles */
  record(piles) {
    this.piles = piles;
    this.history.states.push(piles);
  }
}

/** The cards without the topmost one of a value.
 * @param {Card | null} card @param {number} value
 * @returns {Card | null}
 */
function without(card, value) {
  if (!card) return null;
  return card.value === value ? card.below : { ...card, below: without(card.below, value) };
}
