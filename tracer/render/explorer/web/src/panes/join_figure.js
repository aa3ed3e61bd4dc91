// The joins of the current line, drawn: bars as wide as their sizes on the joined axis, and the sum.
import { LINE } from "../document.js";
import { html } from "../html.js";
import { skipNumber } from "../skip_names.js";
import { joinsOf } from "../visits.js";
import { Shape } from "./shapes_at_end.js";

/** @typedef {import("../state.js").State} State */

/** @param {{state: State}} props */
export function JoinFigure({ state }) {
  const { doc } = state;
  const visit = state.visit.value;
  if (!visit) return null;
  const joins = joinsOf(doc, visit);
  const results = [...new Set(joins.map((skip) => doc.skips[skip].result))];
  const joined = new Set(joins.map((skip) => doc.skips[skip].value));
  const popped = visit.events.flatMap((event) => doc.lines[event][LINE.CHANGES].flatMap(
    ([kind, list, value]) => (kind === "pop" && !joined.has(value) ? [{ list, value }] : [])));
  if (!doc.skips.length && !popped.length) return null;
  return html`<section class="join">
    ${[...new Set(popped.map(({ list }) => list))].map((list) => html`<h3 key=${list}>${state.word("taken_from", { list })}</h3>
      <ul class="taken">${popped.filter((one) => one.list === list).map(({ value }) => html`<li key=${value} data-flight=${value}>
        <${Shape} state=${state} value=${value} /></li>`)}</ul>`)}
    ${results.map((result) => html`<${Join} key=${result} state=${state} skips=${joins.filter((skip) => doc.skips[skip].result === result)} />`)}
  </section>`;
}

/** @param {{state: State, skips: number[]}} props the skips that are joined into one result */
function Join({ state, skips }) {
  const { doc } = state;
  const { join, operands, result } = doc.skips[skips[0]];
  const carried = new Map(skips.map((skip) => [skipOperand(doc.skips[skip]), skip]));
  const axis = joinedAxis(state, operands, result);
  const size = (/** @type {number} */ value) => state.sizesOf(value)[axis] ?? state.shapeText(value);
  const weight = (/** @type {number} */ value) => state.predicting.value ? 1 : state.dimNumbers.value[doc.shapes[doc.values[value][0]][axis]] || 1;
  const isSum = axis < 0;
  const say = `${join} [${operands.map(isSum ? state.shapeText : size).join(isSum ? ", " : " | ")}] → ${isSum ? state.shapeText(result) : size(result)}`;
  return html`<figure class=${isSum ? "sum" : "cat"} aria-label=${say}>
    <div class="operands">
      <span class="op">${join}</span>
      ${operands.map((value, at) => {
        const skip = carried.get(value);
        return html`<button type="button" key=${`${value} ${at}`} class=${skip === undefined ? "operand" : "operand skip"}
          style=${isSum ? "" : `flex-grow:${weight(value)}`} data-flight=${skip === undefined ? null : doc.skips[skip].value}
          onClick=${() => skip !== undefined && state.pinSkip(skip)} disabled=${skip === undefined}>
          <b>${isSum ? state.shapeText(value) : size(value)}</b>
          ${skip === undefined ? null : html`<small>${state.word("skip_number", { number: skipNumber(doc, skip) })}</small>`}</button>`;
      })}
    </div>
    <div class="result"><span class="arrow">→</span><b>${isSum || state.predicting.value ? "" : size(result)}</b>
      <${Shape} state=${state} value=${result} /></div>
  </figure>`;
}

/** The operand that brings a skip: the skip itself, or what became of it on the way.
 * @param {import("../document.js").Skip} skip
 */
function skipOperand({ operands, value, joined }) {
  if (operands.includes(value)) return value;
  return operands.find((operand) => operand !== joined) ?? value;
}

/** The axis on which operands are put in a row; -1 if they are not, as in a sum.
 * @param {State} state @param {number[]} operands @param {number} result
 */
function joinedAxis({ doc, dimNumbers }, operands, result) {
  const sizes = (/** @type {number} */ value) => doc.shapes[doc.values[value][0]].map((dim) => dimNumbers.value[dim]);
  const [whole, parts] = [sizes(result), operands.map(sizes)];
  return whole.findIndex((size, axis) => parts.some((part) => part[axis] !== size) &&
    parts.reduce((sum, part) => sum + part[axis], 0) === size);
}
