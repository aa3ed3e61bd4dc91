// The state of one explorer: signals, what follows from them, and the ways to change them. Panes
// read signals and call these functions; they keep no state of their own that another pane needs.
import { batch, computed, signal } from "@preact/signals";
import { FRAME, LINE, STEP, callName, indexOf } from "./document.js";
import { evaluate, parse, printed } from "./formulas.js";
import { lineOfBlock, lineOfStep, runningLines } from "./frames.js";
import { frameView } from "./visits.js";

/** @typedef {import("./document.js").ExplorerDocument} ExplorerDocument */
/** @typedef {import("./document.js").Obstacle} Obstacle */
/** @typedef {"source" | "map" | "stack" | "sizes" | "tables"} PaneName */
/** @typedef {"wide" | "medium" | "narrow"} Layout */
/** @typedef {ReturnType<typeof createState>} State */

/** @type {PaneName[]} */
export const PANES = ["source", "map", "stack", "sizes", "tables"];

/**
 * @param {ExplorerDocument} doc
 * @param {{lang?: string, view?: PaneName, panes?: PaneName[], bare?: boolean, models?: import("./models.js").Models | null, pages?: import("./pages.js").Pages | null}} options
 *   `bare`: without what the page around has, a title and languages
 */
export function createState(doc, { lang = doc.lang, view = "source", panes = PANES, bare = false, models = null, pages = null } = {}) {
  const index = indexOf(doc);
  const state = {
    doc,
    index,
    panes,
    bare,
    models,
    pages,
    lang: signal(doc.words[lang] ? lang : doc.lang),
    /** The pane that is shown where only one has room. */
    view: signal(view),
    layout: signal(/** @type {Layout} */ ("wide")),
    /** Whether everything is shown, without what needs a click, for print. */
    printing: signal(false),
    /** The current line: an index of doc.lines, -1 if there are none. */
    line: signal(firstLine(doc)),
    /** Lines to return to, the latest last: where calls were opened. */
    trail: signal(/** @type {number[]} */ ([])),
    /** The pinned block and skip, -1 for none. */
    block: signal(-1),
    skip: signal(-1),
    map: signal(0),
    sizes: signal(Object.fromEntries(doc.symbols.map(({ name, size }) => [name, size]))),
    /** Whether shapes are formulas; numbers otherwise. */
    formulas: signal(false),
    /** Whether Source asks for shapes instead of showing them. */
    predicting: signal(false),
    playing: signal(false),
    /** How fast it plays: 0 to 3, 1 is normal. */
    speed: signal(1),
    /** Whether the list of keys is shown. */
    help: signal(false),
    /** Lines of a function that the page around speaks of; null for none. */
    marked: signal(/** @type {{number: number, first: number, last: number} | null} */ (null)),
    /** The local name whose uses are lit, "" for none. */
    name: signal(""),
    /** What is wrong with the sizes, null if nothing. Set by the pane of sizes. */
    obstacle: signal(/** @type {Obstacle | null} */ (null)),
  };
  return Object.assign(state, derived(state), actions(state));
}

/** The line to begin with: the first in the model's own function.
 * @param {ExplorerDocument} doc
 */
function firstLine(doc) {
  const line = lineOfBlock(doc, 0);
  return line >= 0 || !doc.lines.length ? line : 0;
}

/** @param {{doc: ExplorerDocument, lang: import("@preact/signals").Signal<string>, line: import("@preact/signals").Signal<number>, sizes: import("@preact/signals").Signal<Record<string, number>>, formulas: import("@preact/signals").Signal<boolean>}} state */
function derived({ doc, lang, line, sizes, formulas }) {
  /** The frame of the current line, the function shown in Source; -1 for none. */
  const frame = computed(() => (line.value < 0 ? -1 : doc.lines[line.value][LINE.FRAME]));
  /** The call of the function that is shown, and the current execution of a statement in it. */
  const call = computed(() => (frame.value < 0 ? null : frameView(doc, frame.value)));
  const visit = computed(() => call.value?.visitOf.get(line.value) ?? null);
  /** The block that the current line runs, or belongs to if it runs none; -1 for none. */
  const currentBlock = computed(() => (call.value && visit.value ? blockRun(call.value, visit.value) : -1));
  const parsed = computed(() => doc.dims.map(parse));
  /** Each size of doc.dims as a number, at the chosen sizes. */
  const dimNumbers = computed(() => parsed.value.map((formula) => evaluate(formula, sizes.value)));
  /** Each size of doc.dims as text: a formula or a number. */
  const dimTexts = computed(() => {
    if (formulas.value && doc.symbols.length) return parsed.value.map(printed);
    return dimNumbers.value.map(String);
  });
  const shapeTexts = computed(() => {
    const texts = dimTexts.value;
    return doc.shapes.map((shape) => shape.map((dim) => texts[dim]).join("×") || "()");
  });
  /** The text of the shape of a value. */
  const shapeText = (/** @type {number} */ value) => shapeTexts.value[doc.values[value][0]];
  /** The sizes of a value as texts. */
  const sizesOf = (/** @type {number} */ value) =>
    doc.shapes[doc.values[value][0]].map((dim) => dimTexts.value[dim]);
  /** The bytes of a value, its memory its own or not. */
  const bytesOf = (/** @type {number} */ value) => {
    const [shape, dtype] = doc.values[value];
    const count = doc.shapes[shape].reduce((product, dim) => product * dimNumbers.value[dim], 1);
    return count * itemSize(doc.dtypes[dtype]);
  };
  /** A phrase in the chosen language, with {x} replaced. */
  const word = (/** @type {string} */ key, /** @type {Record<string, unknown>} */ fields = {}) => {
    const phrase = doc.words[lang.value]?.[key] ?? key;
    return phrase.replace(/\{(\w+)\}/g, (whole, name) => String(fields[name] ?? whole));
  };
  return { frame, currentBlock, call, visit, dimNumbers, dimTexts, sizesOf, shapeText, bytesOf, word };
}

/** The innermost block in which the last recorded line of a visit ran all its steps.
 * @param {import("./visits.js").FrameView} view @param {import("./visits.js").Visit} visit
 */
function blockRun({ doc, block }, visit) {
  const ran = visit.events.findLast((event) => doc.lines[event][LINE.LAST] > doc.lines[event][LINE.FIRST]);
  if (ran === undefined) return block;
  const [, , first, last] = doc.lines[ran];
  let at = doc.steps[first][STEP.BLOCK];
  while (at > 0 && (doc.blocks[at].first > first || doc.blocks[at].last < last)) at = doc.blocks[at].parent;
  return at;
}

/** Bytes per element: `float32` has 4, `bool` 1.
 * @param {string} dtype
 */
function itemSize(dtype) {
  const bits = /\d+/.exec(dtype);
  return bits ? Math.max(1, Number(bits[0]) / 8) : 1;
}

/** The line to show for some lines of a function: in the call of it that is running, or else its first,
 * where those lines ran next to the current one; -1 if they ran in none.
 * @param {ExplorerDocument} doc @param {number} line the current one
 * @param {{number: number, first: number, last: number}} marked
 */
function lineToShow(doc, line, { number, first, last }) {
  const running = line < 0 ? [] : runningLines(doc, line);
  const current = running.findLast((one) => doc.frames[doc.lines[one][LINE.FRAME]][FRAME.FUNCTION] === number);
  const frame = current === undefined ? indexOf(doc).framesOf[number]?.[0] : doc.lines[current][LINE.FRAME];
  if (frame === undefined) return -1;
  const view = frameView(doc, frame);
  const visit = view.visitOf.get(current ?? -1);
  const isIn = (/** @type {number} */ at) => first <= at && at <= last;
  if (visit && current !== undefined && isIn(visit.line)) return current;
  const { statements } = view.code;
  const shown = [...view.visitsAt.keys()].filter((key) => isIn(statements[key]?.first ?? -key)).map((key) => view.shown(key, visit));
  const found = shown.filter((one) => one?.events.length).sort((one, other) => (one?.line ?? 0) - (other?.line ?? 0))[0];
  return found?.events[0] ?? current ?? indexOf(doc).linesOf[frame][0];
}

/** @param {Parameters<typeof derived>[0] & {index: ReturnType<typeof indexOf>, trail: import("@preact/signals").Signal<number[]>, block: import("@preact/signals").Signal<number>, skip: import("@preact/signals").Signal<number>, view: import("@preact/signals").Signal<PaneName>, marked: import("@preact/signals").Signal<{number: number, first: number, last: number} | null>}} state */
function actions({ doc, index, line, trail, block, skip, view, sizes, marked }) {
  /** Make a line the current one. */
  const goTo = (/** @type {number} */ number) => {
    if (number >= 0 && number < doc.lines.length) line.value = number;
  };
  /** Show a line in Source, with a way back to the current one. */
  const open = (/** @type {number} */ number) => {
    if (number < 0 || number >= doc.lines.length) return;
    batch(() => {
      if (number !== line.value) trail.value = [...trail.value, line.value].slice(-100);
      line.value = number;
      view.value = "source";
    });
  };
  /** Show a function in one of its calls, the first unless the block of another is named, at a line. */
  const openFunction = (/** @type {string} */ name, /** @type {string | undefined} */ call = undefined, line = -1) => {
    const frames = index.framesOf[doc.functions.findIndex((found) => found.name === name)] ?? [];
    const frame = frames.find((one) => doc.blocks[doc.frames[one][FRAME.BLOCK]]?.call === call) ?? frames[0];
    if (frame === undefined) return;
    const events = index.linesOf[frame];
    goTo(events.find((event) => doc.lines[event][LINE.NUMBER] === line) ?? events[0]);
  };
  return {
    goTo,
    open,
    openFunction,
    /** Mark lines of a function, and show them without a way back. */
    markLines: (/** @type {string} */ name, /** @type {[number, number]} */ [first, last]) => batch(() => {
      const number = doc.functions.findIndex((found) => found.name === name);
      marked.value = number < 0 ? null : { number, first, last };
      if (marked.value) goTo(lineToShow(doc, line.peek(), marked.value));
    }),
    /** Return to where the last call was opened. */
    back: () => {
      const last = trail.value.at(-1);
      if (last === undefined) return;
      batch(() => {
        trail.value = trail.value.slice(0, -1);
        line.value = last;
      });
    },
    /** Show the code of a block in Source: its function, or the line that called it. */
    openBlock: (/** @type {number} */ number) => open(lineOfBlock(doc, number)),
    /** Show the line that ran a step. */
    openStep: (/** @type {number} */ step) => open(lineOfStep(doc, step)),
    /** Pin a block, or none with -1; a pinned skip is released. */
    pinBlock: (/** @type {number} */ number) => batch(() => {
      block.value = number;
      skip.value = -1;
    }),
    /** Pin a skip with both its ends, or none with -1; a pinned block is released. */
    pinSkip: (/** @type {number} */ number) => batch(() => {
      skip.value = number;
      block.value = -1;
    }),
    setSize: (/** @type {string} */ name, /** @type {number} */ size) => {
      sizes.value = { ...sizes.value, [name]: size };
    },
    callName: (/** @type {number} */ number) => callName(doc, number),
    blockOf: (/** @type {string} */ call) => index.blockOfCall.get(call) ?? -1,
  };
}
