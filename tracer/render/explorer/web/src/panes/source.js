// Source: a function whole and unbroken, with the shapes of one of its calls at the ends of lines.
import { batch, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { argumentsOf } from "../annotation.js";
import { leadingCalls, targetsOf } from "../callees.js";
import { LINE, functionName } from "../document.js";
import { html } from "../html.js";
import { noteOn } from "../pages.js";
import { predictStateOf } from "../predict.js";
import { codeOf } from "../visits.js";
import { CallBar } from "./call_bar.js";
import { ShapesAtEnd } from "./shapes_at_end.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {import("../python_tokens.js").Token} Token */

/** Characters of code before shapes that stand below each other. */
const LONGEST = 52;
/** Characters of code that have room everywhere. */
const BREAKABLE = 36;

/** Listings that are kept, so that going to and fro between functions draws nothing anew. */
const KEPT = 8;

/** @typedef {import("../visits.js").FrameView} FrameView */
/** @typedef {import("../visits.js").Visit} Visit */
/** The call and the visit that a listing shows; those of the state while its function is current.
 * @typedef {{call: import("@preact/signals").Signal<FrameView | null>, visit: import("@preact/signals").Signal<Visit | null>}} Shown
 */

/** @param {{state: State}} props */
export function SourcePane({ state }) {
  const recent = useRef(/** @type {number[]} */ ([]));
  const current = useComputed(() => state.call.value?.number ?? -1);
  if (current.value < 0) return html`<p class="empty">${state.word("no_lines")}</p>`;
  recent.current = [current.value, ...recent.current.filter((number) => number !== current.value)].slice(0, KEPT);
  return html`<${CallBar} state=${state} />
    ${[...recent.current].sort((one, other) => one - other).map((number) => html`<${Listing} key=${number}
      state=${state} number=${number} active=${number === current.value} />`)}`;
}

/** The lines of one function; they are drawn once, and then only what changes in them.
 * @param {{state: State, number: number, active: boolean}} props
 */
function Listing({ state, number, active }) {
  const { doc } = state;
  const fn = doc.functions[number];
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const shown = { call: useSignal(state.call.peek()), visit: useSignal(state.visit.peek()) };
  useSignalEffect(() => {
    if (state.call.value?.number !== number) return;
    const [call, visit] = [state.call.value, state.visit.value];
    batch(() => {
      shown.call.value = call;
      shown.visit.value = visit;
    });
  });
  const rows = useMemo(() => rowsOf(state, number, shown), [number]);
  useMarks(state, shown, box);
  useLitName(state, box);
  useLayoutEffect(() => {
    if (active) reveal(box.current);
  }, [active]);
  const act = (/** @type {Event} */ event) => activate(state, event);
  return html`<div class="listing" ref=${box} hidden=${!active} tabindex="0" role="group" aria-label=${state.word("source_of", { function: functionName(fn) })}
      style=${`--stop:${tabStop(fn)}ch`}
      onClick=${act} onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Enter" && act(event)}
      onPointerOver=${(/** @type {PointerEvent} */ event) => point(state, event)}
      onPointerLeave=${() => (state.name.value = "")}>
    ${fn.source ? null : html`<p class="empty">${state.word("no_source", { file: doc.files[fn.file] })}</p>`}
    ${rows}
  </div>`;
}

/** @param {State} state @param {number} number of the function @param {Shown} shown */
function rowsOf(state, number, shown) {
  const fn = state.doc.functions[number];
  const { lines, statements, statementAt } = codeOf(fn);
  const calls = leadingCalls(state.doc, number);
  const stop = tabStop(fn);
  const base = indent(lines[0]);
  const rows = lines.length ? lines.map((_, at) => fn.first + at) : linesThatRan(state, number);
  const header = statements.findIndex(({ tokens }) => /^(async|def|@)/.test(firstText(tokens)));
  return rows.map((line) => {
    const statement = statementAt.get(line) ?? -1;
    const ends = statement < 0 ? !lines.length : statements[statement].last === line;
    const key = statement < 0 ? -line : statement;
    const tokens = outdented(lines[line - fn.first] ?? [], base);
    const isHeader = statement === header && header >= 0;
    const note = ends && statement >= 0 && noteOn(state.pages, fn.name, statements[statement].first, line);
    return html`<div class="row" key=${line} data-line=${line} data-statement=${key} data-ran=${ranWith(fn, line, statement)}>
      <span class="number">${line}</span>
      <div class="text" style=${`--indent:${indent(tokens)}ch`}>
        <code class=${lengthOf(tokens) < stop ? "code short" : "code"}>${tokensOf(fn, line, tokens, calls)}</code><wbr />
        ${ends ? html`<${ShapesAtEnd} state=${state} shown=${shown} statement=${key} of=${isHeader ? argumentsOf : null} />` : null}
        ${note ? html`<a class="why" href=${note} title=${state.word("note_on_line")}>${state.word("why")}</a>` : null}
      </div>
    </div>`;
  });
}

/** The statement that a line runs with: its own, or for `else:` the first below it.
 * @param {import("../document.js").SourceFunction} fn @param {number} line @param {number} statement
 */
function ranWith(fn, line, statement) {
  const { lines, statements } = codeOf(fn);
  if (statement >= 0 || !["else", "finally", "try"].includes(firstText(lines[line - fn.first] ?? []))) return statement;
  return statements.findIndex(({ first }) => first > line);
}

/** @param {Token[]} tokens */
const firstText = (tokens) => tokens.find(({ kind }) => kind !== "space")?.text ?? "";

/** @param {Token[] | undefined} tokens */
const indent = (tokens) => /^ */.exec(tokens?.[0]?.text ?? "")?.[0].length ?? 0;

/** A line without the indent of the whole function.
 * @param {Token[]} tokens @param {number} base
 */
function outdented(tokens, base) {
  const text = tokens[0]?.text.slice(Math.min(base, indent(tokens)));
  return text === undefined ? [] : [{ ...tokens[0], text }, ...tokens.slice(1)];
}

/** @param {Token[]} tokens */
const lengthOf = (tokens) => tokens.reduce((sum, { text }) => sum + text.length, 0);

/** For a function whose source is not there: its lines that ran in any call.
 * @param {State} state @param {number} number
 */
function linesThatRan({ doc, index }, number) {
  const lines = index.framesOf[number].flatMap((frame) => index.linesOf[frame]);
  const found = lines.flatMap((line) => [...doc.lines[line][LINE.BEFORE], doc.lines[line][LINE.NUMBER]]);
  return [...new Set(found)].sort((a, b) => a - b);
}

/**
 * @param {import("../document.js").SourceFunction} fn @param {number} line
 * @param {Token[]} tokens @param {Set<number>} leading
 */
function tokensOf(fn, line, tokens, leading) {
  const isLong = lengthOf(tokens) > BREAKABLE; // or the only place to break were after the indent
  const links = [...leading].filter((call) => fn.calls[call][0] === line);
  return tokens.map(({ kind, text, column }) => {
    const call = links.find((number) => fn.calls[number][1] === column);
    if (call !== undefined) {
      return html`<span class="callee" role="link" tabindex="0" data-call=${call}>${text}</span>`;
    }
    if (kind === "name") return html`<span data-name=${text}>${text}</span>`;
    if (isLong && text === "(") return html`${text}<wbr />`;
    if (kind === "space" || kind === "operator" || kind === "argument" || kind === "attribute") return text;
    return html`<span class=${kind}>${text}</span>`;
  });
}

/** Where shapes stand if the code before them is short: after most of the lines.
 * @param {import("../document.js").SourceFunction} fn
 */
function tabStop(fn) {
  const { lines, statements } = codeOf(fn);
  const base = indent(lines[0]);
  const ends = statements.map(({ last }) => lengthOf(lines[last - fn.first] ?? []) - base);
  return Math.max(24, ...ends.filter((length) => length <= LONGEST)) + 2;
}

/** A click or Enter: a call opens what it called, a line becomes the current one.
 * @param {State} state @param {Event} event
 */
function activate(state, event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const row = /** @type {HTMLElement | null} */ (target.closest(".row"));
  const view = state.call.peek();
  if (!row || !view || target.closest("a, button, input")) return;
  const shown = view.shown(Number(row.dataset.statement), state.visit.peek() ?? undefined);
  const callee = /** @type {HTMLElement | null} */ (target.closest(".callee"));
  if (callee && openCall(state, Number(callee.dataset.call), shown)) return;
  if (getSelection()?.toString()) return;
  if (target.dataset.name) state.name.value = target.dataset.name;
  // also for a line that did not run, which does not become the current one
  target.dispatchEvent(new CustomEvent("explorer-line", {
    bubbles: true, composed: true, detail: { function: view.fn.name, line: Number(row.dataset.line) },
  }));
  if (shown?.events.length) state.goTo(shown.events[0]);
}

/** @param {State} state @param {number} call @param {import("../visits.js").Visit | undefined} shown */
function openCall(state, call, shown) {
  const view = state.call.peek();
  if (!view) return false;
  const visits = [...(shown ? [shown] : []), ...view.visits];
  for (const visit of visits) {
    const target = targetsOf(view, visit).get(call);
    if (!target) continue;
    if (target.frame >= 0) state.open(state.index.linesOf[target.frame][0]);
    else state.pinBlock(target.block);
    return true;
  }
  return false;
}

/** Light the uses of the name that is pointed at, and say what it holds.
 * @param {State} state @param {PointerEvent} event
 */
function point(state, event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.pointerType === "touch") return;
  const name = target.dataset?.name ?? "";
  state.name.value = name;
  const row = /** @type {HTMLElement | null} */ (name ? target.closest(".row") : null);
  const view = state.call.peek();
  const visit = row && view?.shown(Number(row.dataset.statement), state.visit.peek() ?? undefined);
  const held = visit && view?.held(name, visit.number);
  if (!view || !held) return;
  if (held.value >= 0 && predictStateOf(state).isHidden(view, held.value)) return target.removeAttribute("title");
  const what = held.value >= 0 ? state.shapeText(held.value) : held.text;
  target.title = state.word("held_before", { name, what });
}

/** Mark the current line, the lines that did not run in this call, and the one that fails at the
 * chosen sizes.
 * @param {State} state @param {Shown} shown @param {{current: HTMLElement | null}} box
 */
function useMarks(state, { call, visit }, box) {
  useSignalEffect(() => {
    for (const row of box.current?.querySelectorAll(".row") ?? []) {
      const statement = Number(/** @type {HTMLElement} */ (row).dataset.ran);
      row.classList.toggle("idle", call.value?.isIdle(statement) ?? false);
    }
  });
  useSignalEffect(() => {
    const obstacle = state.obstacle.value;
    const view = call.value;
    if (!obstacle || obstacle.file !== view?.fn.file) return mark(box.current, "wrong", null);
    const statement = view.code.statementAt.get(obstacle.line) ?? -1;
    mark(box.current, "wrong", { statement, line: obstacle.line });
  });
  useSignalEffect(() => {
    const marked = state.marked.value;
    mark(box.current, "marked", null);
    if (!marked || marked.number !== call.value?.number) return;
    for (const row of box.current?.querySelectorAll(".row") ?? []) {
      const line = Number(/** @type {HTMLElement} */ (row).dataset.line);
      if (marked.first <= line && line <= marked.last) row.classList.add("marked");
    }
    reveal(box.current, ".row.marked");
  });
  useSignalEffect(() => {
    mark(box.current, "current", visit.value);
    for (const row of box.current?.querySelectorAll("[aria-current]") ?? []) row.removeAttribute("aria-current");
    box.current?.querySelector(".row.current")?.setAttribute("aria-current", "step");
    reveal(box.current);
  });
}

/** Give the rows of a statement a class, and take it from all others.
 * @param {HTMLElement | null} box @param {string} name @param {{statement: number, line: number} | null} place
 */
function mark(box, name, place) {
  for (const row of box?.querySelectorAll(`.row.${name}`) ?? []) row.classList.remove(name);
  for (const row of (place && box?.querySelectorAll(rowsOfVisit(place))) ?? []) row.classList.add(name);
}

/** @param {{statement: number, line: number}} visit */
function rowsOfVisit({ statement, line }) {
  return statement >= 0 ? `.row[data-statement="${statement}"]` : `.row[data-line="${line}"]`;
}

/** Scroll the listing, and never the page, so that some rows are in sight, the current ones unless others are named.
 * @param {HTMLElement | null} box @param {string} which
 */
function reveal(box, which = ".row.current") {
  const rows = box?.querySelectorAll(which) ?? [];
  if (!box || box.hidden || !rows.length) return;
  const around = box.getBoundingClientRect();
  const top = rows[0].getBoundingClientRect().top - around.top;
  const bottom = rows[rows.length - 1].getBoundingClientRect().bottom - around.top;
  const margin = Math.min(72, around.height / 4);
  if (top < margin) box.scrollTop += top - margin;
  else if (bottom > around.height - margin) box.scrollTop += bottom - around.height + margin;
}

/** @param {State} state @param {{current: HTMLElement | null}} box */
function useLitName(state, box) {
  useSignalEffect(() => {
    const name = state.name.value;
    if (!box.current) return;
    for (const lit of box.current.querySelectorAll(".lit")) lit.classList.remove("lit");
    if (!name) return;
    for (const use of box.current.querySelectorAll(`[data-name="${CSS.escape(name)}"]`)) use.classList.add("lit");
  });
}
