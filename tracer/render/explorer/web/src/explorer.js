// <unet-explorer>: the custom element, its attributes and events, and its shell of panes.
import { batch, effect } from "@preact/signals";
import { render } from "preact";
import { FRAME, LINE, checked, readDocument } from "./document.js";
import { html } from "./html.js";
import { routeAddress } from "./address.js";
import { pressed } from "./keys.js";
import { modelsOf } from "./models.js";
import { operationsOf } from "./operations.js";
import { pagesOf } from "./pages.js";
import { withHiddenShapes } from "./predict.js";
import { Shell } from "./shell.js";
import { PANES, createState } from "./state.js";
import { STYLE } from "./style.js";
import { followTheme } from "./theme.js";

/** @typedef {import("./document.js").ExplorerDocument} ExplorerDocument */
/** @typedef {import("./state.js").PaneName} PaneName */

/** The least widths, in CSS pixels, of the element. */
const WIDE = 1100;
const MEDIUM = 600;

class UnetExplorer extends HTMLElement {
  /** @type {ExplorerDocument | null} */
  #document = null;
  /** @type {import("./state.js").State | null} */
  #state = null;
  /** @type {(() => void)[]} */
  #cleanups = [];
  /** @type {import("./models.js").Models | null} */
  #models = null;
  /** How many documents were shown. */
  #shown = 0;

  connectedCallback() {
    this.#cleanups.push(followTheme(this));
    this.#models = modelsOf(this, (doc) => {
      this.#document = doc;
      this.#showAnother(doc);
    });
    if (this.#document) this.#show(this.#document);
    else void this.#load();
  }

  disconnectedCallback() {
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
    this.#state = null;
    if (this.shadowRoot) render(null, this.#root());
  }

  /** The document that is shown; set it to show another. */
  get document() {
    return this.#document;
  }

  set document(found) {
    this.#document = found && checked(found);
    if (this.#document && this.isConnected) this.#show(this.#document);
  }

  /**
   * Show a call, a line of its function, or a line of the run by its number; or mark lines of a function,
   * in the call that is shown if it is one of that function; or shapes as formulas.
   * @param {{call?: string, line?: number, step?: number, function?: string, lines?: [number, number], formulas?: boolean}} what
   */
  select({ call, line, step, function: name, lines, formulas }) {
    const state = this.#state;
    if (!state) return;
    if (formulas !== undefined) state.formulas.value = formulas;
    if (name !== undefined && lines) return state.markLines(name, lines);
    if (step !== undefined) return state.open(step);
    if (call === undefined && line === undefined) return;
    const block = call === undefined ? state.call.value?.block ?? -1 : state.blockOf(call);
    if (block < 0) return;
    if (line === undefined) return state.openBlock(block);
    const events = state.index.framesIn[block].flatMap((frame) => state.index.linesOf[frame]);
    state.open(events.find((event) => state.doc.lines[event][LINE.NUMBER] === line) ?? -1);
  }

  /** What lines of a function ran in the call that is shown; null if it is not shown, or they did not run.
   * @param {string} name @param {[number, number]} lines
   */
  operations(name, lines) {
    return this.#state && operationsOf(this.#state, name, lines);
  }

  async #load() {
    const name = this.getAttribute("data");
    const root = /** @type {Document | ShadowRoot} */ (this.getRootNode());
    const element = name ? root.querySelector(name) : this.querySelector("script");
    try {
      if (!element) throw new Error(`There is no element ${name} with the data of this explorer.`);
      this.#document = await readDocument(element);
      if (this.isConnected) this.#show(this.#document);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      render(html`<p class="failed" role="alert">${message}</p><slot></slot>`, this.#root());
    }
  }

  /** Where the panes are drawn. The shadow root begins with the first call: until then, the page
   * shows what is in the element.
   */
  #root() {
    if (!this.shadowRoot) {
      const style = document.createElement("style");
      style.textContent = STYLE;
      this.attachShadow({ mode: "open" }).append(style, document.createElement("div"));
    }
    return /** @type {HTMLElement} */ (this.shadowRoot?.lastElementChild);
  }

  /** @param {ExplorerDocument} doc */
  #show(doc) {
    for (const cleanup of this.#cleanups.splice(1)) cleanup();
    const named = (this.getAttribute("panes") ?? "").split(/\s+/);
    const panes = PANES.filter((pane) => named.includes(pane));
    const state = withHiddenShapes(createState(doc, {
      lang: this.getAttribute("lang") ?? undefined,
      view: /** @type {PaneName | null} */ (this.getAttribute("view")) ?? panes[0] ?? "source",
      panes: panes.length ? panes : PANES,
      bare: this.hasAttribute("bare"),
      models: this.#models,
      pages: pagesOf(this),
    }));
    this.#state = state;
    this.#shown += 1;
    this.#selectGiven();
    const routed = this.hasAttribute("routed");
    if (routed) this.#cleanups.push(routeAddress(state));
    this.#cleanups.push(
      followWidth(this, state),
      followPrint(state),
      announce(this, state),
      followKeys(routed ? document : this, state),
    );
    render(html`<${Shell} key=${this.#shown} state=${state} />`, this.#root());
  }

  /** Show another model at the same place: the function and the call, where it has them.
   * @param {ExplorerDocument} doc
   */
  #showAnother(doc) {
    const before = this.#state;
    const hadFocus = this.shadowRoot?.activeElement?.matches(".models select");
    this.#show(doc);
    const state = this.#state;
    if (before && state) batch(() => restore(state, before));
    const chooser = /** @type {HTMLElement | null} */ (this.shadowRoot?.querySelector(".models select"));
    if (hadFocus) chooser?.focus();
  }

  /** What the attributes call, function and step select. */
  #selectGiven() {
    const state = /** @type {import("./state.js").State} */ (this.#state);
    const [call, name, step] = ["call", "function", "step"].map((key) => this.getAttribute(key));
    if (step !== null) return state.goTo(Number(step));
    if (call !== null) this.select({ call });
    else if (name !== null) state.openFunction(name);
    state.trail.value = [];
  }
}

/** Take over what a reader had chosen in another model.
 * @param {import("./state.js").State} state @param {import("./state.js").State} before
 */
function restore(state, before) {
  for (const key of /** @type {const} */ (["lang", "formulas", "speed", "predicting"])) {
    /** @type {import("@preact/signals").Signal<unknown>} */ (state[key]).value = before[key].peek();
  }
  const { fn, block } = before.call.peek() ?? {};
  if (fn) state.openFunction(fn.name, before.doc.blocks[block ?? -1]?.call, before.visit.peek()?.line);
  state.view.value = before.view.peek();
  state.trail.value = [];
}

/**
 * The layout follows the width of the element, not that of the window.
 * @param {HTMLElement} element @param {import("./state.js").State} state
 */
function followWidth(element, state) {
  const measure = (/** @type {number} */ width) => {
    state.layout.value = width >= WIDE ? "wide" : width >= MEDIUM ? "medium" : "narrow";
  };
  measure(element.getBoundingClientRect().width);
  const observer = new ResizeObserver(([entry]) => measure(entry.contentRect.width));
  observer.observe(element);
  return () => observer.disconnect();
}

/** @param {HTMLElement | Document} target @param {import("./state.js").State} state */
function followKeys(target, state) {
  const listener = (/** @type {Event} */ event) => pressed(state, /** @type {KeyboardEvent} */ (event));
  target.addEventListener("keydown", listener);
  return () => target.removeEventListener("keydown", listener);
}

/** @param {import("./state.js").State} state */
function followPrint(state) {
  const query = matchMedia("print");
  const changed = () => {
    state.printing.value = query.matches;
  };
  const begins = () => {
    state.printing.value = true; // before the pages are laid out
  };
  query.addEventListener("change", changed);
  addEventListener("beforeprint", begins);
  addEventListener("afterprint", changed);
  changed();
  return () => {
    query.removeEventListener("change", changed);
    removeEventListener("beforeprint", begins);
    removeEventListener("afterprint", changed);
  };
}

/**
 * Says with an event what is selected, so that the page around can follow.
 * @param {HTMLElement} element @param {import("./state.js").State} state
 */
function announce(element, state) {
  return effect(() => {
    const { doc } = state;
    const [line, frame] = [state.line.value, state.frame.value];
    const detail = {
      call: frame < 0 ? null : doc.blocks[doc.frames[frame][FRAME.BLOCK]]?.call ?? null,
      function: frame < 0 ? null : doc.functions[doc.frames[frame][FRAME.FUNCTION]].name,
      line: line < 0 ? null : doc.lines[line][LINE.NUMBER],
      step: line < 0 ? null : line,
      formulas: state.formulas.value,
      skip: state.skip.value < 0 ? null : doc.skips[state.skip.value].number,
    };
    element.dispatchEvent(new CustomEvent("explorer-select", { bubbles: true, composed: true, detail }));
  });
}

if (!customElements.get("unet-explorer")) customElements.define("unet-explorer", UnetExplorer);
