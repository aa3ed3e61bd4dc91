// The shapes at the end of a line: what it read, an arrow, what it made.
import { useComputed } from "@preact/signals";
import { annotationOf } from "../annotation.js";
import { html } from "../html.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {import("../annotation.js").Part} Part */
/** @typedef {import("../annotation.js").Annotation} Annotation */
/** @typedef {import("../visits.js").FrameView} FrameView */

/**
 * @param {{state: State, statement: number, of: ((view: FrameView) => Annotation) | null}} props `of`
 *   says what a line shows that is no statement of the call, as the arguments at `def`
 */
export function ShapesAtEnd({ state, statement, of }) {
  const visit = useComputed(() => state.call.value?.shown(statement, state.visit.value ?? undefined));
  const view = state.call.value;
  if (!view) return null;
  if (of) return html`<span class="shapes">${phrases(state, of(view))}</span>`;
  if (view.startsIdle(statement)) return html`<span class="shapes unrun">${state.word("did_not_run")}</span>`;
  if (!visit.value) return null;
  return html`<span class="shapes">${phrases(state, annotationOf(view, visit.value))}
    <${Repeats} state=${state} visit=${visit.value} /></span>`;
}

/** @param {State} state @param {Annotation} annotation */
function phrases(state, { before, joined, after, sets }) {
  const read = before.map(({ value }) => value);
  const groups = [
    ...before.map((part, at) => ({ part, sign: at ? ", " : "" })),
    ...joined.map((part, at) => ({ part, sign: at ? ", " : "→" })),
    ...after.map((part, at) => ({ part, sign: at ? ", " : before.length + joined.length ? "→" : "" })),
  ];
  return [
    groups.map(({ part, sign }, at) => html`${at && sign === ", " ? sign : at ? " " : ""}<span class="tensor">
      ${sign === "→" ? html`<span class="arrow" role="img" aria-label=${state.word("becomes")}>→ </span>` : null}
      <${Tensor} state=${state} part=${part} read=${at < before.length ? [] : read} /></span>`),
    sets.map(([name, text]) => html` <span class="set">${name} = ${text}</span>`),
  ];
}

/** A tensor: its name, its shape, what else is to be said.
 * @param {{state: State, part: Part, read: number[]}} props
 */
function Tensor({ state, part: { label, value, skip, note }, read }) {
  return html`<span class=${skip >= 0 ? "skip" : ""}>${label ? html`<span class="label" data-name=${label}>${label}</span> ` : ""}
    <${Shape} state=${state} value=${value} read=${read} />${note ? html` <span class="note">${note}</span>` : ""}</span>`;
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
 * @param {{state: State, visit: import("../visits.js").Visit}} props
 */
function Repeats({ state, visit }) {
  const all = (state.call.value?.visitsAt.get(visit.statement) ?? []).filter(({ events }) => events.length);
  if (all.length < 2) return null;
  const at = all.indexOf(visit);
  const go = (/** @type {number} */ to) => () => state.goTo(all[to].events[0]);
  return html`<span class="repeats">
    <button type="button" disabled=${at <= 0} aria-label=${state.word("earlier_run")} onClick=${go(at - 1)}>‹</button>
    <span>${at + 1}/${all.length}</span>
    <button type="button" disabled=${at + 1 >= all.length} aria-label=${state.word("later_run")} onClick=${go(at + 1)}>›</button>
  </span>`;
}
