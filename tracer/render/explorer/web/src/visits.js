// What one call of a function did, statement by statement. A visit is one execution of a statement:
// the recorded lines that belong to it (a call that spans lines has several), or none if it touched
// no tensor, as a loop's header.
import { FRAME, LINE, STEP, indexOf } from "./document.js";
import { lineOfStep } from "./frames.js";
import { namesOf, tokenize } from "./python_tokens.js";

/** @typedef {import("./document.js").ExplorerDocument} ExplorerDocument */
/** @typedef {import("./document.js").SourceFunction} SourceFunction */
/** @typedef {import("./python_tokens.js").Token} Token */
/**
 * @typedef {object} Statement
 * @property {number} first
 * @property {number} last
 * @property {Token[]} tokens
 * @property {string[]} reads
 * @property {string[]} stores
 */
/**
 * @typedef {object} Code the source of a function, read once
 * @property {Token[][]} lines
 * @property {Statement[]} statements
 * @property {Map<number, number>} statementAt the statement of each of their lines
 * @property {number} body the first statement after the head: decorators, `def` and docstring
 * @property {Set<number>} inner statements of functions and classes defined inside
 */
/**
 * @typedef {object} Visit
 * @property {number} number position among the visits of its call
 * @property {number} statement -1 where the source has none
 * @property {number} line its first line that ran
 * @property {number[]} events indexes of doc.lines
 * @property {[string, string][]} sets
 */

/** @type {WeakMap<SourceFunction, Code>} */
const codes = new WeakMap();

/** @param {SourceFunction} fn @returns {Code} */
export function codeOf(fn) {
  let code = codes.get(fn);
  if (code) return code;
  const lines = fn.source ? tokenize(fn.source.replace(/\n$/, "")) : [];
  const statements = fn.statements.map(([first, last]) => {
    const tokens = lines.slice(first - fn.first, last - fn.first + 1).flat();
    return { first, last, tokens, ...namesOf(tokens) };
  });
  const statementAt = new Map();
  statements.forEach(({ first, last }, number) => {
    for (let line = first; line <= last; line += 1) statementAt.set(line, number);
  });
  code = { lines, statements, statementAt, ...partsOf(statements) };
  codes.set(fn, code);
  return code;
}

/** @param {Statement[]} statements */
function partsOf(statements) {
  const defines = (/** @type {Statement} */ { tokens }) => /^(?:async\s+)?(?:def|class)\b/.test(textOf(tokens));
  const header = statements.findIndex(defines);
  const isDocstring = /^[rRuU]?["']/.test(textOf(statements[header + 1]?.tokens ?? []));
  const body = header + 1 + Number(isDocstring);
  const inner = /** @type {Set<number>} */ (new Set());
  let outer = Infinity; // the indent of the definition around
  statements.forEach((statement, number) => {
    if (number < body) return;
    if (indentOf(statement) > outer) inner.add(number);
    else outer = defines(statement) ? indentOf(statement) : Infinity;
  });
  return { body, inner };
}

/** @param {Token[]} tokens */
const textOf = (tokens) => tokens.map(({ text }) => text).join("").trimStart();

/** @param {Statement} statement */
const indentOf = ({ tokens: [first] }) => (first?.kind === "space" ? first.text.length : 0);

/** One call of a function: its visits, the lines that ran, and its local names. */
export class FrameView {
  /** @param {ExplorerDocument} doc @param {number} frame */
  constructor(doc, frame) {
    this.doc = doc;
    this.frame = frame;
    this.fn = doc.functions[doc.frames[frame][FRAME.FUNCTION]];
    this.block = doc.frames[frame][FRAME.BLOCK];
    this.code = codeOf(this.fn);
    /** @type {Visit[]} */
    this.visits = [];
    /** The visit that each line event belongs to. @type {Map<number, Visit>} */
    this.visitOf = new Map();
    /** The visits of each statement. @type {Map<number, Visit[]>} */
    this.visitsAt = new Map();
    /** What each name held after which visit: a value, or -1 and a text.
     * @type {Map<string, {after: number, value: number, text: string}[]>} */
    this.bindings = new Map();
    for (const event of indexOf(doc).linesOf[frame]) this.#add(event);
  }

  /** @param {number} event */
  #add(event) {
    const line = this.doc.lines[event];
    const quiet = line[LINE.BEFORE];
    const own = this.#statement(line[LINE.NUMBER]);
    const last = this.visits.at(-1);
    for (const [name, value] of line[LINE.ENTRY]) this.#bind(name, -1, value, "");
    const left = [...quiet].filter((number) => own < 0 || this.#statement(number) !== own);
    const passed = left.map((number) => this.#begin(number));
    const goesOn = last && !left.length && last.statement === own && own >= 0 && this.#continues(last, line[LINE.NUMBER]);
    const visit = goesOn ? last : this.#begin(line[LINE.NUMBER]);
    visit.events.push(event);
    this.visitOf.set(event, visit);
    for (const [name, value] of line[LINE.NAMES]) this.#bind(name, visit.number, value, "");
    for (const [name, text] of line[LINE.SETS]) {
      const at = [...passed, visit].findLast((found) => this.#stores(found, name));
      if (at) at.sets.push([name, text]);
      const isArgument = !at && visit.number === passed.length;
      this.#bind(name, isArgument ? -1 : (at ?? visit).number, -1, text);
    }
  }

  /** Whether a line event goes on with the last visit of its statement: arguments on lines of their
   * own run first, the call itself on the statement's first line.
   * @param {Visit} last @param {number} line
   */
  #continues(last, line) {
    const { first, last: end } = this.code.statements[last.statement];
    const before = this.doc.lines[last.events.at(-1) ?? -1]?.[LINE.NUMBER];
    if (first === end) return false;
    return before === undefined || (before !== line && !(before === first && last.events.length > 1));
  }

  /** @param {number} line */
  #statement(line) {
    return this.code.statementAt.get(line) ?? -1;
  }

  /** @param {Visit} visit @param {string} name */
  #stores(visit, name) {
    return this.code.statements[visit.statement]?.stores.includes(name);
  }

  /** @param {number} line @returns {Visit} */
  #begin(line) {
    const statement = this.#statement(line);
    const last = this.visits.at(-1);
    if (last && last.statement === statement && statement >= 0 && !last.events.length) {
      const { first, last: end } = this.code.statements[statement];
      if (end > first) return last; // a quiet statement that spans lines
    }
    const visit = { number: this.visits.length, statement, line, events: [], sets: [] };
    this.visits.push(visit);
    const key = statement >= 0 ? statement : -line;
    this.visitsAt.set(key, [...(this.visitsAt.get(key) ?? []), visit]);
    return visit;
  }

  /** @param {string} name @param {number} after @param {number} value @param {string} text */
  #bind(name, after, value, text) {
    const found = this.bindings.get(name);
    if (found) found.push({ after, value, text });
    else this.bindings.set(name, [{ after, value, text }]);
  }

  /** What a name held before or after a visit; undefined if nothing known.
   * @param {string} name @param {number} visit its number @param {boolean} after
   */
  held(name, visit, after = false) {
    const limit = after ? visit : visit - 1;
    return this.bindings.get(name)?.findLast((binding) => binding.after <= limit);
  }

  /** The visit of a statement to show while another is the current one: for code above it the last
   * before it, for code below it the next.
   * @param {number} key @param {Visit | undefined} current
   */
  shown(key, current) {
    const visits = this.visitsAt.get(key);
    if (!visits || !current) return visits?.[0];
    if (key === current.statement) return current;
    const isAbove = this.#top(key) < (current.statement < 0 ? current.line : this.#top(current.statement));
    const earlier = visits.findLast(({ number }) => number <= current.number);
    const later = visits.find(({ number }) => number >= current.number);
    return isAbove ? earlier ?? later : later ?? earlier;
  }

  /** Whether a statement did not run in this call. The head of a function (its decorators, `def` and
   * docstring) runs before, statements of functions inside it in calls of their own.
   * @param {number} key
   */
  isIdle(key) {
    return key >= this.#body && !this.visitsAt.has(key) && !this.#isInner(key);
  }

  /** Whether the statement before an idle one is not idle.
   * @param {number} key
   */
  startsIdle(key) {
    return this.isIdle(key) && !this.isIdle(key - 1);
  }

  /** The first statement after the head. */
  get #body() {
    return this.code.body;
  }

  /** @param {number} key */
  #isInner(key) {
    return this.code.inner.has(key);
  }

  /** @param {number} key */
  #top(key) {
    return key >= 0 ? this.code.statements[key]?.first ?? 0 : -key;
  }
}

/** @type {WeakMap<ExplorerDocument, Map<number, FrameView>>} */
const views = new WeakMap();
const KEPT = 200;

/** @param {ExplorerDocument} doc @param {number} frame @returns {FrameView} */
export function frameView(doc, frame) {
  let known = views.get(doc);
  if (!known) views.set(doc, (known = new Map()));
  const view = known.get(frame) ?? new FrameView(doc, frame);
  known.delete(frame);
  known.set(frame, view);
  if (known.size > KEPT) known.delete(/** @type {number} */ (known.keys().next().value));
  return view;
}

/** The visit of a line event.
 * @param {ExplorerDocument} doc @param {number} event
 * @returns {Visit}
 */
export function visitOf(doc, event) {
  return /** @type {Visit} */ (frameView(doc, doc.lines[event][LINE.FRAME]).visitOf.get(event));
}

/** @type {WeakMap<ExplorerDocument, Map<number, number[]>>} */
const joins = new WeakMap();

/** The skips that are joined by the lines of a visit themselves, not by calls in them.
 * @param {ExplorerDocument} doc @param {Visit} visit
 * @returns {number[]}
 */
export function joinsOf(doc, visit) {
  let found = joins.get(doc);
  if (!found) {
    joins.set(doc, (found = new Map()));
    for (const [number, { popped }] of doc.skips.entries()) {
      const event = lineOfStep(doc, popped);
      found.set(event, [...(found.get(event) ?? []), number]);
    }
  }
  return visit.events.flatMap((event) => found.get(event) ?? []);
}

/** The frames that the lines of a visit called, in order. Of a visit without recorded lines, those
 * that may be called by it.
 * @param {FrameView} view @param {Visit} visit
 * @returns {number[]}
 */
export function calledFrames({ doc, frame, visits }, visit) {
  const { framesFrom, linesOf } = indexOf(doc);
  if (visit.events.length) return visit.events.flatMap((event) => framesFrom.get(event) ?? []);
  const from = visits.findLast(({ number, events }) => number < visit.number && events.length)?.events.at(-1) ?? -1;
  const to = visits.find(({ number, events }) => number > visit.number && events.length)?.events[0] ?? Infinity;
  return (framesFrom.get(-1) ?? []).filter((called) => {
    const first = linesOf[called][0];
    return doc.frames[called][FRAME.PARENT] === frame && first > from && first < to;
  });
}

/** What a visit made last without binding it to a name; -1 for nothing.
 * @param {ExplorerDocument} doc @param {Visit} visit
 */
export function lastMade(doc, visit) {
  const event = doc.lines[visit.events.at(-1) ?? -1];
  if (!event || event[LINE.LAST] <= event[LINE.FIRST]) return -1;
  return doc.steps[event[LINE.LAST] - 1][STEP.OUTPUTS][0] ?? -1;
}
