// What is open, closed and colored on the map. Kept by the explorer, for the card and the tables change
// it, too.

import { batch, computed, signal } from "@preact/signals";
import { LINE } from "./document.js";
import { inOrder, layoutOf } from "./map_layout.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./costs.js").CostKind} CostKind */
/** @typedef {ReturnType<typeof createMapState>} MapState */

/** @type {WeakMap<State, MapState>} */
const states = new WeakMap();

/** @param {State} state @returns {MapState} */
export function mapStateOf(state) {
  let found = states.get(state);
  if (!found) states.set(state, (found = createMapState(state)));
  return found;
}

/** @param {State} state */
function createMapState(state) {
  const { doc, index } = state;
  const opened = signal(/** @type {ReadonlySet<number>} */ (new Set()));
  const closed = signal(/** @type {ReadonlySet<number>} */ (new Set()));
  const trail = signal(/** @type {number[]} */ ([]));
  const layout = computed(() => layoutOf(doc.maps[state.map.value], index.children, opened.value, closed.value));
  const focused = signal("");
  /** The one thing on the map that the Tab key reaches; arrow keys go on from there. */
  const tabStop = computed(() => tabStopOf(layout.value, focused.value));
  /** The steps of the current line, as far as they mark something; a line that ran none takes those of its block. */
  const steps = computed(() => {
    const found = currentSteps(state);
    return unitsIn(layout.value, found).length > MOST_MARKED ? NO_STEPS : found;
  });
  return {
    opened,
    closed,
    /** The maps to return to, the outermost first. */
    trail,
    layout,
    steps,
    heat: signal(/** @type {CostKind | null} */ (null)),
    /** The unit under the mouse or with the focus, whose skips are shown; -1 for none. */
    pointed: signal(-1),
    /** The key of what has the focus, or had it last; empty for the first unit. */
    focused,
    tabStop,
    /** Where what is pinned is on the map: the box of a block, or of the target of a skip. */
    pinnedBox: computed(() => {
      const pinned = state.skip.value < 0 ? state.block.value : doc.skips[state.skip.value].target;
      return pinned > 0 ? boxOf(layout.value, doc.blocks[pinned].first, doc.blocks[pinned].last) : null;
    }),
    /** Where the current steps are on the map. */
    currentBox: computed(() => boxOf(layout.value, ...steps.value)),
    /** Whether a range of steps has the current ones inside or is inside of them. */
    isCurrent: (/** @type {number} */ first, /** @type {number} */ last) => {
      const [from, to] = steps.value;
      return first < to && from < last;
    },
    toggleBlock: (/** @type {number} */ block) => {
      opened.value = toggled(opened.value, block);
    },
    toggleLevel: (/** @type {number} */ level) => {
      closed.value = toggled(closed.value, level);
    },
    /** Whether the current line joins at a step, and does not run half of the model besides. */
    isJoinedNow: (/** @type {number} */ popped) => {
      const [from, to] = steps.value;
      return from <= popped && popped < to && unitsIn(layout.value, steps.value).length === 1;
    },
    /** Show a map inside this one. */
    enter: (/** @type {number} */ map) => batch(() => {
      trail.value = [...trail.value, state.map.value];
      show(map);
    }),
    /** Return to a map of the trail. */
    leave: (/** @type {number} */ depth) => batch(() => {
      const map = trail.value[depth];
      trail.value = trail.value.slice(0, depth);
      show(map);
    }),
  };

  /** @param {number} map */
  function show(map) {
    state.map.value = map;
    closed.value = new Set();
  }
}

/** The steps of all lines of the current statement: a call on several lines runs on the first of them,
 * after its arguments.
 * @param {State} state @returns {[number, number]}
 */
function currentSteps({ doc, visit, currentBlock }) {
  const ran = (visit.value?.events ?? []).map((event) => doc.lines[event]).filter((line) => line[LINE.FIRST] < line[LINE.LAST]);
  if (ran.length) return [Math.min(...ran.map((line) => line[LINE.FIRST])), Math.max(...ran.map((line) => line[LINE.LAST]))];
  const block = currentBlock.value;
  return block > 0 ? [doc.blocks[block].first, doc.blocks[block].last] : NO_STEPS;
}

/** A line that runs more units than these, such as one that calls a whole model, marks none. */
const MOST_MARKED = 6;
/** @type {[number, number]} */
const NO_STEPS = [-1, -1];

/** The units that run some of these steps.
 * @param {import("./map_layout.js").MapLayout} layout @param {[number, number]} steps
 */
function unitsIn({ units }, [first, last]) {
  return units.filter(({ unit }) => unit.first < last && first < unit.last);
}

/** The header of the unit that runs the first of some steps; null if none does.
 * @param {import("./map_layout.js").MapLayout} layout @param {number} first @param {number} last
 */
function boxOf({ units }, first, last) {
  const found = units.find(({ unit, hidden }) => !hidden && unit.first < last && first < unit.last);
  return found ? { left: found.left, top: found.top, width: found.width, height: found.unit.height } : null;
}

/** @param {import("./map_layout.js").MapLayout} layout @param {string} focused */
function tabStopOf({ units, bands, edges }, focused) {
  const shown = inOrder(units).filter(({ hidden }) => !hidden);
  const keys = [
    ...shown.flatMap(({ number, unit, rows }) => [
      `unit-${number}`, `enter-${unit.map}`, ...rows.map(({ block }) => `block-${block}`),
    ]),
    ...bands.map(({ level }) => `level-${level.level}`),
    ...edges.flatMap(({ edge }) => edge.skips.slice(0, 1).map((skip) => `skip-${skip}`)),
  ];
  return keys.includes(focused) ? focused : keys[0];
}

/** @param {ReadonlySet<number>} set @param {number} item */
function toggled(set, item) {
  const found = new Set(set);
  if (!found.delete(item)) found.add(item);
  return found;
}
