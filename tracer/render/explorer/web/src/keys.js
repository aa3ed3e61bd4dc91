// The keys, wherever the focus is in the explorer, save where a control needs them itself.
import { backOver, into, next, out, over, previous, sibling } from "./navigation.js";

/** @typedef {import("./state.js").State} State */

/** The keys and what they do, for the list of keys: words of the document. */
export const KEYS = /** @type {const} */ ([
  ["→ ←", "key_run"],
  ["↓ ↑", "key_over"],
  ["⇧↓ ⇧↑", "key_into"],
  ["⇧→ ⇧←", "key_sibling"],
  ["Home End", "key_ends"],
  ["Space", "key_play"],
  ["Backspace", "key_back"],
  ["?", "key_help"],
]);

/** @type {Record<string, (doc: State["doc"], line: number) => number>} */
const MOVES = {
  ArrowRight: next,
  ArrowLeft: previous,
  ArrowDown: over,
  ArrowUp: backOver,
  "Shift ArrowDown": into,
  "Shift ArrowUp": out,
  "Shift ArrowRight": (doc, line) => sibling(doc, line, 1),
  "Shift ArrowLeft": (doc, line) => sibling(doc, line, -1),
  Home: () => 0,
  End: (doc) => previous(doc, doc.lines.length),
};

/**
 * @param {State} state
 * @param {KeyboardEvent} event
 */
export function pressed(state, event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = /** @type {Element} */ (event.composedPath()[0]);
  if (target.closest?.("input, select, textarea, [contenteditable], [data-own-keys]")) return;
  const line = state.line.peek();
  const move = MOVES[(event.shiftKey ? "Shift " : "") + event.key];
  if (move && line >= 0) {
    state.playing.value = false;
    state.goTo(move(state.doc, line));
  } else if (event.key === " " && !target.closest?.("button, [role=link], a, summary")) {
    state.playing.value = !state.playing.peek();
  } else if (event.key === "Backspace") state.back();
  else if (event.key === "?") state.help.value = !state.help.peek();
  else if (event.key === "Escape" && state.help.peek()) state.help.value = false;
  else return;
  event.preventDefault();
}
