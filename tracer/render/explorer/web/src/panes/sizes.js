import { html } from "../html.js";

/** @param {{state: import("../state.js").State}} props */
export function SizesPane({ state: _ }) {
  return html``;
}
