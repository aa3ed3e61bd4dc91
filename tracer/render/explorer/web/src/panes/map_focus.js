// What everything on the map shares that can be reached and clicked.

import { useComputed } from "@preact/signals";
import { mapStateOf } from "../map_state.js";

/** @typedef {import("../state.js").State} State */

/** 0 for what the Tab key reaches, -1 for all else.
 * @param {State} state @param {string} key
 */
export function useTabStop(state, key) {
  const map = mapStateOf(state);
  return useComputed(() => (map.tabStop.value === key ? 0 : -1));
}

/** Whether a click is not the second of a double click, which opens and does not pin.
 * @param {MouseEvent} event
 */
export const isSingle = (event) => event.detail < 2;
