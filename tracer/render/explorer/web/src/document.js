// The document that the explorer shows: its types, unpacking it, and indexes over it.

/** Index of a value: a tensor. @typedef {number} Value */
/** @typedef {{name: string, size: number, multiple: number, least: number}} SizeSymbol */
/** A block that rounded a size, and the one that made of it what was joined. @typedef {{block: number, before: number, after: number, grown_in: number, grown: number}} Rounding */
/** `left` and `right` are the operands, in the order of the code where that is known. @typedef {{size: number, common: number, block: number, op: string, step: number, file: number, line: number, left: number[], right: number[], axis: number, rounding: Rounding | null, skip: number, text: Record<string, string>}} Obstacle */
/** @typedef {{name: string, given: number, multiple: number, remainders: number[], minimum: number, maximum: number | null, exceptions: number[], partial: boolean, tied: string | null, obstacles: Obstacle[]}} SizeRule */
/**
 * A function of the model's own code. `statements` are spans of lines, headers only for compound
 * ones; `calls` the callees in its source: line, column, length, name.
 * @typedef {{name: string, file: number, first: number, last: number, source: string, statements: [number, number][], calls: [number, number, number, string][], link: string | null}} SourceFunction
 */
/** @typedef {{call: string, path: string, kind: string, parent: number, depth: number, inputs: Value[], outputs: Value[], arguments: string[], parameters: number, own: number, buffers: number, trainable: number | null, first: number, last: number, kernel: number[], stride: number[], groups: number, level: number | null, role: string | null, function: number, note: Record<string, string> | null}} Block */
/** op, inputs, outputs, block, file, line, FLOPs (index of a dim), memory of, elements of weights read. @typedef {[string, Value[], Value[], number, number, number, number, number, number]} Step */
/** function, block, parent frame, line event of the parent. @typedef {[number, number, number, number]} Frame */
/** kind, container, value, depth afterwards. @typedef {["push" | "pop", string, Value, number]} Change */
/**
 * One execution of a line: frame, line, first step, last step (exclusive), names bound to tensors,
 * changes of containers, reads of containers, quiet lines before, small values set, entry.
 * @typedef {[number, number, number, number, [string, Value][], Change[], [string, Value][], number[], [string, string][], [string, Value][]]} LineEvent
 */
/** @typedef {{number: number, source: number, target: number, value: Value, joined: Value, result: Value, join: string, operands: Value[], pushed: number, popped: number, via: string[], list: string, push_line: number, pop_line: number}} Skip */
/** @typedef {{step: number, block: number, file: number, line: number}} LedgerEnd */
/** @typedef {{value: Value, stack: string, depth: number, bytes: number, pushed: LedgerEnd, popped: LedgerEnd | null, taken: string, skips: number[]}} LedgerRow */
/** @typedef {{level: number, left: number, right: number, top: number, bottom: number, sizes: number[], ratio: string}} MapLevel */
/** @typedef {{name: string, label: string, kind: "block" | "operation" | "join" | "input" | "output" | "stub", outline: string, block: number, first: number, last: number, x: number, y: number, width: number, height: number, role: string, lines: string[], map: number, outputs: Value[]}} MapUnit */
/** @typedef {{source: number, target: number, skips: number[], points: [number, number][], push_label: string, join_label: string, push_at: [number, number] | null, join_at: [number, number] | null}} MapEdge */
/** @typedef {{block: number, title: string, width: number, height: number, levels: MapLevel[], units: MapUnit[], edges: MapEdge[]}} ModelMap */
/** @typedef {Record<string, string>} Words */
/**
 * @typedef {object} ExplorerDocument
 * @property {"unet-trace-explorer/1"} format
 * @property {string} title
 * @property {string} target
 * @property {string | null} mode
 * @property {string} torch
 * @property {string} version
 * @property {string} lang
 * @property {Record<string, Words>} words
 * @property {string[]} notes
 * @property {SizeSymbol[]} symbols
 * @property {SizeRule[] | null} rules
 * @property {string[]} dims
 * @property {number[][]} shapes
 * @property {string[]} dtypes
 * @property {[number, number][]} values shape, dtype
 * @property {string[]} files
 * @property {SourceFunction[]} functions
 * @property {Block[]} blocks
 * @property {Step[]} steps
 * @property {Frame[]} frames
 * @property {LineEvent[]} lines
 * @property {Skip[]} skips
 * @property {LedgerRow[]} ledger
 * @property {ModelMap[]} maps
 * @property {Record<string, unknown>} tables
 */

export const FORMAT = "unet-trace-explorer/1";

// Where the parts of a line event and of a frame are.
export const LINE = /** @type {const} */ ({
  FRAME: 0, NUMBER: 1, FIRST: 2, LAST: 3, NAMES: 4, CHANGES: 5, READS: 6, BEFORE: 7, SETS: 8, ENTRY: 9,
});
export const FRAME = /** @type {const} */ ({ FUNCTION: 0, BLOCK: 1, PARENT: 2, EVENT: 3 });
export const STEP = /** @type {const} */ ({
  OP: 0, INPUTS: 1, OUTPUTS: 2, BLOCK: 3, FILE: 4, LINE: 5, FLOPS: 6, MEMORY_OF: 7, WEIGHTS: 8,
});

/**
 * The document in a script element: JSON, or base64 of deflated JSON.
 * @param {Element} element
 * @returns {Promise<ExplorerDocument>}
 */
export async function readDocument(element) {
  const text = element.textContent ?? "";
  const isPlain = element.getAttribute("type") === "application/json";
  return checked(JSON.parse(isPlain ? text : await inflated(text)));
}

/** @param {string} text @returns {Promise<string>} */
async function inflated(text) {
  const bytes = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(stream).text();
}

/** @param {any} found @returns {ExplorerDocument} */
export function checked(found) {
  if (found?.format !== FORMAT) {
    throw new Error(`This explorer shows documents of the format ${FORMAT}, not ${found?.format}.`);
  }
  return found;
}

/**
 * Positions that follow from the document, each found once.
 * @typedef {object} DocumentIndex
 * @property {Map<string, number>} blockOfCall
 * @property {number[][]} children of each block
 * @property {number[][]} framesOf each function, in the order in which they began
 * @property {number[][]} linesOf each frame, in order
 * @property {number[][]} framesIn each block, in order
 * @property {number[]} frameOf each block: the frame of its own function, -1 for none
 * @property {Map<number, number[]>} framesFrom each line event that called functions
 */

/** @type {WeakMap<ExplorerDocument, DocumentIndex>} */
const indexes = new WeakMap();

/** @param {ExplorerDocument} doc @returns {DocumentIndex} */
export function indexOf(doc) {
  let index = indexes.get(doc);
  if (!index) indexes.set(doc, (index = buildIndex(doc)));
  return index;
}

/** @param {ExplorerDocument} doc @returns {DocumentIndex} */
function buildIndex(doc) {
  const lists = (/** @type {{length: number}} */ { length }) =>
    Array.from({ length }, () => /** @type {number[]} */ ([]));
  const children = lists(doc.blocks);
  const framesOf = lists(doc.functions);
  const framesIn = lists(doc.blocks);
  const linesOf = lists(doc.frames);
  doc.blocks.forEach(({ parent }, block) => parent >= 0 && children[parent].push(block));
  doc.frames.forEach((frame, number) => {
    framesOf[frame[FRAME.FUNCTION]].push(number);
    if (frame[FRAME.BLOCK] >= 0) framesIn[frame[FRAME.BLOCK]].push(number);
  });
  /** @type {Map<number, number[]>} */
  const framesFrom = new Map();
  doc.frames.forEach(({ [FRAME.EVENT]: event }, number) => {
    framesFrom.set(event, [...(framesFrom.get(event) ?? []), number]);
  });
  doc.lines.forEach((line, number) => linesOf[line[LINE.FRAME]].push(number));
  const span = (/** @type {number} */ frame) => {
    const lines = linesOf[frame];
    return lines.length ? doc.lines[lines[lines.length - 1]][LINE.LAST] - doc.lines[lines[0]][LINE.FIRST] : -1;
  };
  // The block's function is the one that ran the most; others in it are helpers that it called.
  const frameOf = framesIn.map((frames) =>
    frames.reduce((best, frame) => (best < 0 || span(frame) > span(best) ? frame : best), -1));
  const blockOfCall = new Map(doc.blocks.map(({ call }, block) => [call, block]));
  return { blockOfCall, children, framesOf, framesIn, frameOf, framesFrom, linesOf };
}

/** A block's call as a reader sees it: the model itself has no name of its own.
 * @param {ExplorerDocument} doc @param {number} block
 */
export function callName(doc, block) {
  return doc.blocks[block]?.call || doc.title;
}

/** A function's name as a reader knows it: `decorator.wrapper`, without `<locals>`.
 * @param {SourceFunction} fn
 */
export function functionName({ name }) {
  return name.replaceAll(".<locals>", "");
}
