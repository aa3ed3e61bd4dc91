import { html } from "../html.js";

/** @param {{state: import("../state.js").State}} props */
export function MapPane({ state: _ }) {
  return html``;
}
