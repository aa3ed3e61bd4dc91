// What stands at the end of a line: the tensors that a statement read, and what it made of them.
import { cardsOf, containerHistory } from "./containers.js";
import { LINE } from "./document.js";
import { joinsOf, lastMade } from "./visits.js";

/** @typedef {import("./visits.js").FrameView} FrameView */
/** @typedef {import("./visits.js").Visit} Visit */
/**
 * A tensor with what to call it: a name, a container, or nothing. `skip` is its skip, -1 for none;
 * `note` stands after it.
 * @typedef {{label: string, value: number, skip: number, note: string}} Part
 */
/** @typedef {{before: Part[], joined: Part[], after: Part[], sets: [string, string][]}} Annotation */

/** @type {Annotation} */
const NOTHING = { before: [], joined: [], after: [], sets: [] };

/**
 * @param {FrameView} view
 * @param {Visit} visit
 * @returns {Annotation}
 */
export function annotationOf(view, visit) {
  const { doc } = view;
  const sets = visit.sets.filter(([, text]) => text !== "");
  if (!visit.events.length) return { ...NOTHING, sets };
  const events = visit.events.map((event) => doc.lines[event]);
  const joined = joinsOf(doc, visit).map((number) => doc.skips[number]);
  const taken = takenOf(view, visit);
  const bound = new Map(events.flatMap((event) => event[LINE.NAMES]));
  const before = [...namesRead(view, visit), ...taken];
  if (!before.length) before.push(...[...bound.values()].flatMap((value) => lookedUp(view, visit, value)));
  /** @type {Part[]} */
  const after = [...bound].map(([label, value]) => part(label, value));
  if (!after.length) after.push(...unbound(view, visit));
  const results = new Map(joined.map(({ result, join }) => [result, join]));
  const via = [...results].filter(([value]) => !after.some((made) => made.value === value));
  return tidied({ before, joined: via.map(([value, join]) => part(join, value)), after, sets });
}

/** The arguments of a call, for the line with `def`.
 * @param {FrameView} view
 * @returns {Annotation}
 */
export function argumentsOf(view) {
  const given = [...view.bindings].flatMap(([name, bindings]) =>
    bindings.filter(({ after }) => after < 0).map(({ value, text }) => ({ name, value, text })),
  );
  return {
    ...NOTHING,
    before: given.filter(({ value }) => value >= 0).map(({ name, value }) => part(name, value)),
    sets: given.filter(({ value, text }) => value < 0 && text !== "").map(({ name, text }) => [name, text]),
  };
}

/** @param {string} label @param {number} value @param {number} skip @param {string} note @returns {Part} */
const part = (label, value, skip = -1, note = "") => ({ label, value, skip, note });

/** The local names in a statement that held tensors before it.
 * @param {FrameView} view @param {Visit} visit
 */
function namesRead(view, visit) {
  const reads = view.code.statements[visit.statement]?.reads ?? [];
  return reads.flatMap((name) => {
    const value = view.held(name, visit.number)?.value ?? -1;
    return value >= 0 ? [part(name, value)] : [];
  });
}

/** What a visit took from containers, or looked at in them.
 * @param {FrameView} view @param {Visit} visit
 */
function takenOf(view, visit) {
  const { doc } = view;
  return visit.events.flatMap((event) => {
    const line = doc.lines[event];
    const pops = line[LINE.CHANGES].filter(([kind]) => kind === "pop").map(([, list, value]) => {
      const skip = doc.skips.findIndex((found) => found.pop_line === event && found.value === value);
      return part(skip >= 0 ? "skip" : list, value, skip);
    });
    return [...line[LINE.READS].map(([list, value]) => part(subscript(view, visit, list), value)), ...pops];
  });
}

/** A container that a statement names and that held a value which the statement only looked up.
 * @param {FrameView} view @param {Visit} visit @param {number} value
 */
function lookedUp({ doc, code }, visit, value) {
  const { states, before } = containerHistory(doc);
  const { reads = [] } = code.statements[visit.statement] ?? {};
  const pile = states[before[visit.events[0]]].findLast(
    (found) => reads.includes(found.name) && cardsOf(found).some((card) => card.value === value),
  );
  return pile ? [part(subscript({ code }, visit, pile.name), value)] : [];
}

/** `hs[-1]` where a statement says so, else the name of the container.
 * @param {Pick<FrameView, "code">} view @param {Visit} visit @param {string} list
 */
function subscript(view, visit, list) {
  const tokens = view.code.statements[visit.statement]?.tokens ?? [];
  const text = tokens.map((token) => token.text).join("");
  const at = text.indexOf(`${list}[`);
  const end = text.indexOf("]", at);
  return at >= 0 && end >= 0 && !text.slice(at, end).includes("\n") ? text.slice(at, end + 1) : list;
}

/** What a statement that binds no tensor made: what it pushed, or its last result.
 * @param {FrameView} view @param {Visit} visit
 */
function unbound(view, visit) {
  const { doc } = view;
  const pushes = visit.events.flatMap((event) => doc.lines[event][LINE.CHANGES].filter(([kind]) => kind === "push"));
  if (pushes.length) return pushes.map(([, list, value, depth]) => part(list, value, -1, `[${depth - 1}]`));
  const value = lastMade(doc, visit);
  return value >= 0 ? [part("", value)] : [];
}

/** Says nothing twice: a name bound to what was read is one part, a name bound anew has no label.
 * @param {Annotation} annotation
 * @returns {Annotation}
 */
function tidied({ before, joined, after, sets }) {
  const [only] = after;
  const source = after.length === 1 ? before.find(({ value }) => value === only.value) : undefined;
  if (source && !joined.length) {
    const isPush = only.note !== "";
    if (!isPush && source.label === only.label) return { before, joined, after: [], sets };
    if (!isPush) return { before: [], joined, after: [{ ...only, note: `(${source.label})` }], sets };
  }
  if (after.length === 1 && !only.note && before.some(({ label }) => label === only.label)) {
    return { before, joined, after: [{ ...only, label: "" }], sets };
  }
  return { before, joined, after, sets };
}
