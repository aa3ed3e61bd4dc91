// The shapes at the end of a line: what it read, an arrow, what it made.
import { useComputed } from "@preact/signals";
import { annotationOf } from "../annotation.js";
import { html } from "../html.js";
import { predictStateOf } from "../predict.js";
import { questionsOf } from "../questions.js";
import { Guess } from "./guess.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {import("../annotation.js").Part} Part */
/** @typedef {import("../annotation.js").Annotation} Annotation */
/** @typedef {import("../visits.js").FrameView} FrameView */

/**
 * @param {{state: State, shown: import("./source.js").Shown, statement: number, of: ((view: FrameView) => Annotation) | null}} props `of`
 *   says what a line shows that is no statement of the call, as the arguments at `def`
 */
export function ShapesAtEnd({ state, shown, statement, of }) {
  const visit = useComputed(() => shown.call.value?.shown(statement, shown.visit.value ?? undefined));
  const view = shown.call.value;
  if (!view) return null;
  if (of) return html`<span class="shapes">${phrases(state, of(view), null)}</span>`;
  if (view.startsIdle(statement)) return html`<span class="shapes unrun">${state.word("did_not_run")}</span>`;
  if (!visit.value) return null;
  return html`<span class="shapes">${phrases(state, annotationOf(view, visit.value), { view, visit: visit.value })}
    <${Repeats} state=${state} view=${view} visit=${visit.value} /></span>`;
}

/** Where a tensor stands: in a call, and in an execution of one of its statements.
 * @typedef {{view: FrameView, visit: import("../visits.js").Visit}} Place */

/** @param {State} state @param {Annotation} annotation @param {Place | null} place null where nothing is asked */
function phrases(state, { before, joined, after, sets }, place) {
  const read = before.map(({ value }) => value);
  const groups = [
    ...before.map((part, at) => ({ part, sign: at ? ", " : "" })),
    ...joined.map((part, at) => ({ part, sign: at ? ", " : "→" })),
    ...after.map((part, at) => ({ part, sign: at ? ", " : before.length + joined.length ? "→" : "" })),
  ];
  return [
    groups.map(({ part, sign }, at) => html`${at && sign === ", " ? sign : at ? " " : ""}<span class="tensor">
      ${sign === "→" ? html`<span class="arrow" role="img" aria-label=${state.word("becomes")}>→ </span>` : null}
      <${Tensor} state=${state} part=${part} read=${at < before.length ? [] : read} place=${place} at=${at} /></span>${part.note ? html` <span class="note">${part.note}</span>` : ""}`),
    sets.map(([name, text]) => html` <span class="set">${name} = ${text}</span>`),
  ];
}

/** A tensor: its name and its shape, or a field for it.
 * @param {{state: State, part: Part, read: number[], place: Place | null, at: number}} props
 */
function Tensor({ state, part, read, place, at }) {
  const { label, value, skip } = part;
  return html`<span class=${skip >= 0 ? "skip" : ""}>${label ? html`<span class="label" data-name=${label}>${label}</span> ` : ""}${
    asked(state, part, place, at) ?? html`<${Shape} state=${state} value=${value} read=${read} />`}</span>`;
}

/** What stands in place of a shape while it is asked; null if it is not.
 * @param {State} state @param {Part} part @param {Place | null} place @param {number} at its position in the annotation
 */
function asked(state, part, place, at) {
  if (!place || !predictStateOf(state).isHidden(place.view, part.value)) return null;
  const { view, visit } = place;
  const question = questionsOf(view).get(part.value);
  if (question?.visit !== visit.number || question.part !== at) return html`<span class="unknown">?</span>`;
  const { last: line = visit.line, stores = [] } = view.code.statements[visit.statement] ?? {};
  const label = part.label || stores.join(", ") || state.word("result");
  return html`<${Guess} key=${part.value} state=${state} view=${view} label=${label} line=${line} value=${part.value} />`;
}

/** The shape of a tensor; sizes that no tensor of the same rank in `read` has are emphasized.
 * @param {{state: State, value: number, read?: number[]}} props
 */
export function Shape({ state, value, read = [] }) {
  const sizes = state.sizesOf(value);
  const other = read.map(state.sizesOf).find((found) => found.length === sizes.length);
  if (!other) return html`<span class="shape">${state.shapeText(value)}</span>`;
  return html`<span class="shape">${sizes.map((size, axis) => html`${axis ? "×" : ""}${size === other[axis] ? size : html`<b>${size}</b>`}`)}</span>`;
}

/** Which execution of a line in a loop is shown, and a way to the others.
 * @param {{state: State, view: FrameView, visit: import("../visits.js").Visit}} props
 */
function Repeats({ state, view, visit }) {
  const all = (view.visitsAt.get(visit.statement) ?? []).filter(({ events }) => events.length);
  if (all.length < 2) return null;
  const at = all.indexOf(visit);
  const go = (/** @type {number} */ to) => () => state.goTo(all[to].events[0]);
  return html`<span class="repeats">
    <button type="button" disabled=${at <= 0} aria-label=${state.word("earlier_run")} onClick=${go(at - 1)}>‹</button>
    <span>${at + 1}/${all.length}</span>
    <button type="button" disabled=${at + 1 >= all.length} aria-label=${state.word("later_run")} onClick=${go(at + 1)}>›</button>
  </span>`;
}
