// The boxes on a map: units, the blocks inside an open one, and what opens them.

import { useComputed } from "@preact/signals";
import { costOf, costText } from "../costs.js";
import { html } from "../html.js";
import { ROW_HEIGHT } from "../map_layout.js";
import { mapStateOf } from "../map_state.js";
import { fitted, fittedFont, localName, textWidth } from "../map_text.js";
import { failingBlock } from "../sizes_state.js";
import { isSingle, useTabStop } from "./map_focus.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {import("../map_layout.js").PlacedUnit} PlacedUnit */
/** @typedef {import("./map_drawing.js").Detail} Detail */
/** @typedef {import("./map_drawing.js").HeatRange} HeatRange */

/** The size of names by detail, in points of the map. */
const NAME_FONTS = [10, 14.5, 20];
const SMALL_FONT = 9;
const LEAST_FONT = 7.5;

/** @param {{state: State, placed: PlacedUnit, detail: Detail, range: HeatRange | null}} props */
export function Unit({ state, placed, detail, range }) {
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
  const label = labelOf(state, unit);
  const name = [label, kind, shape].filter(Boolean).join(", ");
  const isSlanted = !rows.length && (unit.outline === "down" || unit.outline === "up");
  const room = width * (isSlanted ? 0.93 : 1) - (!detail && (hasInner || unit.map >= 0) ? 36 : 8);
  const both = fittedFont(second, room, SMALL_FONT, LEAST_FONT);
  // the class is left out before a shape is shortened
  const small = both.text === second ? both : fittedFont(heat ? second : shape || second, room, SMALL_FONT, LEAST_FONT);
  const { text, font } = fittedFont(label, room, NAME_FONTS[detail], NAME_FONTS[0]);
  return html`<g class=${look} role=${isBlock ? "button" : "img"} aria-label=${name} data-key=${key}
    aria-pressed=${isBlock ? state.block.value === unit.block : undefined}
    aria-expanded=${hasInner ? rows.length > 0 : undefined} tabindex=${useTabStop(state, key)}
    style=${heatOf(state, unit.block, range)}
    onClick=${(/** @type {MouseEvent} */ event) => {
      if (isBlock && isSingle(event)) state.pinBlock(state.block.value === unit.block ? -1 : unit.block);
    }}
    onDblClick=${() => hasInner && map.toggleBlock(unit.block)}
    onPointerEnter=${() => { map.pointed.value = placed.number; }} onFocus=${() => { map.pointed.value = placed.number; }}
    onPointerLeave=${() => { map.pointed.value = -1; }} onBlur=${() => { map.pointed.value = -1; }}>
    <path class="box" d=${outline(placed)} />
    <g aria-hidden="true">
      <text class="unit-name" x=${left + width / 2} y=${top + (detail || !second ? 16 : 11.5)} dy="0.35em"
        style=${`font-size:${font}px`}>${text}</text>
      ${!detail && second && html`<text class="unit-shape" x=${left + width / 2} y=${top + 23} dy="0.35em"
        style=${`font-size:${small.font}px`}>${small.text}</text>`}
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

/** The name of a unit. The document says in English where a side input goes, and what an output is.
 * @param {State} state @param {import("../document.js").MapUnit} unit
 */
function labelOf({ word }, { kind, label }) {
  if (kind === "output") return label.replace(/^output(?=$| \d)/, word("output"));
  const count = kind === "stub" && /^to (\d+) blocks$/.exec(label)?.[1];
  return count ? word("to_blocks", { count }) : label;
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
function unitClass(state, { unit, number }) {
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
    isPartner(state, number) && "partner",
    pinned > 0 && unit.block === pinned && "pinned",
    pinned > 0 && unit.block !== pinned && isIn(pinned) && "holds-pinned",
    skip && (isIn(skip.source) || isIn(skip.target)) && "end-of-skip",
    unit.first < unit.last && map.isCurrent(unit.first, unit.last) && "now",
    isIn(failingBlock(state)) && "failing",
  ].filter(Boolean).join(" ");
}

/** Whether a skip leads from a unit to the one that is pointed at, or back.
 * @param {State} state @param {number} number
 */
function isPartner(state, number) {
  const pointed = mapStateOf(state).pointed.value;
  return pointed >= 0 && state.doc.maps[state.map.value].edges.some(({ skips, source, target }) =>
    skips.length > 0 && ((source === pointed && target === number) || (target === pointed && source === number)));
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
    onClick=${(/** @type {MouseEvent} */ event) => {
      if (isSingle(event)) state.pinBlock(state.block.value === row.block ? -1 : row.block);
    }}
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
