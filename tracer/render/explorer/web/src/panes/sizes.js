// The bar of sizes: fields for B, H, W and all others, and what they cost.

import { COST_KINDS, costOf, numberText } from "../costs.js";
import { html } from "../html.js";
import { stepFrom, stepOf } from "../size_rules.js";
import { sizesStateOf } from "../sizes_state.js";

/** @typedef {import("../state.js").State} State */

/** @param {{state: State}} props */
export function SizesPane({ state }) {
  const { doc, word } = state;
  const { rules, given, typed, problems, type, reset } = sizesStateOf(state);
  const isGiven = Object.entries(given).every(([name, size]) => typed.value[name] === size);

  if (!doc.symbols.length) {
    return html`<div class="sizes"><div class="sizes-bar"><p class="sizes-fixed">${word("sizes_fixed")}</p>
      <${Totals} state=${state} /></div></div>`;
  }
  return html`<div class="sizes" data-failing=${problems.value.length > 0}>
    <div class="sizes-bar" role="group" aria-label=${word("sizes")}>
      ${doc.symbols.map(({ name }) => html`<${Field} key=${name} state=${state} rule=${rules.get(name)?.[0]}
        value=${typed.value[name]} failing=${problems.value.some((one) => one.name === name)} onSize=${type} />`)}
      ${!isGiven && html`<button class="reset" onClick=${reset}>${word("reset")}</button>`}
      <${FormulaSwitch} state=${state} />
      <${Totals} state=${state} />
    </div>
    <ul class="size-rules">${[...rules].map(([name, [rule]]) => html`<li key=${name} id=${`rule-${name}`}><b>${name}</b> ${
      ruleText(state, rule)}</li>`)}</ul>
  </div>`;
}

/** @param {{state: State, rule: import("../document.js").SizeRule, value: number, failing: boolean, onSize: (sizes: Record<string, number>) => void}} props */
function Field({ state, rule, value, failing, onSize }) {
  const id = `size-${rule.name}`;
  return html`<label class="size" for=${id} title=${ruleText(state, rule)}><span>${rule.name}</span>
    <input id=${id} type="number" inputmode="numeric" min=${rule.minimum || 1} step=${stepOf(rule)}
      value=${Number.isNaN(value) ? "" : value} aria-invalid=${failing} aria-describedby=${`rule-${rule.name}`} style=${`width:${Math.max(4, String(value).length + 4)}ch`}
      onInput=${(/** @type {any} */ event) => onSize({ [rule.name]: event.currentTarget.valueAsNumber })}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
        const direction = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
        if (!direction) return;
        event.preventDefault();
        onSize({ [rule.name]: stepFrom(rule, Number.isNaN(value) ? rule.given : value, direction) });
      }} /></label>`;
}

/** @param {{state: State}} props */
export function FormulaSwitch({ state }) {
  const { formulas, word } = state;
  const option = (/** @type {boolean} */ value, /** @type {string} */ key) => html`<button role="radio"
    aria-checked=${formulas.value === value} tabindex=${formulas.value === value ? 0 : -1} onClick=${() => {
      formulas.value = value;
    }}>${word(key)}</button>`;
  return html`<div class="formula-switch" role="radiogroup" aria-label=${word("shown_as")}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
      if (!event.key.startsWith("Arrow")) return;
      event.preventDefault();
      formulas.value = !formulas.value;
      const group = /** @type {HTMLElement} */ (event.currentTarget);
      requestAnimationFrame(() => /** @type {HTMLElement | null} */ (group.querySelector("[aria-checked=true]"))?.focus());
    }}>${option(false, "numbers")}${option(true, "formulas")}</div>`;
}

/** What the whole model costs at these sizes.
 * @param {{state: State}} props
 */
function Totals({ state }) {
  if (!state.doc.blocks.length) return null;
  return html`<p class="totals">${COST_KINDS.map((kind) => html`<span key=${kind}>
    <b>${numberText(costOf(state, 0, kind), kind)}</b> ${state.word(`${kind}_unit`)}</span>`)}</p>`;
}

/** `multiples of 8, at least 8`.
 * @param {State} state @param {import("../document.js").SizeRule} rule
 */
export function ruleText({ word }, rule) {
  const { multiple, remainders, minimum, maximum, exceptions, tied } = rule;
  if (!multiple) return word("rule_only", { sizes: [rule.given, ...exceptions].sort((a, b) => a - b).join(", ") });
  const isPlain = remainders.length === 1 && remainders[0] === 0;
  const parts = [];
  if (multiple > 1) {
    parts.push(isPlain ? word("rule_multiple", { multiple })
      : word("rule_remainder", { multiple, remainders: remainders.join(", ") }));
  }
  if (minimum > 1) parts.push(word("rule_least", { minimum }));
  if (maximum !== null) parts.push(word("rule_most", { maximum }));
  if (exceptions.length) parts.push(word("rule_also", { sizes: exceptions.join(", ") }));
  if (tied) parts.push(word("rule_tied", { name: tied }));
  return parts.join(", ") || word("rule_any");
}
