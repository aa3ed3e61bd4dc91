import { html } from "../html.js";

/** @param {{state: import("../state.js").State}} props */
export function StepsPane({ state: _ }) {
  return html``;
}
