// Predict: a reader says the shapes before seeing them, and is told, with a score.
import { computed, signal } from "@preact/signals";
import { givenTo, mistakeIn, questionsOf } from "./questions.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./visits.js").FrameView} FrameView */
/** How an answer was found. @typedef {{tries: number, done: "" | "right" | "shown"}} Answer */
/** @typedef {{right: number, tried: number, all: number}} Score */
/** @typedef {ReturnType<typeof createPredictState>} PredictState */

/** @type {WeakMap<State, PredictState>} */
const states = new WeakMap();

/** @param {State} state @returns {PredictState} */
export function predictStateOf(state) {
  let found = states.get(state);
  if (!found) states.set(state, (found = createPredictState(state)));
  return found;
}

/** While a reader is asked for shapes, all panes say `?` for what is not yet answered.
 * @param {State} state @returns {State}
 */
export function withHiddenShapes(state) {
  const { shapeText, sizesOf } = state;
  const { isKnown } = predictStateOf(state);
  return Object.assign(state, {
    shapeText: (/** @type {number} */ value) => (isKnown(value) ? shapeText(value) : UNKNOWN),
    sizesOf: (/** @type {number} */ value) => (isKnown(value) ? sizesOf(value) : [UNKNOWN]),
  });
}

const UNKNOWN = "?";

/** @param {State} state */
function createPredictState(state) {
  const answers = signal(/** @type {ReadonlyMap<string, Answer>} */ (new Map()));
  const keyOf = (/** @type {FrameView} */ view, /** @type {number} */ value) => `${view.frame}:${value}`;
  const answerTo = (/** @type {FrameView} */ view, /** @type {number} */ value) => answers.value.get(keyOf(view, value));
  const put = (/** @type {FrameView} */ view, /** @type {number} */ value, /** @type {Answer} */ answer) => {
    answers.value = new Map([...answers.value, [keyOf(view, value), answer]]);
  };
  return {
    answerTo,
    /** Whether a tensor is asked and not yet answered. */
    isHidden: (/** @type {FrameView} */ view, /** @type {number} */ value) => (
      state.predicting.value && !state.printing.value && !answerTo(view, value)?.done && questionsOf(view).has(value)),
    /** Whether a shape may be said: while a call is asked, only of its arguments and of what was answered. */
    isKnown: (/** @type {number} */ value) => {
      const view = state.predicting.value && !state.printing.value ? state.call.value : null;
      return !view || givenTo(view).has(value) || Boolean(answerTo(view, value)?.done);
    },
    /** Whether the answer is right; null if it is, else what is wrong. */
    guess: (/** @type {FrameView} */ view, /** @type {number} */ value, /** @type {string} */ text) => {
      const mistake = mistakeIn(state, value, text);
      const tries = (answerTo(view, value)?.tries ?? 0) + (mistake?.kind === "text" ? 0 : 1);
      put(view, value, { tries, done: mistake ? "" : "right" });
      return mistake;
    },
    giveUp: (/** @type {FrameView} */ view, /** @type {number} */ value) => {
      put(view, value, { tries: (answerTo(view, value)?.tries ?? 0) + 1, done: "shown" });
    },
    /** The score of the call that is shown. */
    score: computed(() => {
      const view = state.call.value;
      const asked = view ? [...questionsOf(view).keys()] : [];
      const given = asked.flatMap((value) => (view && answerTo(view, value)) ?? []).filter(({ tries }) => tries);
      const right = given.filter(({ tries, done }) => done === "right" && tries === 1).length;
      return /** @type {Score} */ ({ right, tried: given.length, all: asked.length });
    }),
  };
}
