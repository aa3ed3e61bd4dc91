// The drawing of a map: bands of levels, edges, and boxes with the blocks inside them. A step changes
// classes only; sizes change texts; what is opened or closed moves boxes.

import { useComputed } from "@preact/signals";
import { costOf, costText } from "../costs.js";
import { html } from "../html.js";
import { ROW_HEIGHT, inOrder } from "../map_layout.js";
import { mapStateOf } from "../map_state.js";
import { fitted, fittedFont, textWidth } from "../map_text.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {import("../map_layout.js").PlacedUnit} PlacedUnit */
/** @typedef {import("../map_layout.js").PlacedBand} PlacedBand */
/** @typedef {import("../map_layout.js").PlacedEdge} PlacedEdge */
/** @typedef {0 | 1 | 2} Detail  how far the map is zoomed out: the farther, the less text */
/** @typedef {{low: number, high: number}} HeatRange */

/** The size of names by detail, in points of the map. */
const NAME_FONTS = [10, 14.5, 20];
const SMALL_FONT = 9;

/** @param {{state: State, detail: Detail}} props */
export function MapDrawing({ state, detail }) {
  const map = mapStateOf(state);
  const { bands, edges, units } = map.layout.value;
  const range = heatRange(state, units);
  const skips = edges.filter(({ edge }) => edge.skips.length);
  const flows = edges.filter(({ edge }) => !edge.skips.length);
  return html`
    ${bands.map((band) => html`<${Band} key=${band.level.level} state=${state} band=${band} detail=${detail}
      gutter=${gutterOf(units, band)} />`)}
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

/** How hot a block is, from 0 to 1 on a logarithmic scale, as the style of its box.
 * @param {State} state @param {number} block @param {HeatRange | null} range
 */
function heatOf(state, block, range) {
  const kind = mapStateOf(state).heat.value;
  if (!kind || !range || block < 0) return undefined;
  const cost = costOf(state, block, kind);
  if (cost <= 0) return "--heat:0%";
  const share = Math.log(cost / range.low) / Math.log(range.high / range.low || Math.E);
  return `--heat:${Math.round(100 * (0.06 + 0.94 * Math.min(1, Math.max(0, share))))}%`;
}

/** 0 for what the Tab key reaches, -1 for all else.
 * @param {State} state @param {string} key
 */
function useTabStop(state, key) {
  const map = mapStateOf(state);
  return useComputed(() => (map.tabStop.value === key ? 0 : -1));
}

/** @param {{state: State, band: PlacedBand, detail: Detail, gutter: number}} props */
function Band({ state, band, detail, gutter }) {
  const map = mapStateOf(state);
  const { level, top, height, closed } = band;
  const sizes = level.sizes.map((dim) => state.dimTexts.value[dim]).join("×");
  const key = `level-${level.level}`;
  const label = state.word("level_label", { level: level.level, sizes, ratio: level.ratio });
  const inside = closed ? ` · ${level.ratio} · ${state.word("blocks_here", { count: band.units })}` : "";
  // zoomed out, the gutter has no room for letters of a size to be read, but between the columns is some
  const isCentered = detail > 0 && !closed;
  const { text, font } = isCentered || closed
    ? { text: sizes + (isCentered ? ` · ${level.ratio}` : inside), font: [10, 13, 17][detail] }
    : fittedFont(sizes, gutter - 20, 10, 7.5);
  const x = isCentered ? (level.left + gutter + level.right) / 2 : level.left + 16;
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
      ${!closed && !detail && html`<text class="band-ratio" x=${x} y=${top + 26} dy="0.35em">${level.ratio}</text>`}
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
    const isNow = skips.some(({ popped }) => map.isCurrent(popped, popped + 1));
    return ["skip-edge", isPinned && "pinned", isNow && "now", failing.value && "failing"].filter(Boolean).join(" ");
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
  return html`<g class=${look} role="button" aria-label=${name} data-key=${key}
    aria-pressed=${edge.skips.includes(state.skip.value)} tabindex=${useTabStop(state, key)}
    onClick=${() => state.pinSkip(state.skip.value === edge.skips[0] ? -1 : edge.skips[0])}>
    <path class="hit" d=${path} />
    <path class="skip-line" d=${path} marker-end=${`url(#${arrow})`} />
    ${!detail && push && html`<text class="edge-text" x=${push[0]} y=${push[1]} dy="0.3em">${single
      ? state.shapeText(skip.value) : edge.skips.map((at) => doc.skips[at].number).join(", ")}</text>`}
    ${!detail && join && single && !failing.value && html`
      <text class="edge-text" x=${join[0]} y=${join[1]} dy="0.3em">${skip.join} ${state.shapeText(skip.result)}</text>`}
    ${failing.value && join && html`<text class="edge-text failing-text" x=${join[0]} y=${join[1]} dy="0.2em"
      style=${`font-size:${[11, 15, 20][detail]}px`}>${unequal(state)}</text>`}
  </g>`;
}

/** `9 ≠ 8`: the sizes that do not fit.
 * @param {State} state
 */
export function unequal({ obstacle }) {
  const found = obstacle.value;
  if (!found || found.axis < 0) return "";
  const [left, right] = [found.left[found.axis], found.right[found.axis]];
  return left === undefined || right === undefined ? "" : `${left} ≠ ${right}`;
}

/** @param {{state: State, placed: PlacedUnit, detail: Detail, range: HeatRange | null}} props */
function Unit({ state, placed, detail, range }) {
  const map = mapStateOf(state);
  const { unit, left, top, width, height, rows } = placed;
  const key = `unit-${placed.number}`;
  const isBlock = unit.block >= 0;
  const hasInner = isBlock && state.index.children[unit.block].length > 0;
  const look = useComputed(() => unitClass(state, placed));
  const value = valueOf(state, unit);
  const shape = value === undefined ? "" : state.shapeText(value);
  const kind = isBlock ? state.doc.blocks[unit.block].kind : "";
  const heat = map.heat.value;
  const second = heat && isBlock ? `${kind} · ${costText(state, unit.block, heat)}` : [kind, shape].filter(Boolean).join(" · ");
  const name = [unit.label, kind, shape].filter(Boolean).join(", ");
  const isSlanted = !rows.length && (unit.outline === "down" || unit.outline === "up");
  const room = width * (isSlanted ? 0.93 : 1) - (hasInner && !detail ? 30 : 8);
  const { text, font } = fittedFont(unit.label, room, NAME_FONTS[detail], NAME_FONTS[0]);
  return html`<g class=${look} role=${isBlock ? "button" : "img"} aria-label=${name} data-key=${key}
    aria-pressed=${isBlock ? state.block.value === unit.block : undefined}
    aria-expanded=${hasInner ? rows.length > 0 : undefined} tabindex=${useTabStop(state, key)}
    style=${heatOf(state, unit.block, range)}
    onClick=${() => isBlock && state.pinBlock(state.block.value === unit.block ? -1 : unit.block)}
    onDblClick=${() => hasInner && map.toggleBlock(unit.block)}>
    <path class="box" d=${outline(placed)} />
    <g aria-hidden="true">
      <text class="unit-name" x=${left + width / 2} y=${top + (detail || !second ? 16 : 11.5)} dy="0.35em"
        style=${`font-size:${font}px`}>${text}</text>
      ${!detail && second && html`<text class="unit-shape" x=${left + width / 2} y=${top + 23} dy="0.35em">${
        fitted(second, room, SMALL_FONT)}</text>`}
    </g>
    ${hasInner && !detail && html`<${Toggle} x=${left + (isSlanted ? 0.03 * width : 0) + 10} y=${top + 16} open=${rows.length > 0}
      onToggle=${() => map.toggleBlock(unit.block)} />`}
  </g>
  ${rows.map((row, at) => html`<${Row} key=${row.block} state=${state} row=${row} detail=${detail} range=${range}
    left=${left} width=${width} top=${top + unit.height + at * ROW_HEIGHT} />`)}
  ${unit.map >= 0 && html`<${Enter} state=${state} placed=${placed} />`}`;
}

/** What opens the map of a unit that is a UNet itself.
 * @param {{state: State, placed: PlacedUnit}} props
 */
function Enter({ state, placed: { unit, left, top, width } }) {
  const map = mapStateOf(state);
  const key = `enter-${unit.map}`;
  return html`<g class="enter" role="button" aria-label=${state.word("enter_map", { name: unit.label })}
    tabindex=${useTabStop(state, key)} data-key=${key} onClick=${() => map.enter(unit.map)}>
    <rect class="hit" x=${left + width - 22} y=${top + 2} width="20" height="28" rx="4" />
    <path class="chevron" d="M1,-4h3v8h-8v-3M0,0L-4,-4M-4,-1v-3h3"
      transform=${`translate(${left + width - 12},${top + 16})`} />
  </g>`;
}

/** The tensor whose shape a unit shows; an output of the map is one of the block that it is drawn of.
 * @param {State} state @param {import("../document.js").MapUnit} unit
 */
function valueOf({ doc, map }, unit) {
  if (unit.outputs.length || unit.kind !== "output") return unit.outputs[0];
  const { block, units } = doc.maps[map.value];
  return doc.blocks[block].outputs[units.filter(({ kind }) => kind === "output").indexOf(unit)];
}

/** @param {State} state @param {PlacedUnit} placed */
function unitClass(state, { unit }) {
  const map = mapStateOf(state);
  const { doc } = state;
  const pinned = state.block.value;
  const skip = doc.skips[state.skip.value];
  const isIn = (/** @type {number} */ block) =>
    block > 0 && unit.block > 0 && unit.first <= doc.blocks[block].first && doc.blocks[block].last <= unit.last;
  return [
    "unit",
    `unit-${unit.outline}`,
    map.opened.value.has(unit.block) && "open",
    pinned > 0 && unit.block === pinned && "pinned",
    pinned > 0 && unit.block !== pinned && isIn(pinned) && "holds-pinned",
    skip && (isIn(skip.source) || isIn(skip.target)) && "end-of-skip",
    unit.first < unit.last && map.isCurrent(unit.first, unit.last) && "now",
    isIn(failingBlock(state)) && "failing",
  ].filter(Boolean).join(" ");
}

/** The block to mark when the sizes do not work: where a skip is joined, or what failed; -1 for none.
 * @param {State} state
 */
export function failingBlock({ doc, obstacle }) {
  const found = obstacle.value;
  if (!found) return -1;
  return found.skip >= 0 ? doc.skips[found.skip].target : found.block;
}

/** @param {{x: number, y: number, open: boolean, onToggle: () => void}} props */
function Toggle({ x, y, open, onToggle }) {
  return html`<g class="toggle" onClick=${(/** @type {Event} */ event) => {
    event.stopPropagation();
    onToggle();
  }} onDblClick=${(/** @type {Event} */ event) => event.stopPropagation()}>
    <rect class="hit" x=${x - 9} y=${y - 12} width="20" height="24" rx="4" />
    <path class="chevron" d="M-2.5,-3.5L2,0L-2.5,3.5" transform=${`translate(${x},${y})${open ? "rotate(90)" : ""}`} />
  </g>`;
}

/** @param {{state: State, row: import("../map_layout.js").InnerRow, detail: Detail, range: HeatRange | null, left: number, top: number, width: number}} props */
function Row({ state, row, detail, range, left, top, width }) {
  const map = mapStateOf(state);
  const block = state.doc.blocks[row.block];
  const key = `block-${row.block}`;
  const hasInner = state.index.children[row.block].length > 0;
  const look = useComputed(() => [
    "inner-row",
    state.block.value === row.block && "pinned",
    map.isCurrent(block.first, block.last) && "now",
    failingBlock(state) === row.block && "failing",
  ].filter(Boolean).join(" "));
  const isOpen = map.opened.value.has(row.block);
  const shape = block.outputs.length ? state.shapeText(block.outputs[0]) : "";
  const heat = map.heat.value;
  const detailText = heat ? costText(state, row.block, heat) : shape;
  const start = left + 18 + row.depth * 10;
  const name = localName(state, row.block);
  const room = left + width - 8 - start;
  const font = [SMALL_FONT, 11, 13][detail];
  const both = textWidth(name, font) + textWidth(detailText, font) + 12 <= room;
  return html`<g class=${look} role="button" data-key=${key} tabindex=${useTabStop(state, key)}
    aria-label=${[block.call, block.kind, shape].filter(Boolean).join(", ")} aria-pressed=${state.block.value === row.block}
    aria-expanded=${hasInner ? isOpen : undefined} style=${heatOf(state, row.block, range)}
    onClick=${() => state.pinBlock(state.block.value === row.block ? -1 : row.block)}
    onDblClick=${() => hasInner && map.toggleBlock(row.block)}>
    <rect class="row-box" x=${left + 3} y=${top} width=${width - 6} height=${ROW_HEIGHT - 1} rx="3" />
    <g aria-hidden="true">
      <text class="row-name" x=${start} y=${top + ROW_HEIGHT / 2} dy="0.33em" style=${`font-size:${font}px`}>${fitted(name, room, font)}</text>
      ${both && html`<text class="row-shape" x=${left + width - 8} y=${top + ROW_HEIGHT / 2} dy="0.33em"
        style=${`font-size:${font}px`}>${detailText}</text>`}
    </g>
    ${hasInner && html`<${Toggle} x=${start - 8} y=${top + ROW_HEIGHT / 2} open=${isOpen}
      onToggle=${() => map.toggleBlock(row.block)} />`}
  </g>`;
}

/** The name of a block inside the one that holds it.
 * @param {State} state @param {number} block
 */
export function localName({ doc }, block) {
  const { call, parent } = doc.blocks[block];
  const outer = parent > 0 ? `${doc.blocks[parent].call}.` : "";
  return call.startsWith(outer) ? call.slice(outer.length) : call;
}

/** The outline of a box: what lowers or raises the resolution is a trapezium, attention has its corners
 * cut off, and an operation is an oval. An open box is a plain one.
 * @param {PlacedUnit} placed
 */
function outline({ unit, left, top, width, height, rows }) {
  const [right, bottom] = [left + width, top + height];
  if (!rows.length && (unit.outline === "down" || unit.outline === "up")) {
    const slant = 0.07 * width;
    return `M${left},${top}H${right}L${right - slant},${bottom}H${left + slant}Z`;
  }
  if (!rows.length && unit.outline === "attention") {
    const cut = 8;
    return `M${left + cut},${top}H${right - cut}L${right},${top + cut}V${bottom - cut}L${right - cut},${bottom}H${
      left + cut}L${left},${bottom - cut}V${top + cut}Z`;
  }
  const isOval = unit.outline === "join" || unit.outline === "operation";
  const radius = isOval ? Math.min(width, height) / 2 : unit.outline === "plain" ? 8 : 3;
  return `M${left + radius},${top}H${right - radius}a${radius},${radius} 0 0 1 ${radius},${radius}V${bottom - radius}a${
    radius},${radius} 0 0 1 ${-radius},${radius}H${left + radius}a${radius},${radius} 0 0 1 ${-radius},${-radius}V${
    top + radius}a${radius},${radius} 0 0 1 ${radius},${-radius}Z`;
}
