import { html } from "../html.js";

/** @param {{state: import("../state.js").State}} props */
export function SourcePane({ state: _ }) {
  return html``;
}
