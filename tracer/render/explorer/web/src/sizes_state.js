// The sizes that are typed, which may not work. All panes show the last ones that do.

import { batch, computed, effect, signal } from "@preact/signals";
import { changed, firstObstacle, problemsAt, rulesOf } from "./sizes_check.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {ReturnType<typeof createSizesState>} SizesState */

/** @type {WeakMap<State, SizesState>} */
const states = new WeakMap();

/** @param {State} state @returns {SizesState} */
export function sizesStateOf(state) {
  let found = states.get(state);
  if (!found) states.set(state, (found = createSizesState(state)));
  return found;
}

/** @param {State} state */
function createSizesState(state) {
  const rules = rulesOf(state.doc);
  const given = Object.fromEntries(state.doc.symbols.map(({ name, size }) => [name, size]));
  const typed = signal(given);
  const problems = computed(() => problemsAt(rules, typed.value));
  let working = given;

  /** @param {Record<string, number>} sizes */
  function put(sizes) {
    batch(() => {
      typed.value = sizes;
      const found = problemsAt(rules, sizes);
      state.obstacle.value = found.length ? firstObstacle(found) ?? NOWHERE : null;
      if (!found.length) working = sizes;
      state.sizes.value = working;
    });
  }

  // sizes that were set elsewhere, as by an address
  effect(() => {
    const sizes = state.sizes.value;
    if (sizes !== working) put(sizes);
  });
  return {
    rules,
    given,
    typed,
    problems,
    /** Types sizes, and with each those that have to be equal to it. */
    type: (/** @type {Record<string, number>} */ sizes) => put(Object.entries(sizes).reduce(
      (before, [name, size]) => changed(rules, before, name, size), typed.value)),
    reset: () => put(given),
  };
}

/** What is wrong where no failure was recorded. @type {import("./document.js").Obstacle} */
const NOWHERE = { size: 0, common: 0, block: -1, op: "", step: -1, file: -1, line: 0, left: [], right: [], axis: -1, rounding: null, skip: -1, text: {} };

/** The block to mark when the sizes do not work: where a skip is joined, or what failed; -1 for none.
 * @param {State} state
 */
export function failingBlock({ doc, obstacle }) {
  const found = obstacle.value;
  if (!found) return -1;
  return found.skip >= 0 ? doc.skips[found.skip].target : found.block;
}

/** `9 ≠ 8`: the sizes that do not fit.
 * @param {State} state
 */
export function unequal({ obstacle }) {
  const found = obstacle.value;
  if (!found || found.axis < 0) return "";
  const [left, right] = [found.left[found.axis], found.right[found.axis]];
  return left === undefined || right === undefined ? "" : `${left} ≠ ${right}`;
}
