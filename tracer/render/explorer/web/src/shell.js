// The shell: a bar on top, the panes beside each other or, where there is no room, as tabs, and the
// bar to step with.
import { useComputed } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { annotationOf } from "./annotation.js";
import { functionName } from "./document.js";
import { html } from "./html.js";
import { KEYS } from "./keys.js";
import { CardPane } from "./panes/card.js";
import { MapPane } from "./panes/map.js";
import { SizesPane } from "./panes/sizes.js";
import { SizesMessage } from "./panes/sizes_message.js";
import { SourcePane } from "./panes/source.js";
import { StepsPane } from "./panes/steps.js";
import { TablesPane } from "./panes/tables.js";
import { Transport } from "./panes/transport.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").PaneName} PaneName */

/** @type {Record<PaneName, (props: {state: State}) => any>} */
const PANE = {
  source: SourcePane,
  map: MapPane,
  stack: ({ state }) => html`<${CardPane} state=${state} /><${StepsPane} state=${state} />`,
  sizes: SizesPane,
  tables: TablesPane,
};

/** The panes that follow the steps. @type {PaneName[]} */
const STEPPED = ["source", "map", "stack"];

/** The tabs of each layout, each with the panes that it shows beside each other.
 * @type {Record<import("./state.js").Layout, {tab: PaneName, shows: PaneName[]}[]>} */
const TABS = {
  wide: [
    { tab: "source", shows: ["map", "source", "stack", "sizes"] },
    { tab: "tables", shows: ["tables", "sizes"] },
  ],
  medium: [
    { tab: "stack", shows: ["source", "stack", "sizes"] },
    { tab: "map", shows: ["source", "map", "sizes"] },
    { tab: "tables", shows: ["tables", "sizes"] },
  ],
  narrow: ["source", "map", "stack", "sizes", "tables"].map((tab) => (
    { tab: /** @type {PaneName} */ (tab), shows: [/** @type {PaneName} */ (tab)] })),
};

/** The tabs of a layout that show something else than others, of the panes that there are.
 * @param {State} state
 */
function tabsOf({ layout, panes }) {
  const tabs = TABS[layout.value]
    .map(({ tab, shows }) => ({ tab, shows: shows.filter((pane) => panes.includes(pane)) }))
    .filter(({ shows }) => shows.length)
    .map(({ tab, shows }) => ({ tab: shows.includes(tab) ? tab : shows[0], shows }));
  return tabs.filter(({ shows }, at) => !tabs.some((other, number) => (
    (number < at || other.shows.length > shows.length) && shows.every((pane) => other.shows.includes(pane)))));
}

/** @param {{state: State}} props */
export function Shell({ state }) {
  const { layout, panes, printing, view } = state;
  const tabs = tabsOf(state);
  const tab = tabs.find((found) => found.tab === view.value) ?? tabs.find(({ shows }) => shows.includes(view.value)) ?? tabs[0];
  const shows = printing.value ? panes : tab?.shows ?? panes;
  const isOnTop = (/** @type {PaneName} */ pane) => pane === "sizes" && shows.length > 1;
  const section = (/** @type {PaneName} */ pane) => html`<section key=${pane} class="pane" data-pane=${pane}
    id=${`pane-${pane}`} aria-label=${state.word(pane)}><${PANE[pane]} state=${state} />${
    pane === "sizes" && !isOnTop(pane) ? html`<${SizesMessage} state=${state} />` : null}</section>`;
  const shown = panes.filter((pane) => shows.includes(pane));
  return html`<div class="shell" data-layout=${printing.value ? "print" : layout.value} data-tab=${tab?.tab}
      data-panes=${shows.join(" ")} data-bare=${state.bare ? "" : null}>
    ${state.bare ? html`<h2 class="spoken">${state.doc.title}</h2>` : null}
    <div class="upper">
      <div class="upper-bars">
        ${state.bare ? html`<${ModelChooser} state=${state} />` : null}
        ${state.bare ? null : html`<${TopBar} state=${state} tabs=${tabs} chosen=${tab} />`}
        ${shown.filter(isOnTop).map(section)}
        ${state.bare ? html`<${TopBar} state=${state} tabs=${tabs} chosen=${tab} />` : null}
      </div>
      ${shown.some(isOnTop) ? html`<${SizesMessage} state=${state} />` : null}
    </div>
    ${shown.filter((pane) => !isOnTop(pane)).map(section)}
    ${panes.some((pane) => STEPPED.includes(pane)) ? html`<${Transport} state=${state} />` : null}
    <${Spoken} state=${state} />
    ${state.help.value ? html`<${Help} state=${state} />` : null}
  </div>`;
}

/** @param {{state: State, tabs: {tab: PaneName}[], chosen: {tab: PaneName} | undefined}} props */
function TopBar({ state, tabs, chosen }) {
  const { doc, lang, view } = state;
  const languages = Object.keys(doc.words);
  return html`<div class="top-bar">
    ${state.bare ? null : html`<h2>${doc.title}${doc.target && doc.target !== doc.title ? html` <small>${doc.target}</small>` : null}</h2>
    <${ModelChooser} state=${state} />`}
    ${tabs.length > 1 ? html`<nav class="tabs" aria-label=${state.word("panes")}>
      ${tabs.map(({ tab }) => html`<button type="button" key=${tab} aria-current=${tab === chosen?.tab ? "true" : "false"}
        onClick=${() => (view.value = tab)}>${state.word(tab)}</button>`)}
    </nav>` : null}
    <div class="settings">
      ${languages.length > 1 && !state.bare ? html`<div class="languages" role="group" aria-label=${state.word("language")}>
        ${languages.map((code) => html`<button type="button" key=${code} lang=${code} aria-pressed=${lang.value === code}
          onClick=${() => (lang.value = code)}>${doc.words[code].language_name ?? code}</button>`)}</div>` : null}
      <button type="button" class="keys" aria-expanded=${state.help.value} aria-label=${state.word("help")} title=${state.word("help")}
        onClick=${() => (state.help.value = !state.help.value)}>?</button>
    </div>
  </div>`;
}

/** Which model is shown, where the page has others.
 * @param {{state: State}} props
 */
function ModelChooser({ state: { models, word } }) {
  if (!models || models.choices.length < 2) return null;
  const { choices, chosen, failed, choose } = models;
  const change = async (/** @type {Event} */ event) => {
    const select = /** @type {HTMLSelectElement} */ (event.currentTarget);
    await choose(select.value);
    select.value = chosen.peek(); // which is still the one before if that failed
  };
  return html`<div class="models"><label class="chooser"><span>${word("model")}</span>
    <select onChange=${change}>
      ${choices.map(({ name, title }) => html`<option key=${name} value=${name} selected=${name === chosen.value}>${title}</option>`)}
    </select></label>
    <span role="status">${failed.value ? word("not_loaded", { name: failed.value }) : ""}</span></div>`;
}

/** What the current line does, for a screen reader; it waits until the steps pause.
 * @param {{state: State}} props
 */
function Spoken({ state }) {
  const text = useComputed(() => {
    const [view, visit] = [state.call.value, state.visit.value];
    if (!view || !visit || state.predicting.value) return "";
    const { before, joined, after } = annotationOf(view, visit);
    const say = (/** @type {import("./annotation.js").Part[]} */ parts) =>
      parts.map(({ label, value }) => `${label} ${state.shapeText(value)}`.trim()).join(", ");
    const shapes = [before, joined, after].filter(({ length }) => length).map(say);
    return `${functionName(view.fn)}:${visit.line}: ${shapes.join(` ${state.word("becomes")} `)}`;
  });
  const [said, say] = useState("");
  const timer = useRef(0);
  useEffect(() => {
    timer.current = setTimeout(() => say(text.value), 400);
    return () => clearTimeout(timer.current);
  }, [text.value]);
  return html`<p class="spoken" role="status">${said}</p>`;
}

/** What buttons and counters mean, and the keys.
 * @param {{state: State}} props
 */
function Help({ state }) {
  const { word } = state;
  const [runs, ofRuns] = [state.line.value + 1, state.doc.lines.length];
  return html`<section class="help" aria-label=${word("help")}>
    <h3>${word("help")}</h3>
    <dl>${HELP.map(([signs, what]) => html`<div key=${what}><dt>${signs.map((sign) => html`<kbd>${sign}</kbd>`)}</dt><dd>${word(what)}</dd></div>`)}
      ${runs ? html`<div><dt><kbd>${runs} / ${ofRuns}</kbd></dt><dd>${word("help_position")}</dd></div>` : null}
      ${HELP_WORDS.map(([label, what]) => html`<div key=${what}><dt>${word(label)}</dt><dd>${word(what)}</dd></div>`)}</dl>
    <h3>${word("keys")}</h3>
    <dl>${KEYS.map(([keys, what]) => html`<div key=${what}><dt>${keys.split(" ").map((key) => html`<kbd>${key}</kbd>`)}</dt><dd>${word(what)}</dd></div>`)}</dl>
    <button type="button" onClick=${() => (state.help.value = false)}>${word("close")}</button>
  </section>`;
}

/** Buttons by their signs. @type {[string[], string][]} */
const HELP = [
  [["←", "→"], "help_run"], [["↑", "↓"], "help_over"], [["▶"], "key_play"], [["‹", "›"], "help_repeats"],
];
/** Others by their words. @type {[string, string][]} */
const HELP_WORDS = [
  ["predict", "help_predict"], ["formulas", "help_formulas"], ["bytes_unit", "help_bytes"], ["map", "help_map"],
];
