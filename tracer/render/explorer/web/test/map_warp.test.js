import assert from "node:assert/strict";
import { test } from "node:test";

import { CLOSED_HEIGHT, attached, pathOf, piecesOf, placed, warpOf, warpedPoints } from "../src/map_warp.js";

const box = (y) => ({ x: 50, y, width: 80, height: 32 });
const band = { top: 100, bottom: 200 };

test("nothing moves where nothing is open or closed", () => {
  const warp = warpOf(piecesOf([], []));
  for (const y of [-10, 0, 33.3]) assert.equal(warp(y), y);
});

test("what is below an open box moves down by what the box has grown", () => {
  const warp = warpOf(piecesOf([], [{ box: box(16), extra: 60 }]));
  assert.equal(warp(0), 0);
  assert.equal(warp(16), 16);
  assert.equal(warp(32), 92);
  assert.equal(warp(100), 160);
});

test("two open boxes in one row make it as tall as the taller", () => {
  const warp = warpOf(piecesOf([], [{ box: box(16), extra: 60 }, { box: box(16), extra: 40 }]));
  assert.equal(warp(100), 160);
});

test("a closed level is one line, whatever is open in it", () => {
  const warp = warpOf(piecesOf([band], [{ box: box(150), extra: 500 }]));
  assert.equal(warp(100), 100);
  assert.equal(warp(200), 100 + CLOSED_HEIGHT);
  assert.equal(warp(250), 150 + CLOSED_HEIGHT);
});

test("the warp is monotone with any boxes open and levels closed", () => {
  const bands = [band, { top: 210, bottom: 260 }];
  for (let picked = 0; picked < 64; picked += 1) {
    const closed = bands.filter((_, at) => picked & (1 << at));
    const rows = [40, 40.4, 130, 235].filter((_, at) => picked & (4 << at));
    const warp = warpOf(piecesOf(closed, rows.map((y) => ({ box: box(y), extra: 3 * y }))));
    for (let y = 0; y < 400; y += 0.25) assert.ok(warp(y + 0.25) > warp(y), `${picked} at ${y}`);
  }
});

test("an edge stays on the outlines of its boxes", () => {
  const [open, shut, below] = [box(16), box(16), box(80)];
  const warp = warpOf(piecesOf([], [{ box: open, extra: 60 }]));
  const points = /** @type {[number, number][]} */ ([[50, 32], [50, 40], [50, 50], [50, 64]]);
  const ends = (source, extra) => warpedPoints(points, warp, attached(source, extra, warp), attached(below, 0, warp));
  const fromOpen = ends(open, 60);
  assert.equal(fromOpen[0][1], placed(open, 60, warp).top + placed(open, 60, warp).height);
  const fromShut = ends(shut, 0);
  assert.equal(fromShut[0][1], placed(shut, 0, warp).top + 32);
  assert.equal(fromShut[3][1], placed(below, 0, warp).top);
  assert.deepEqual(fromShut[1], [50, 100]);
});

test("a skip leaves an open box at its header", () => {
  const warp = warpOf(piecesOf([], [{ box: box(16), extra: 60 }]));
  assert.equal(attached(box(16), 60, warp)(16), 16);
});

test("a curve is written as a path", () => {
  assert.equal(pathOf([[0, 1], [2, 3.14159], [4, 5], [6, 7]]), "M0,1C2,3.14 4,5 6,7");
});
