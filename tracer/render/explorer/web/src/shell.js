// The shell: a bar on top, the panes beside each other, or as tabs where there is no room.
import { html } from "./html.js";
import { CardPane } from "./panes/card.js";
import { MapPane } from "./panes/map.js";
import { SizesPane } from "./panes/sizes.js";
import { SourcePane } from "./panes/source.js";
import { StepsPane } from "./panes/steps.js";
import { TablesPane } from "./panes/tables.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").PaneName} PaneName */

/** @type {Record<PaneName, (props: {state: State}) => unknown>} */
const PANE = {
  source: SourcePane,
  map: MapPane,
  stack: ({ state }) => html`<${CardPane} state=${state} /><${StepsPane} state=${state} />`,
  sizes: SizesPane,
  tables: TablesPane,
};

/** @param {{state: State}} props */
export function Shell({ state }) {
  const { layout, panes, view } = state;
  return html`<div class="shell" data-layout=${layout}>
    ${panes.map((pane) => html`<section key=${pane} class="pane" data-pane=${pane}
      data-shown=${view.value === pane} aria-label=${state.word(pane)}>
      <${PANE[pane]} state=${state} />
    </section>`)}
  </div>`;
}
