// Where everything on a map is, with these boxes open and these levels closed. Pure: the document's
// geometry and two sets in, positions out.

import { attached, pathOf, piecesOf, placed, warpOf, warpedPoints } from "./map_warp.js";

/** @typedef {import("./document.js").MapEdge} MapEdge */
/** @typedef {import("./document.js").MapLevel} MapLevel */
/** @typedef {import("./document.js").MapUnit} MapUnit */
/** @typedef {import("./document.js").ModelMap} ModelMap */
/** @typedef {{block: number, depth: number}} InnerRow  a block listed inside an open box */
/** @typedef {{unit: MapUnit, number: number, left: number, top: number, width: number, height: number, rows: InnerRow[], hidden: boolean}} PlacedUnit */
/** @typedef {{level: MapLevel, top: number, height: number, closed: boolean, units: number}} PlacedBand */
/** @typedef {{edge: MapEdge, path: string, push: [number, number] | null, join: [number, number] | null}} PlacedEdge */
/** @typedef {{units: PlacedUnit[], bands: PlacedBand[], edges: PlacedEdge[], width: number, height: number}} MapLayout */

export const ROW_HEIGHT = 17;
const ROWS_PADDING = 5;
/** The room at the upper edge of a level for its label, and left of it for what closes it. */
const LABEL_HEIGHT = 22;
const CHEVRON = 20;

/**
 * @param {ModelMap} map
 * @param {number[][]} children  of each block
 * @param {ReadonlySet<number>} opened  blocks whose children are listed
 * @param {ReadonlySet<number>} closed  levels
 * @returns {MapLayout}
 */
export function layoutOf(map, children, opened, closed) {
  const rows = map.units.map(({ block }) => (opened.has(block) ? innerRows(children, block, opened) : []));
  const extra = rows.map(({ length }) => (length ? length * ROW_HEIGHT + ROWS_PADDING : 0));
  const shut = map.levels.filter(({ level }) => closed.has(level));
  const isOpen = map.units.map((_, at) => ({ box: map.units[at], extra: extra[at] })).filter((one) => one.extra);
  const warp = warpOf(piecesOf(shut, isOpen));
  const levels = map.units.map((unit) => levelOf(map, unit));
  const hidden = levels.map((level) => level !== null && closed.has(level.level));
  const units = map.units.map((unit, number) => ({
    unit,
    number,
    ...placed(unit, hidden[number] ? 0 : extra[number], warp),
    rows: rows[number],
    hidden: hidden[number],
  }));
  const edges = map.edges.flatMap((edge) => {
    const [source, target] = [edge.source, edge.target];
    if (hidden[source] && hidden[target] && levels[source] === levels[target]) return [];
    const end = (/** @type {number} */ at) =>
      hidden[at] ? warp : attached(map.units[at], extra[at], warp);
    const path = pathOf(warpedPoints(edge.points, warp, end(source), end(target)));
    const label = (/** @type {[number, number] | null} */ at) =>
      at && !hidden[source] && !hidden[target] ? /** @type {[number, number]} */ ([at[0], warp(at[1])]) : null;
    return [{ edge, path, push: label(edge.push_at), join: label(edge.join_at) }];
  });
  const bands = map.levels.map((level) => ({
    level,
    top: warp(level.top),
    height: warp(level.bottom) - warp(level.top),
    closed: closed.has(level.level),
    units: levels.filter((one) => one === level).length,
  }));
  return { units, bands, edges, width: map.width, height: warp(map.height) };
}

/** The level whose band a unit stands in, null outside of all.
 * @param {ModelMap} map @param {MapUnit} unit
 */
function levelOf(map, unit) {
  return map.levels.find(({ top, bottom }) => top <= unit.y && unit.y <= bottom) ?? null;
}

/**
 * Where the label of a level is centered, at its upper edge: between the columns or, where a box is in
 * the way, in the widest room beside boxes. Left of all boxes it begins at the edge, since flow comes down there.
 * @param {PlacedUnit[]} units @param {PlacedBand} band @param {number} width  of the label
 * @param {number} gutter  the room left of the boxes
 */
export function labelCenter(units, { level, top }, width, gutter) {
  const boxes = units.filter(({ hidden, top: upper, height }) => !hidden && upper < top + LABEL_HEIGHT && top < upper + height)
    .sort((one, two) => one.left - two.left);
  const between = (level.left + gutter + level.right) / 2;
  const isFree = boxes.every(({ left, width: wide }) => left + wide < between - width / 2 || between + width / 2 < left);
  if (isFree) return between;
  const starts = [level.left + CHEVRON, ...boxes.map(({ left, width: wide }) => left + wide)];
  const rooms = starts.map((start, at) => [start, boxes[at]?.left ?? level.right]);
  const room = rooms.reduce((best, other) => (other[1] - other[0] > best[1] - best[0] ? other : best));
  return room === rooms[0] ? room[0] + width / 2 : (room[0] + room[1]) / 2;
}

/** The blocks inside an open one, in order, with what is open among them.
 * @param {number[][]} children @param {number} block @param {ReadonlySet<number>} opened
 * @returns {InnerRow[]}
 */
export function innerRows(children, block, opened, depth = 0) {
  return children[block].flatMap((child) => [
    { block: child, depth },
    ...(opened.has(child) ? innerRows(children, child, opened, depth + 1) : []),
  ]);
}

/**
 * Units in the order of execution, inputs first: the order in which they are read out.
 * @param {PlacedUnit[]} units
 */
export function inOrder(units) {
  const rank = (/** @type {PlacedUnit} */ { unit }) => (unit.kind === "input" ? -1 : unit.kind === "output" ? Infinity : unit.first);
  return [...units].sort((one, two) => (rank(one) < rank(two) ? -1 : rank(one) > rank(two) ? 1 : 0));
}

/**
 * The nearest thing in a direction; what lies straight ahead is preferred. Null at the border.
 * @template {{x: number, y: number}} T
 * @param {T} from @param {T[]} others @param {readonly [number, number]} direction
 * @returns {T | null}
 */
export function neighbor(from, others, [dx, dy]) {
  let [best, least] = [/** @type {T | null} */ (null), Infinity];
  for (const other of others) {
    const ahead = (other.x - from.x) * dx + (other.y - from.y) * dy;
    const aside = Math.abs((other.x - from.x) * dy) + Math.abs((other.y - from.y) * dx);
    const cost = ahead + 4 * aside;
    if (ahead > 0.5 && cost < least) [best, least] = [other, cost];
  }
  return best;
}
