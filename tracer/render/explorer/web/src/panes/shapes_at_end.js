// The shapes at the end of a line: what it read, an arrow, what it made.
import { useComputed } from "@preact/signals";
import { annotationOf } from "../annotation.js";
import { html } from "../html.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {import("../annotation.js").Part} Part */
/** @typedef {import("../visits.js").FrameView} FrameView */

/**
 * @param {{state: State, statement: number, of: ((view: FrameView) => Part[]) | null}} props `of`
 *   says what a line shows that is no statement of the call, as the arguments at `def`
 */
export function ShapesAtEnd({ state, statement, of }) {
  const visit = useComputed(() => state.call.value?.shown(statement, state.visit.value ?? undefined));
  const view = state.call.value;
  if (!view) return null;
  if (of) return html`<span class="shapes">${list(state, of(view), [])}</span>`;
  if (view.startsIdle(statement)) return html`<span class="shapes unrun">${state.word("did_not_run")}</span>`;
  if (!visit.value) return null;
  const { before, joined, after, sets } = annotationOf(view, visit.value);
  const read = before.map(({ value }) => value);
  const arrow = html`<span class="arrow" aria-label=${state.word("becomes")}> → </span>`;
  return html`<span class="shapes">
    ${list(state, before, [])}
    ${joined.length ? [before.length ? arrow : null, list(state, joined, read)] : null}
    ${after.length ? [before.length || joined.length ? arrow : null, list(state, after, read)] : null}
    ${sets.map(([name, text]) => html`<span class="set">${name} = ${text}</span>`)}
    <${Repeats} state=${state} visit=${visit.value} />
  </span>`;
}

/** Tensors with commas; sizes that no tensor of the same rank in `read` has are emphasized.
 * @param {State} state @param {Part[]} parts @param {number[]} read
 */
function list(state, parts, read) {
  return parts.map(({ label, value, skip, note }, at) => html`${at ? ", " : ""}<span class=${skip >= 0 ? "tensor skip" : "tensor"}>
    ${label ? html`<span class="label" data-name=${label}>${label}</span> ` : ""}<${Shape} state=${state} value=${value} read=${read} />
    ${note ? html` <span class="note">${note}</span>` : ""}</span>`);
}

/** @param {{state: State, value: number, read?: number[]}} props */
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
