// Below the sizes: which of them do not work, why, and the nearest that do.

import { html } from "../html.js";
import { nearestTogether } from "../sizes_check.js";
import { failingBlock, sizesStateOf } from "../sizes_state.js";
import { ruleText } from "./sizes.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {import("../sizes_check.js").SizeProblem} SizeProblem */

/** @param {{state: State}} props */
export function SizesMessage({ state }) {
  const found = sizesStateOf(state).problems.value;
  return html`<div class="sizes-message" role="status">${found.length ? html`<${Message} state=${state} found=${found} />` : null}</div>`;
}

/** @param {{state: State, found: SizeProblem[]}} props */
function Message({ state, found }) {
  const { word, doc, pages } = state;
  const { given, type } = sizesStateOf(state);
  const isRule = found.some(({ rule }) => doc.rules?.includes(rule)); // otherwise the model may work at these sizes
  const missing = found.find(({ size }) => Number.isNaN(size));
  const refused = missing ? word("no_size", { name: missing.name })
    : word(isRule ? "size_fails" : "size_without_formulas", { sizes: sizesText(found) });
  const names = found.map(({ name }) => name).join("×");
  const buttons = nearestTogether(found).map((sizes) => html`<button type="button" key=${Object.values(sizes).join()}
    onClick=${() => type(sizes)}>${names} = ${Object.values(sizes).join("×")}</button>`);
  return html`<p><strong>${refused}</strong> <${Reason} state=${state} found=${found} /></p>
    <p>${word(isRule ? "rule_is" : "formulas_hold", { rule: rulesText(state, found) })}
      ${buttons.length > 0 && html`<span class="nearest">${buttons}</span>`}
      ${isRule && pages?.sizes ? html` <a href=${pages.sizes}>${word("why_sizes_break")}</a>` : null}</p>
    <p class="sizes-kept">${word("sizes_kept", { sizes: Object.entries(given).map(([name]) => `${name} = ${state.sizes.value[name]}`).join(", ") })}</p>`;
}

/** `H = W = 36, B = 0`: names with the same size together.
 * @param {SizeProblem[]} found
 */
function sizesText(found) {
  const sizes = [...new Set(found.map(({ size }) => size))];
  return sizes.map((size) => [...found.filter((one) => one.size === size).map(({ name }) => name), size].join(" = ")).join(", ");
}

/** The rule of each size, once if all have the same.
 * @param {State} state @param {SizeProblem[]} found
 */
function rulesText(state, found) {
  const texts = found.map(({ rule }) => ruleText(state, rule));
  if (new Set(texts).size === 1) return texts[0];
  return found.map(({ name }, at) => `${name}: ${texts[at]}`).join("; ");
}

/** What stops the model: which block rounds a size, and what then meets what.
 * @param {{state: State, found: SizeProblem[]}} props
 */
function Reason({ state, found }) {
  const { obstacle, doc, word } = state;
  const stop = obstacle.value;
  const said = stop?.text[state.lang.value] ?? stop?.text.en;
  if (!stop || !(said || stop.left.length)) return null;
  const { left, right, axis, op, file, line, rounding } = stop;
  const block = failingBlock(state);
  const like = found.find((one) => one.obstacle && one.obstacle.step === stop.step && one.obstacle.size !== one.size);
  const name = (/** @type {number} */ number) => (number > 0
    ? html`<button type="button" onClick=${() => state.pinBlock(number)}>${state.callName(number)}</button>` : state.callName(Math.max(0, number)));
  const shape = (/** @type {number[]} */ sizes, /** @type {number[]} */ other) => html`<span class="misfit">${sizes.map((size, at) => html`${
    at > 0 && "×"}${at === axis || (stop.step >= 0 && size !== other[at] && found.some((one) => one.obstacle?.axis === at)) ? html`<b>${size}</b>` : size}`)}</span>`;
  const parts = {
    where: filled(state, stop.skip >= 0 ? "before_block" : "inside_block", { block: name(block) }), op: html`<code>${op}</code>`, left: shape(left, right), right: shape(right, left),
    ...(rounding && {
      rounded: name(rounding.block), before: rounding.before, after: rounding.after, grown_in: name(rounding.grown_in), grown: rounding.grown,
    }),
  };
  const key = !rounding ? "cannot_join" : rounding.grown_in > 0 ? "rounded_and_grown" : "rounded";
  return html`${like && html`${word("like_size", { name: like.name, size: like.obstacle?.size })} `}
    ${left.length && right.length ? html`<span class="reason">${filled(state, key, parts)}</span>` : html`<span class="error-text">${said}</span>`}
    ${file >= 0 && html` <button type="button" class="place" onClick=${() => state.openBlock(block)}>${doc.files[file].split("/").at(-1)}:${line}</button>`}`;
}

/** A phrase with elements in its places.
 * @param {State} state @param {string} key @param {Record<string, unknown>} parts
 */
function filled({ word }, key, parts) {
  return word(key).split(/\{(\w+)\}/).map((text, at) => (at % 2 ? parts[text] : text));
}
