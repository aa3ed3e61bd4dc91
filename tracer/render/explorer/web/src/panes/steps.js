// Steps: what the current line does. The join that it makes, the skip stack as piles of cards, and
// the tensors that the function holds.
import { LINE } from "../document.js";
import { html } from "../html.js";
import { memory } from "../number_format.js";
import { JoinFigure } from "./join_figure.js";
import { Piles } from "./piles.js";
import { useFlights } from "./flights.js";
import { Shape } from "./shapes_at_end.js";
import { useRef } from "preact/hooks";

/** @typedef {import("../state.js").State} State */

/** @param {{state: State}} props */
export function StepsPane({ state }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useFlights(state, box);
  if (!state.visit.value) return null;
  return html`<div class="steps" ref=${box}>
    <${Now} state=${state} />
    <${JoinFigure} state=${state} />
    <${Piles} state=${state} />
    <${Held} state=${state} />
  </div>`;
}

/** Where the run is, and the loop variables and other small values there.
 * @param {{state: State}} props
 */
function Now({ state }) {
  const [view, visit] = [state.call.value, state.visit.value];
  if (!view || !visit) return null;
  const small = [...view.bindings.keys()].flatMap((name) => {
    const held = view.held(name, visit.number, true);
    return held && held.value < 0 && held.text && held.text !== "None" ? [{ name, text: held.text }] : [];
  });
  const place = (/** @type {string} */ name) => view.code.statements.findIndex(({ stores }) => stores.includes(name));
  small.sort((one, other) => place(one.name) - place(other.name)); // outer loops first
  const changed = new Set(visit.sets.map(([name]) => name));
  return html`<header class="now">
    <div class="where"><b>${state.callName(view.block)}</b><span>${view.fn.name}:${visit.line}</span></div>
    ${small.length ? html`<dl class="small-values" aria-label=${state.word("small_values")}>
      ${small.map(({ name, text }) => html`<div key=${name} class=${changed.has(name) ? "changed" : ""}>
        <dt data-name=${name}>${name}</dt><dd>${text}</dd></div>`)}
    </dl>` : null}
  </header>`;
}

/** The local names that hold tensors after the current line.
 * @param {{state: State}} props
 */
function Held({ state }) {
  const [view, visit] = [state.call.value, state.visit.value];
  if (!view || !visit) return null;
  const rows = [...view.bindings.keys()].flatMap((name) => {
    const held = view.held(name, visit.number, true);
    return held && held.value >= 0 ? [{ name, value: held.value, isNew: held.after === visit.number }] : [];
  });
  if (!rows.length) return null;
  const before = (/** @type {string} */ name) => view.held(name, visit.number)?.value ?? -1;
  return html`<section class="held">
    <h3>${state.word("held")}</h3>
    <table><tbody>${rows.map(({ name, value, isNew }) => html`<tr key=${name} class=${isNew ? "changed" : ""}>
      <th scope="row"><button type="button" onPointerEnter=${light(state, name)} onPointerLeave=${light(state, "")}
        onFocus=${light(state, name)} onBlur=${light(state, "")} onClick=${light(state, name)}>${name}</button></th>
      <td><${Shape} state=${state} value=${value} read=${isNew && before(name) >= 0 ? [before(name)] : []} /></td>
      <td class="bytes">${memory(state.bytesOf(value))}</td></tr>`)}
    </tbody></table>
  </section>`;
}

/** @param {State} state @param {string} name */
const light = (state, name) => () => {
  state.name.value = name;
};
