// The skip stack: each container as a pile of cards that stand where they are until they are taken.
import { useComputed } from "@preact/signals";
import { cardsOf, containerHistory, nearestPile } from "../containers.js";
import { LINE, STEP } from "../document.js";
import { html } from "../html.js";
import { memory } from "../number_format.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {import("../containers.js").Card} Card */
/** @typedef {import("../containers.js").Pile} Pile */

/** Slots that are drawn although they are empty. */
const SLOTS = 24;

/** @param {{state: State}} props */
export function Piles({ state }) {
  const { states, after, most } = containerHistory(state.doc);
  const piles = useComputed(() => {
    const last = state.visit.value?.events.at(-1);
    if (last === undefined) return [];
    const touched = new Set(state.visit.value?.events.flatMap((event) => state.doc.lines[event][LINE.CHANGES].map(([, name]) => name)));
    return states[after[last]].filter(({ name, depth }) => depth > 0 || touched.has(name));
  });
  if (!most.size) return html`<p class="empty">${state.word("no_stack")}</p>`;
  const empty = useComputed(() => nearestPile(containerHistory(state.doc), state.visit.value?.events.at(-1) ?? 0));
  const shown = piles.value.length ? piles.value : [empty.value];
  return shown.map((pile, at) => html`<${PileOfCards} key=${`${pile.name} ${at}`} state=${state} pile=${pile} most=${most.get(pile.name) ?? 0} />`);
}

/** @param {{state: State, pile: Pile, most: number}} props */
function PileOfCards({ state, pile, most }) {
  const cards = cardsOf(pile);
  const bytes = cards.reduce((sum, { value }) => sum + state.bytesOf(value), 0);
  const slots = Math.min(most, SLOTS);
  return html`<section class="pile" aria-label=${state.word("pile", { name: pile.name, count: cards.length })}>
    <h3><span class="name" data-name=${pile.name}>${pile.name}</span>
      <span class="count">${state.word(cards.length === 1 ? "one_tensor" : "tensors", { count: cards.length })}${cards.length && !state.predicting.value ? html` · ${memory(bytes)}` : null}</span></h3>
    <ol style=${`--slots:${slots}`} reversed>
      ${cards.map((card, at) => html`<${CardRow} key=${`${card.value} ${card.line}`} state=${state} card=${card} isTop=${at === 0} depth=${cards.length - at - 1} />`)}
    </ol>
    ${cards.length ? null : html`<p class="nothing">${state.word("pile_empty")}</p>`}
  </section>`;
}

/** @param {{state: State, card: Card, isTop: boolean, depth: number}} props */
function CardRow({ state, card, isTop, depth }) {
  const { doc } = state;
  const skip = doc.skips.findIndex(({ value, push_line: line }) => value === card.value && (line === card.line || line < 0));
  const isNew = state.visit.value?.events.includes(card.line);
  const pinned = skip >= 0 && state.skip.value === skip;
  return html`<li class=${`card ${isTop ? "top" : ""} ${isNew ? "changed" : ""}`} data-flight=${card.value}>
    <button type="button" aria-pressed=${pinned} onClick=${() => (skip >= 0 ? state.pinSkip(pinned ? -1 : skip) : state.open(card.line))}>
      <span class="depth">[${depth}]</span>
      <span class="shape">${state.shapeText(card.value)}</span>
      <span class="maker"><bdi>${makerOf(doc, card)}</bdi></span>
    </button></li>`;
}

/** The block that made what a line pushed, as far as the record says.
 * @param {import("../document.js").ExplorerDocument} doc @param {Card} card
 */
function makerOf(doc, { value, line }) {
  const row = doc.ledger.find((found) => found.value === value);
  if (row) return doc.blocks[row.pushed.block]?.call ?? "";
  const step = doc.steps.findLast((found, number) => number < doc.lines[line][LINE.LAST] && found[STEP.OUTPUTS].includes(value));
  return step ? doc.blocks[step[STEP.BLOCK]].call : "";
}
