// Steps: what the current line does. The join that it makes, the skip stack as piles of cards, and
// the tensors that the function holds.
import { functionName } from "../document.js";
import { html } from "../html.js";
import { memory } from "../number_format.js";
import { JoinFigure } from "./join_figure.js";
import { Piles } from "./piles.js";
import { useFlights } from "./flights.js";
import { Shape } from "./shapes_at_end.js";
import { useRef } from "preact/hooks";

/** @typedef {import("../state.js").State} State */
/** @typedef {import("../visits.js").FrameView} FrameView */
/** @typedef {import("../visits.js").Visit} Visit */

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
  const { loops, others } = smallValues(view, visit);
  return html`<header class="now">
    <div class="where"><b>${state.callName(view.block)}</b><span>${functionName(view.fn)}:${visit.line}</span></div>
    ${loops.length ? html`<${SmallValues} values=${loops} visit=${visit} label=${state.word("loop_variables")} />` : null}
    ${others.length ? html`<details><summary>${state.word("small_values", { count: others.length })}</summary>
      <${SmallValues} values=${others} visit=${visit} label=${state.word("small_values", { count: others.length })} /></details>` : null}
  </header>`;
}

/** @param {{values: {name: string, text: string}[], visit: Visit, label: string}} props */
function SmallValues({ values, visit, label }) {
  const changed = new Set(visit.sets.map(([name]) => name));
  return html`<dl class="small-values" aria-label=${label}>
    ${values.map(({ name, text }) => html`<div key=${name} class=${changed.has(name) ? "changed" : ""}>
      <dt data-name=${name}>${name}</dt><dd>${text}</dd></div>`)}</dl>`;
}

/** The small values after a visit: those that loops set, outer loops first, and all others.
 * @param {FrameView} view @param {Visit} visit
 */
function smallValues(view, visit) {
  const { statements } = view.code;
  const loops = statements.filter(({ tokens }) => /^\s*(async\s+)?for\b/.test(tokens.map(({ text }) => text).join("")));
  const found = [...view.bindings.keys()].flatMap((name) => {
    const held = view.held(name, visit.number, true);
    return held && held.value < 0 && held.text && held.text !== "None" ? [{ name, text: held.text }] : [];
  });
  const place = (/** @type {string} */ name) => loops.findIndex(({ stores }) => stores.includes(name));
  return {
    loops: found.filter(({ name }) => place(name) >= 0).sort((one, other) => place(one.name) - place(other.name)),
    others: found.filter(({ name }) => place(name) < 0),
  };
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
      <td class="bytes">${state.predicting.value ? "" : memory(state.bytesOf(value))}</td></tr>`)}
    </tbody></table>
  </section>`;
}

/** @param {State} state @param {string} name */
const light = (state, name) => () => {
  state.name.value = name;
};
