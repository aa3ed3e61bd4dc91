// The card of what is pinned: a block or a skip, with shapes, the sum of channels, lines and costs.

import { COST_KINDS, costOf, costText, valueBytes } from "../costs.js";
import { LINE, STEP } from "../document.js";
import { html } from "../html.js";
import { mapStateOf } from "../map_state.js";
import { memory, percent } from "../number_format.js";
import { skipNumber } from "../skip_names.js";

/** @typedef {import("../state.js").State} State */

/** The card beside the stack, where there is room for it; elsewhere it is below the map.
 * @param {{state: State}} props
 */
export function CardPane({ state }) {
  return state.layout.value !== "wide" ? null : html`<${Card} state=${state} />`;
}

/** @param {{state: State}} props */
export function Card({ state }) {
  const [block, skip] = [state.block.value, state.skip.value];
  const { word } = state;
  if (block < 0 && skip < 0 && !state.panes.includes("map")) return null;
  if (block < 0 && skip < 0) return html`<p class="pin-card card-empty">${word("nothing_pinned")}</p>`;
  return html`<section class="pin-card" aria-label=${word("pinned")}>
    <button class="card-close" aria-label=${word("release")} onClick=${() => state.pinBlock(-1)}>×</button>
    ${skip >= 0 ? html`<${SkipCard} state=${state} number=${skip} />` : html`<${BlockCard} state=${state} block=${block} />`}
  </section>`;
}

/** @param {{state: State, block: number}} props */
function BlockCard({ state, block }) {
  const { doc, word, index } = state;
  const { kind, call, level, role, note, first, last, inputs, outputs, kernel, stride, groups, arguments: names } = doc.blocks[block];
  const noteText = note && (note[state.lang.value] ?? Object.values(note)[0]);
  const page = state.pages?.functions[doc.functions[doc.blocks[block].function]?.name];
  const map = mapStateOf(state);
  const children = index.children[block];
  const nested = doc.maps[state.map.value].units.find((unit) => unit.block === block && unit.map >= 0);
  const joins = doc.skips.flatMap((skip, number) => (skip.target === block ? [number] : []));
  const pushes = doc.skips.flatMap((skip, number) => (skip.source === block ? [number] : []));
  const place = [role && word(`role_${role}`), level !== null && word("at_level", { level })].filter(Boolean).join(", ");
  const sizes = kernel.length && [word("kernel", { sizes: kernel.join("×") }), stride.length && word("stride", { sizes: stride.join("×") }),
    groups > 1 && word("groups", { count: groups })].filter(Boolean).join(", ");
  return html`
    <h3><code>${state.callName(block)}</code><span class="kind">${kind}</span></h3>
    ${(place || sizes) && html`<p class="card-place">${[place, sizes].filter(Boolean).join(" · ")}</p>`}
    ${joins.map((number) => html`<${Join} key=${number} state=${state} number=${number} />`)}
    <table class="card-shapes"><tbody>
      ${inputs.map((value, at) => html`<tr key=${`in${at}`}><th scope="row"><code>${names[at] ?? word("input")}</code></th>
        <td>${state.shapeText(value)}</td></tr>`)}
      ${outputs.map((value, at) => html`<tr key=${`out${at}`} class="card-output"><th scope="row">→</th>
        <td>${state.shapeText(value)}</td></tr>`)}
    </tbody></table>
    <${Costs} state=${state} block=${block} />
    ${note && html`<p class="card-note">${page ? html`<a href=${page.page}>${noteText}</a>` : noteText}</p>`}
    <p class="card-links">
      ${doc.blocks[block].function >= 0 && html`<button onClick=${() => state.openBlock(block)}>${word("open_source")}</button>`}
      ${call && html`<${CallLine} state=${state} block=${block} />`}
      ${children.length > 0 && html`<button aria-expanded=${map.opened.value.has(block)} onClick=${() => openOnMap(state, block)}>
        ${word(map.opened.value.has(block) ? "close_block" : children.length > 1 ? "open_block" : "open_one_block", { count: children.length })}</button>`}
      ${nested && html`<button onClick=${() => map.enter(nested.map)}>${word("enter_map", { name: nested.label })}</button>`}
      ${pushes.map((number) => html`<button key=${number} class="to-skip" onClick=${() => state.pinSkip(number)}>
        ${word("pushes_skip", { number: skipNumber(doc, number), target: state.callName(doc.skips[number].target) })}</button>`)}
    </p>
    ${first >= last && html`<p class="card-place">${word("ran_nothing")}</p>`}`;
}

/** Opens or closes a block, and opens the blocks around it.
 * @param {State} state @param {number} block
 */
function openOnMap(state, block) {
  const map = mapStateOf(state);
  const { blocks, maps } = state.doc;
  const units = new Set(maps[state.map.value].units.map((unit) => unit.block));
  for (let at = block; at > 0 && !units.has(at); at = blocks[at].parent) {
    const { parent } = blocks[at];
    if (!map.opened.value.has(parent)) map.toggleBlock(parent);
  }
  map.toggleBlock(block);
}

/** @param {{state: State, block: number}} props */
function CallLine({ state, block }) {
  const { doc, index } = state;
  const { first } = doc.blocks[block];
  const step = doc.steps[first];
  if (!step || step[STEP.FILE] < 0 || index.framesIn[block].length) return null;
  return html`<${Place} state=${state} file=${step[STEP.FILE]} line=${step[STEP.LINE]}
    open=${() => state.openStep(first)} />`;
}

/** A line of the code, which opens in Source.
 * @param {{state: State, file: number, line: number, open: () => void}} props
 */
export function Place({ state, file, line, open }) {
  if (file < 0) return null;
  const name = state.doc.files[file];
  return html`<button class="place" title=${name} onClick=${(/** @type {Event} */ event) => {
    event.stopPropagation();
    open();
  }}>${name.slice(name.lastIndexOf("/") + 1)}:${line}</button>`;
}

/** Where a tensor was pushed on a stack, or popped from it.
 * @param {{state: State, row: import("../document.js").LedgerRow, kind: "push" | "pop"}} props
 */
export function StackPlace({ state, row, kind }) {
  const end = kind === "push" ? row.pushed : row.popped;
  if (!end) return null;
  const skip = state.doc.skips[row.skips[0]];
  const known = skip ? skip[kind === "push" ? "push_line" : "pop_line"] : -1;
  const change = known >= 0 ? known : changeOf(state.doc, row, kind);
  // no list was changed where a local name holds the tensor until it is joined
  const step = skip ? (kind === "push" ? skip.pushed : skip.popped) : end.step;
  const open = () => (change >= 0 ? state.open(change) : state.openStep(step));
  return html`<${Place} state=${state} file=${end.file} line=${end.line} open=${open} />`;
}

/** The line event that pushed or popped a tensor, -1 for none.
 * @param {State["doc"]} doc @param {import("../document.js").LedgerRow} row @param {"push" | "pop"} kind
 */
function changeOf(doc, { value, stack }, kind) {
  return doc.lines.findIndex((line) => line[LINE.CHANGES].some(
    ([what, list, changed]) => what === kind && list === stack && changed === value));
}

/** @param {{state: State, block: number}} props */
function Costs({ state, block }) {
  return html`<dl class="card-costs">${COST_KINDS.map((kind) => {
    const share = percent(costOf(state, block, kind), costOf(state, 0, kind));
    return html`<div key=${kind}><dt>${state.word(kind)}</dt>
      <dd>${costText(state, block, kind)}${block > 0 && share && html` <small>${share}%</small>`}</dd></div>`;
  })}</dl>`;
}

/** The join before a block: `cat 256 + 128 = 384`, drawn to scale.
 * @param {{state: State, number: number}} props
 */
function Join({ state, number }) {
  const { doc, word } = state;
  const skip = doc.skips[number];
  return html`<div class="join">
    <${Sum} state=${state} number=${number} />
    <p class="join-from">${word("skip_from", { number: skipNumber(doc, number) })} <button class="to-skip"
      onClick=${() => state.pinSkip(number)}>${state.callName(skip.source)}</button></p>
  </div>`;
}

/** The operands of a join and its result by their channels, or, where they are added, by their shapes.
 * @param {{state: State, number: number}} props
 */
export function Sum({ state, number }) {
  const { doc, dimNumbers } = state;
  const { join, operands, value, joined, result } = doc.skips[number];
  const shape = (/** @type {number} */ at) => doc.shapes[doc.values[at][0]];
  const axis = joinedAxis(doc, operands, result);
  if (axis < 0) {
    return html`<p class="join-sum"><code>${join}</code> ${state.shapeText(joined)} + <b>${state.shapeText(value)}</b> → ${
      state.shapeText(result)}</p>`;
  }
  const parts = operands.map((operand) => ({
    text: state.sizesOf(operand)[axis] ?? "?",
    size: state.predicting.value ? 1 : dimNumbers.value[shape(operand)[axis]],
    isSkip: operand === value,
  }));
  const total = state.sizesOf(result)[axis] ?? "?";
  return html`<p class="join-sum"><code>${join}</code> ${parts.map(({ text, isSkip }, at) => html`<span key=${at}>${at > 0 && " + "}${
    isSkip ? html`<b>${text}</b>` : text}</span>`)} = ${total}</p>
    <div class="bars" aria-hidden="true">${parts.map(({ size, isSkip, text }, at) => html`<span key=${at}
      class=${isSkip ? "bar-skip" : "bar"} style=${`flex-grow:${size}`}>${text}</span>`)}</div>`;
}

/** The axis along which tensors are concatenated: the only one in which the result differs; -1 for none.
 * @param {State["doc"]} doc @param {number[]} operands @param {number} result
 */
function joinedAxis(doc, operands, result) {
  const shape = (/** @type {number} */ at) => doc.shapes[doc.values[at][0]];
  if (operands.some((operand) => shape(operand).length !== shape(result).length)) return -1;
  const axes = shape(result).flatMap((dim, axis) => (operands.some((one) => shape(one)[axis] !== dim) ? [axis] : []));
  return axes.length === 1 ? axes[0] : -1;
}

/** @param {{state: State, number: number}} props */
function SkipCard({ state, number }) {
  const { doc, word } = state;
  const skip = doc.skips[number];
  const row = doc.ledger.find(({ skips }) => skips.includes(number));
  const bytes = valueBytes(doc, skip.value, state.dimNumbers.value);
  const end = (/** @type {number} */ block) => html`<button onClick=${() => state.pinBlock(block)}>${state.callName(block)}</button>`;
  return html`
    <h3>${word("skip_title", { number: skipNumber(doc, number) })}</h3>
    <p class="card-ends">${end(skip.source)} <span class="arrow" aria-label=${word("to")}>→</span> ${end(skip.target)}</p>
    <${Sum} state=${state} number=${number} />
    <table class="card-shapes"><tbody>
      <tr><th scope="row">${word("skip")}</th><td>${state.shapeText(skip.value)}</td></tr>
      ${skip.via.length > 0 && html`<tr><th scope="row">${word("via")}</th><td>${skip.via.join(", ")}</td></tr>`}
      <tr><th scope="row">${word("other")}</th><td>${state.shapeText(skip.joined)}</td></tr>
      <tr class="card-output"><th scope="row">→</th><td>${state.shapeText(skip.result)}</td></tr>
      ${row && html`<tr><th scope="row">${word("pushed")}</th><td>${row.stack && html`<code>${row.stack}</code> `}<${StackPlace}
        state=${state} row=${row} kind="push" /></td></tr>`}
      ${row?.popped && html`<tr><th scope="row">${word("popped")}</th><td><${StackPlace} state=${state} row=${row} kind="pop" /></td></tr>`}
      <tr><th scope="row">${word("skip_held")}</th><td>${word("held_for", { bytes: state.predicting.value ? "?" : memory(bytes), count: skip.popped - skip.pushed })}</td></tr>
    </tbody></table>`;
}
