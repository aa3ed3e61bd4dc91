import { html } from "../html.js";

/** @param {{state: import("../state.js").State}} props */
export function TablesPane({ state: _ }) {
  return html``;
}
