// Above the source: the calls that are running, the function, and which of its calls is shown.
import { useMemo } from "preact/hooks";
import { FRAME, LINE, functionName } from "../document.js";
import { callerOfFrame, runningLines } from "../frames.js";
import { html } from "../html.js";
import { sibling } from "../navigation.js";
import { predictStateOf } from "../predict.js";

/** @typedef {import("../state.js").State} State */

/** @param {{state: State}} props */
export function CallBar({ state }) {
  const { doc, index } = state;
  const frame = state.frame.value;
  const [number] = doc.frames[frame];
  const frames = index.framesOf[number];
  const at = frames.indexOf(frame);
  const functions = useMemo(() => doc.functions.map((fn, other) => index.framesOf[other].length
    ? html`<option key=${other} value=${other}>${functionName(fn)}</option>` : null), [doc]);
  const calls = useMemo(() => frames.map((other) =>
    html`<option key=${other} value=${other}>${frameLabel(state, other)}</option>`), [number]);
  const beside = (/** @type {1 | -1} */ direction) => () => state.goTo(sibling(doc, state.line.peek(), direction));
  return html`<div class="call-bar">
    <${Callers} state=${state} />
    <div class="choosers">
      <label class="chooser"><span>${state.word("function")}</span>
        <select value=${number} onChange=${(/** @type {Event} */ event) => openFunction(state, event)}>${functions}</select></label>
      <label class="chooser call"><span>${state.word("call")}</span>
        <select value=${frame} onChange=${(/** @type {Event} */ event) => openFrame(state, event)}>${calls}</select></label>
      ${frames.length > 1 ? html`<span class="beside">
        <button type="button" disabled=${at <= 0} aria-label=${state.word("earlier_call")} onClick=${beside(-1)}>‹</button>
        <span>${at + 1}/${frames.length}</span>
        <button type="button" disabled=${at + 1 >= frames.length} aria-label=${state.word("later_call")} onClick=${beside(1)}>›</button>
      </span>` : null}
      <${Predict} state=${state} />
    </div>
  </div>`;
}

/** The switch that hides the shapes, and the score.
 * @param {{state: State}} props
 */
function Predict({ state }) {
  const { predicting, word } = state;
  return html`<span class="predict">
    ${predicting.value ? html`<span class="score" role="status">${word("score", predictStateOf(state).score.value)}</span>` : null}
    <button type="button" aria-pressed=${predicting.value} title=${word("predict_what")}
      onClick=${() => (predicting.value = !predicting.value)}>${word("predict")}</button>
  </span>`;
}

/** The way here: the lines that are running, each leads back to itself.
 * @param {{state: State}} props
 */
function Callers({ state }) {
  const { doc } = state;
  const running = runningLines(doc, callerOfFrame(doc, state.frame.value));
  const nameAt = (/** @type {number} */ frame) => functionName(doc.functions[doc.frames[frame][FRAME.FUNCTION]]);
  const { file, link, name } = doc.functions[doc.frames[state.frame.value][FRAME.FUNCTION]];
  const page = state.pages?.functions[name];
  return html`<nav class="callers" aria-label=${state.word("running")}>
    ${state.trail.value.length ? html`<button type="button" class="back" onClick=${state.back}>← ${state.word("back")}</button>` : null}
    ${running.map((line) => html`<button type="button" key=${line} onClick=${() => state.goTo(line)}>
      ${nameAt(doc.lines[line][LINE.FRAME])}<span class="at">:${doc.lines[line][LINE.NUMBER]}</span></button><span class="then">›</span>`)}
    <b>${nameAt(state.frame.value)}</b> <span class="printed">${frameLabel(state, state.frame.value)}</span>
    ${page ? html`<a class="reading" href=${page.page}>${state.word("read_with_notes")}</a>` : null}
    <span class="file">${link ? html`<a href=${link}>${doc.files[file]}</a>` : doc.files[file]}</span>
  </nav>`;
}

/** The block of a call, with a number where the block called the function more than once.
 * @param {State} state @param {number} frame
 */
export function frameLabel({ doc, index, callName }, frame) {
  const [number, block] = doc.frames[frame];
  const same = (index.framesIn[block] ?? []).filter((other) => doc.frames[other][FRAME.FUNCTION] === number);
  return callName(block) + (same.length > 1 ? ` · ${same.indexOf(frame) + 1}` : "");
}

/** @param {State} state @param {Event} event */
function openFunction(state, event) {
  const number = Number(/** @type {HTMLSelectElement} */ (event.currentTarget).value);
  state.open(state.index.linesOf[state.index.framesOf[number][0]][0]);
}

/** @param {State} state @param {Event} event */
function openFrame(state, event) {
  const frame = Number(/** @type {HTMLSelectElement} */ (event.currentTarget).value);
  state.goTo(state.index.linesOf[frame][0]);
}
