// The state in the address of the page, after #!, and back: #!call=up.1.block.2&step=812&H=64.
import { effect } from "@preact/signals";
import { FRAME, LINE } from "./document.js";
import { positionOf } from "./navigation.js";

/** @typedef {import("./state.js").State} State */

const PAUSE = 250; // milliseconds; browsers refuse many changes in a short time

/** The part of an address that leads back to this state.
 * @param {State} state
 */
export function addressOf(state) {
  const { doc } = state;
  const fields = new URLSearchParams();
  const line = state.line.value;
  if (line >= 0) {
    const block = doc.frames[doc.lines[line][LINE.FRAME]][FRAME.BLOCK];
    if (doc.blocks[block]?.call) fields.set("call", doc.blocks[block].call);
    fields.set("step", String(line));
  }
  if (state.block.value >= 0) fields.set("block", doc.blocks[state.block.value].call);
  if (state.skip.value >= 0) fields.set("skip", String(doc.skips[state.skip.value].number));
  if (state.view.value !== "source") fields.set("view", state.view.value);
  if (state.formulas.value) fields.set("formulas", "1");
  for (const { name, size } of doc.symbols) {
    if (state.sizes.value[name] !== size) fields.set(name, String(state.sizes.value[name]));
  }
  return `#!${fields}`;
}

/** Set what an address says; what it says of another model is left out.
 * @param {State} state @param {string} hash
 */
export function followAddress(state, hash) {
  if (!hash.startsWith("#!")) return;
  const fields = new URLSearchParams(hash.slice(2));
  const { doc } = state;
  const step = Number(fields.get("step") ?? NaN);
  const call = fields.get("call");
  if (Number.isInteger(step) && step >= 0 && step < doc.lines.length) state.goTo(positionOf(doc, step));
  else if (call !== null && state.blockOf(call) >= 0) state.openBlock(state.blockOf(call));
  const block = fields.get("block");
  if (block !== null) state.pinBlock(state.blockOf(block));
  const skip = doc.skips.findIndex(({ number }) => String(number) === fields.get("skip"));
  if (skip >= 0) state.pinSkip(skip);
  const view = state.panes.find((pane) => pane === fields.get("view"));
  state.view.value = view ?? state.view.value;
  state.formulas.value = fields.get("formulas") === "1";
  for (const { name } of doc.symbols) {
    const size = Number(fields.get(name) ?? NaN);
    if (Number.isInteger(size) && size > 0) state.setSize(name, size);
  }
}

/** Keep the address of the page and the state equal.
 * @param {State} state
 * @returns {() => void}
 */
export function routeAddress(state) {
  let written = location.hash;
  let timer = 0;
  followAddress(state, location.hash);
  const changed = () => location.hash !== written && followAddress(state, location.hash);
  addEventListener("hashchange", changed);
  const stop = effect(() => {
    const address = addressOf(state);
    clearTimeout(timer);
    timer = setTimeout(() => {
      written = address;
      history.replaceState(history.state, "", address);
    }, PAUSE);
  });
  return () => {
    stop();
    clearTimeout(timer);
    removeEventListener("hashchange", changed);
  };
}
