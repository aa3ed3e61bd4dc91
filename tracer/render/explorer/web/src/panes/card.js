import { html } from "../html.js";

/** @param {{state: import("../state.js").State}} props */
export function CardPane({ state: _ }) {
  return html``;
}
