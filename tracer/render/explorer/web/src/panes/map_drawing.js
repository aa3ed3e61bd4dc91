// The drawing of a map: bands of levels, edges, and boxes. A step changes
// classes only; sizes change texts; what is opened or closed moves boxes.

import { useComputed } from "@preact/signals";
import { costOf } from "../costs.js";
import { html } from "../html.js";
import { inOrder, labelCenter } from "../map_layout.js";
import { mapStateOf } from "../map_state.js";
import { fittedFont, textWidth } from "../map_text.js";
import { unequal } from "../sizes_state.js";
import { isSingle, useTabStop } from "./map_focus.js";
import { Unit } from "./map_units.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {import("../map_layout.js").PlacedUnit} PlacedUnit */
/** @typedef {import("../map_layout.js").PlacedBand} PlacedBand */
/** @typedef {import("../map_layout.js").PlacedEdge} PlacedEdge */
/** @typedef {0 | 1 | 2} Detail  how far the map is zoomed out: the farther, the less text */
/** @typedef {{low: number, high: number}} HeatRange */


/** Of the sizes of a level, in points of the map. */
const LEAST_FONT = 7.5;

/** @param {{state: State, detail: Detail}} props */
export function MapDrawing({ state, detail }) {
  const map = mapStateOf(state);
  const { bands, edges, units } = map.layout.value;
  const range = heatRange(state, units);
  const skips = edges.filter(({ edge }) => edge.skips.length);
  const flows = edges.filter(({ edge }) => !edge.skips.length);
  return html`
    ${bands.map((band) => html`<${Band} key=${band.level.level} state=${state} band=${band} detail=${detail}
      units=${units} gutter=${gutterOf(units, band)} />`)}
    <path class="flow" d=${flows.map(({ path }) => path).join("")} />
    ${flows.map(({ path }, at) => html`<path key=${at} class="flow-end" d=${path} marker-end="url(#flow-arrow)" />`)}
    ${skips.map((edge) => html`<${SkipEdge} key=${edge.edge.skips[0]} state=${state} placed=${edge} detail=${detail} />`)}
    ${inOrder(units).filter(({ hidden }) => !hidden).map((unit) => html`
      <${Unit} key=${unit.number} state=${state} placed=${unit} detail=${detail} range=${range} />`)}`;
}

/** How much room is left of the boxes of a level.
 * @param {PlacedUnit[]} units @param {PlacedBand} band
 */
function gutterOf(units, { level }) {
  const inside = units.filter(({ unit }) => level.top <= unit.y && unit.y <= level.bottom);
  return Math.max(24, Math.min(...inside.map(({ left }) => left)) - level.left);
}

/** The least and greatest cost on the map, for the colors of heat; null without them.
 * @param {State} state @param {PlacedUnit[]} units @returns {HeatRange | null}
 */
export function heatRange(state, units) {
  const kind = mapStateOf(state).heat.value;
  if (!kind) return null;
  const blocks = units.map(({ unit }) => unit.block).filter((block) => block >= 0);
  const costs = blocks.map((block) => costOf(state, block, kind)).filter((cost) => cost > 0);
  return costs.length ? { low: Math.min(...costs), high: Math.max(...costs) } : null;
}

/** @param {{state: State, band: PlacedBand, units: PlacedUnit[], detail: Detail, gutter: number}} props */
function Band({ state, band, units, detail, gutter }) {
  const map = mapStateOf(state);
  const { level, top, height, closed } = band;
  const sizes = state.predicting.value ? "?" : level.sizes.map((dim) => state.dimTexts.value[dim]).join("×");
  const key = `level-${level.level}`;
  const label = state.word("level_label", { level: level.level, sizes, ratio: level.ratio });
  const inside = closed ? ` · ${level.ratio} · ${state.word("blocks_here", { count: band.units })}` : "";
  // zoomed out, the gutter has no room for letters of a size to be read, but between the columns is some
  const isCentered = !closed && (detail > 0 || textWidth(sizes, LEAST_FONT) > gutter - 20);
  const { text, font } = isCentered || closed
    ? { text: sizes + (isCentered ? ` · ${level.ratio}` : inside), font: [10, 13, 17][detail] }
    : fittedFont(sizes, gutter - 20, 10, LEAST_FONT);
  const x = isCentered ? labelCenter(units, band, textWidth(text, font), gutter) : level.left + 16;
  return html`<g class="band" data-closed=${closed}>
    <rect class="band-box" x=${level.left} y=${top} width=${level.right - level.left} height=${height} rx="6" />
    <g class="band-head" role="button" aria-expanded=${!closed} aria-label=${label} data-key=${key}
      tabindex=${useTabStop(state, key)} onClick=${() => map.toggleLevel(level.level)}>
      <rect class="hit" x=${level.left} y=${top} width=${closed ? level.right - level.left : gutter - 2}
        height=${closed ? height : 34} rx="6" />
      <path class="chevron" d="M-2.5,-3.5L2,0L-2.5,3.5"
        transform=${`translate(${level.left + 9},${top + 13})${closed ? "" : "rotate(90)"}${detail ? "scale(1.6)" : ""}`} />
    </g>
    <g class="band-text" aria-hidden="true">
      <text class=${isCentered ? "band-size centered" : "band-size"} x=${x} y=${top + (isCentered ? 11 : 13)} dy="0.35em"
        style=${`font-size:${font}px`}>${text}</text>
      ${!closed && !isCentered && html`<text class="band-ratio" x=${x} y=${top + 26} dy="0.35em">${level.ratio}</text>`}
    </g>
  </g>`;
}

/** @param {{state: State, placed: PlacedEdge, detail: Detail}} props */
function SkipEdge({ state, placed, detail }) {
  const map = mapStateOf(state);
  const { doc, obstacle } = state;
  const { edge, path, push, join } = placed;
  const units = doc.maps[state.map.value].units;
  const key = `skip-${edge.skips[0]}`;
  const failing = useComputed(() => edge.skips.includes(obstacle.value?.skip ?? -1));
  const look = useComputed(() => {
    const ends = [units[edge.source].block, units[edge.target].block];
    const isPinned = edge.skips.includes(state.skip.value) || (state.block.value > 0 && ends.includes(state.block.value));
    const skips = edge.skips.map((number) => doc.skips[number]);
    const isNow = skips.some(({ popped }) => map.isJoinedNow(popped));
    const isPointed = edge.source === map.pointed.value || edge.target === map.pointed.value;
    return ["skip-edge", isPointed && "pointed", isPinned && "pinned", isNow && "now", failing.value && "failing"].filter(Boolean).join(" ");
  });
  const skip = doc.skips[edge.skips[0]];
  const single = edge.skips.length === 1;
  const name = single
    ? state.word("skip_label", {
        number: skip.number, source: state.callName(skip.source), target: state.callName(skip.target),
        shape: state.shapeText(skip.value),
      })
    : state.word("skips_label", { numbers: edge.skips.map((at) => doc.skips[at].number).join(", ") });
  const arrow = failing.value ? "failing-arrow" : "skip-arrow";
  return html`<g class=${look} role="button" aria-label=${failing.value ? `${name}, ${unequal(state)}` : name} data-key=${key}
    aria-pressed=${edge.skips.includes(state.skip.value)} tabindex=${useTabStop(state, key)}
    onClick=${(/** @type {MouseEvent} */ event) => {
      if (isSingle(event)) state.pinSkip(state.skip.value === edge.skips[0] ? -1 : edge.skips[0]);
    }}>
    <path class="hit" d=${path} />
    <path class="skip-line" d=${path} marker-end=${`url(#${arrow})`} />
    <g aria-hidden="true">
      ${!detail && push && html`<text class="edge-text" x=${push[0]} y=${push[1]} dy="0.3em">${single
        ? state.shapeText(skip.value) : edge.skips.map((at) => doc.skips[at].number).join(", ")}</text>`}
      ${!detail && join && single && !failing.value && html`
        <text class="edge-text" x=${join[0]} y=${join[1]} dy="0.3em">${skip.join} ${state.shapeText(skip.result)}</text>`}
      ${failing.value && join && html`<text class="edge-text failing-text" x=${join[0]} y=${join[1]} dy="0.2em"
        style=${`font-size:${[11, 15, 20][detail]}px`}>${unequal(state)}</text>`}
    </g>
  </g>`;
}
