// The bar to step with: buttons, play and pause, and the whole run as a line under the depth of the
// stack, which shows the U.
import { containerHistory } from "../containers.js";
import { useEffect, useMemo } from "preact/hooks";
import { useSignalEffect } from "@preact/signals";
import { LINE } from "../document.js";
import { html } from "../html.js";
import { backOver, next, over, positionOf, previous } from "../navigation.js";

/** @typedef {import("../state.js").State} State */

const PAUSES = [1600, 800, 400, 150]; // milliseconds from line to line, by speed

/** @param {{state: State}} props */
export function Transport({ state }) {
  const { doc, playing, speed } = state;
  usePlay(state);
  if (state.line.value < 0) return null;
  const move = (/** @type {(doc: import("../document.js").ExplorerDocument, line: number) => number} */ way) => () => {
    playing.value = false;
    state.goTo(way(doc, state.line.peek()));
  };
  const button = (/** @type {string} */ name, /** @type {string} */ sign, /** @type {() => void} */ act, extra = "") =>
    html`<button type="button" class=${extra} aria-label=${state.word(name)} title=${state.word(name)} onClick=${act}>${sign}</button>`;
  return html`<div class="transport" role="group" aria-label=${state.word("steps")}>
    <div class="buttons">
      ${button("step_back", "←", move(previous))}
      ${button("over_back", "↑", move(backOver))}
      ${button(playing.value ? "pause" : "play", playing.value ? "❚❚" : "▶", () => (playing.value = !playing.value), "play")}
      ${button("step_over", "↓", move(over))}
      ${button("step_next", "→", move(next))}
    </div>
    <${Timeline} state=${state} />
    <span class="position">${state.line.value + 1}<span class="of"> / ${doc.lines.length}</span></span>
    <label class="speed"><span>${state.word("speed")}</span>
      <select onChange=${(/** @type {Event} */ event) => (speed.value = Number(/** @type {HTMLSelectElement} */ (event.currentTarget).value))}>
        ${["½", "1", "2", "5"].map((times, at) => html`<option value=${at} selected=${speed.value === at}>${times}×</option>`)}
      </select></label>
  </div>`;
}

/** @param {{state: State}} props */
function Timeline({ state }) {
  const { doc } = state;
  const path = useMemo(() => depthPath(doc), [doc]);
  const last = Math.max(1, doc.lines.length - 1);
  const line = state.line.value;
  const view = state.call.value;
  const say = view ? `${view.fn.name}:${doc.lines[line][LINE.NUMBER]}, ${state.callName(view.block)}` : "";
  return html`<div class="timeline">
    <svg viewBox="0 0 1000 24" preserveAspectRatio="none" aria-hidden="true"><path d=${path} /></svg>
    <span class="done" style=${`width:${(100 * line) / last}%`}></span>
    <input type="range" min="0" max=${last} value=${line} aria-label=${state.word("position")} aria-valuetext=${say}
      onInput=${(/** @type {Event} */ event) => {
        state.playing.value = false;
        state.goTo(positionOf(doc, Number(/** @type {HTMLInputElement} */ (event.currentTarget).value)));
      }} />
  </div>`;
}

/** The depth of all containers over the run, as a stepped area.
 * @param {import("../document.js").ExplorerDocument} doc
 */
function depthPath(doc) {
  const { states, before } = containerHistory(doc);
  const depths = states.map((piles) => piles.reduce((sum, { depth }) => sum + depth, 0));
  const most = Math.max(1, ...depths);
  const x = (/** @type {number} */ line) => ((1000 * line) / Math.max(1, doc.lines.length - 1)).toFixed(1);
  let [path, last] = ["M0 24", 0];
  before.forEach((state, line) => {
    if (depths[state] === last) return;
    last = depths[state];
    path += `H${x(line)}V${(24 - (22 * last) / most).toFixed(1)}`;
  });
  return `${path}H1000V24Z`;
}

/** Go on by itself while playing, over calls; it stops at the end.
 * @param {State} state
 */
function usePlay(state) {
  useSignalEffect(() => {
    if (!state.playing.value) return undefined;
    const timer = setInterval(() => {
      const line = state.line.peek();
      const following = over(state.doc, line);
      if (following === line) state.playing.value = false;
      else state.goTo(following);
    }, PAUSES[state.speed.value]);
    return () => clearInterval(timer);
  });
  useEffect(() => () => {
    state.playing.value = false;
  }, []);
}
