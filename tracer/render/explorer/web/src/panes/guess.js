// A field for the shape of a tensor, in place of the shape.
import { useComputed } from "@preact/signals";
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { predictStateOf } from "../predict.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {import("../questions.js").Mistake} Mistake */

/**
 * @param {{state: State, view: import("../visits.js").FrameView, label: string, line: number, value: number}} props
 */
export function Guess({ state, view, label, line, value }) {
  const { guess, giveUp, answerTo } = predictStateOf(state);
  const [mistake, setMistake] = useState(/** @type {Mistake | null} */ (null));
  const answer = useComputed(() => answerTo(view, value));
  const check = (/** @type {HTMLInputElement} */ field) => {
    if (!field.value.trim()) return;
    const following = fieldAfter(field);
    const found = guess(view, value, field.value);
    setMistake(found);
    if (!found) following?.focus();
  };
  const id = `guess-${line}-${value}`;
  return html`<span class="guess"><input id=${id} class=${mistake ? "wrong" : ""} type="text" size="14" placeholder="?"
      autocomplete="off" autocapitalize="off" spellcheck=${false} enterkeyhint="go"
      aria-label=${state.word("guess_of", { name: label, line })} aria-invalid=${mistake !== null}
      aria-describedby=${mistake ? `${id}-why` : null}
      onInput=${() => setMistake(null)}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Enter" || event.isComposing) return;
        event.preventDefault();
        event.stopPropagation();
        check(/** @type {HTMLInputElement} */ (event.currentTarget));
      }} />${mistake ? html`<span class="why" id=${`${id}-why`} role="status">${mistakeText(state, mistake)}</span>` : null}${
      answer.value?.tries ? html`<button type="button" onClick=${(/** @type {MouseEvent} */ event) => {
        const following = fieldAfter(/** @type {HTMLElement} */ (event.currentTarget));
        giveUp(view, value);
        following?.focus();
      }}>${state.word("guess_show")}</button>` : null}</span>`;
}

/** @param {State} state @param {Mistake} mistake */
function mistakeText({ word }, mistake) {
  if (mistake.kind === "axes") return word("guess_axes", { count: mistake.count });
  if (mistake.kind === "axis") return word("guess_axis", { axis: mistake.axis });
  return word("guess_text", { text: mistake.text });
}

/** The field after an element in the listing.
 * @param {HTMLElement} element
 * @returns {HTMLElement | undefined}
 */
function fieldAfter(element) {
  const fields = [...(element.closest(".listing")?.querySelectorAll(".guess input") ?? [])];
  const later = fields.find((field) => element.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_FOLLOWING);
  return /** @type {HTMLElement | undefined} */ (later);
}
