// Where things on the map are when boxes are open and levels are closed: one monotone, piecewise
// linear function y -> f(y) moves boxes, bands and the points of edges alike, so that what was above
// something else stays above it.

/**
 * Stretches or squeezes the interval from `top` to `bottom` to `height`.
 * @typedef {{top: number, bottom: number, height: number}} Piece
 */
/** @typedef {(y: number) => number} Warp */
/** @typedef {{x: number, y: number, width: number, height: number}} Box  centers and sizes */
/** @typedef {{top: number, bottom: number}} Band */

/** The strip at the lower edge of a box that is stretched when the box is opened. */
const STRIP = 1;

/** The height of a closed level. */
export const CLOSED_HEIGHT = 26;

/**
 * The function that changes the heights of these intervals and moves what is below them.
 * @param {Piece[]} pieces  disjoint
 * @returns {Warp}
 */
export function warpOf(pieces) {
  const sorted = [...pieces].sort((one, two) => one.top - two.top);
  return (y) => {
    let moved = 0;
    for (const { top, bottom, height } of sorted) {
      if (y <= top) break;
      const inside = Math.min(1, (y - top) / (bottom - top));
      moved += inside * (height - (bottom - top));
    }
    return y + moved;
  };
}

/**
 * The pieces of a map: each closed level becomes one line, each row of boxes as tall as its tallest.
 * Rows are told apart by the lower edges of their boxes.
 * @param {Iterable<Band>} closed
 * @param {Iterable<{box: Box, extra: number}>} opened  boxes, and how much taller they are
 * @returns {Piece[]}
 */
export function piecesOf(closed, opened) {
  const bands = [...closed];
  /** @type {Map<number, number>} */
  const rows = new Map();
  for (const { box, extra } of opened) {
    const bottom = box.y + box.height / 2;
    if (bands.some((band) => band.top <= bottom && bottom <= band.bottom)) continue;
    rows.set(bottom, Math.max(extra, rows.get(bottom) ?? 0));
  }
  return [
    ...bands.map(({ top, bottom }) => ({ top, bottom, height: CLOSED_HEIGHT })),
    ...strips([...rows].sort((one, two) => one[0] - two[0])),
  ];
}

/** Strips that do not overlap, even where the lower edges of boxes almost agree.
 * @param {[number, number][]} rows
 */
function strips(rows) {
  /** @type {Piece[]} */
  const found = [];
  for (const [bottom, extra] of rows) {
    const top = Math.max(bottom - STRIP, found.at(-1)?.bottom ?? -Infinity);
    found.push({ top, bottom, height: bottom - top + extra });
  }
  return found;
}

/**
 * The upper edge and height of a box: its header stays as it is, and `extra` is added below.
 * @param {Box} box @param {number} extra @param {Warp} warp
 */
export function placed(box, extra, warp) {
  const top = warp(box.y - box.height / 2);
  return { left: box.x - box.width / 2, top, width: box.width, height: box.height + extra };
}

/**
 * The points of an edge: those in between are moved by the warp, the ends stay on their boxes.
 * @param {ReadonlyArray<readonly [number, number]>} points  a Bezier curve, 1 + 3n points
 * @param {Warp} warp
 * @param {(y: number) => number} start  where the edge leaves its source
 * @param {(y: number) => number} end  where it reaches its target
 * @returns {[number, number][]}
 */
export function warpedPoints(points, warp, start, end) {
  const last = points.length - 1;
  return points.map(([x, y], at) => [x, at === 0 ? start(y) : at === last ? end(y) : warp(y)]);
}

/**
 * Where the point of an edge on the outline of a box is after the warp: with the header, or, if it
 * is the lower edge of an open box, below everything.
 * @param {Box} box @param {number} extra @param {Warp} warp
 * @returns {(y: number) => number}
 */
export function attached(box, extra, warp) {
  const top = box.y - box.height / 2;
  const bottom = box.y + box.height / 2;
  return (y) => warp(top) + Math.min(y - top, box.height) + (y >= bottom - STRIP ? extra : 0);
}

/**
 * A Bezier curve as the path of an SVG.
 * @param {ReadonlyArray<readonly [number, number]>} points
 */
export function pathOf(points) {
  const text = points.map(([x, y]) => `${short(x)},${short(y)}`);
  return `M${text[0]}C${text.slice(1).join(" ")}`;
}

/** @param {number} value */
const short = (value) => String(Math.round(value * 100) / 100);
