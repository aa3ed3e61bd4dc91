import assert from "node:assert/strict";
import { test } from "node:test";

import { ROW_HEIGHT, inOrder, innerRows, labelCenter, layoutOf, neighbor } from "../src/map_layout.js";
import { CLOSED_HEIGHT } from "../src/map_warp.js";

const unit = (block, x, y, first, kind = "block") => ({
  name: `b${block}`, label: `b${block}`, kind, outline: "plain", block, first, last: first + 1, x, y, width: 80, height: 32,
  role: "encoder", lines: [], map: -1, outputs: [],
});
const edge = (source, target, points, skips = []) => ({
  source, target, skips, points, push_label: "", join_label: "", push_at: [90, points[0][1]], join_at: [110, points[0][1]],
});

// two levels of one row each: 1 -> 2 below it, 3 beside 2 and 4 beside 1, with a skip from 1 to 4
const map = {
  block: 0, title: "net", width: 300, height: 220,
  levels: [
    { level: 0, left: 0, right: 300, top: 0, bottom: 100, sizes: [], ratio: "1/1" },
    { level: 1, left: 0, right: 300, top: 110, bottom: 210, sizes: [], ratio: "1/2" },
  ],
  units: [unit(4, 250, 50, 3), unit(1, 50, 50, 0), unit(2, 50, 160, 1), unit(3, 250, 160, 2)],
  edges: [
    edge(1, 2, [[50, 66], [50, 90], [50, 120], [50, 144]]),
    edge(2, 3, [[90, 160], [120, 160], [160, 160], [210, 160]]),
    edge(1, 0, [[90, 50], [120, 50], [160, 50], [210, 50]], [0]),
  ],
};
const children = [[1, 2, 3, 4], [5, 6], [], [], [], [7], [], []];
const at = (layout, block) => layout.units.find((placed) => placed.unit.block === block);

test("nothing is moved at first", () => {
  const layout = layoutOf(map, children, new Set(), new Set());
  assert.equal(layout.height, 220);
  assert.deepEqual([at(layout, 1).top, at(layout, 1).height], [34, 32]);
  assert.equal(layout.edges[0].path, "M50,66C50,90 50,120 50,144");
});

test("an open block lists its children and lowers all below, but nothing beside it", () => {
  const layout = layoutOf(map, children, new Set([1]), new Set());
  const grown = at(layout, 1).height - 32;
  assert.ok(grown >= 2 * ROW_HEIGHT);
  assert.deepEqual(at(layout, 1).rows, [{ block: 5, depth: 0 }, { block: 6, depth: 0 }]);
  assert.equal(at(layout, 4).top, 34);
  assert.equal(at(layout, 2).top, 144 + grown);
  assert.equal(layout.bands[1].top, 110 + grown);
  assert.equal(layout.height, 220 + grown);
  assert.match(layout.edges[0].path, new RegExp(`^M50,${66 + grown}C`));
  assert.match(layout.edges[2].path, /^M90,50C/);
});

test("what is open inside an open block is listed deeper", () => {
  assert.deepEqual(innerRows(children, 1, new Set([1, 5])), [
    { block: 5, depth: 0 }, { block: 7, depth: 1 }, { block: 6, depth: 0 },
  ]);
});

test("a closed level hides its units, and edges and labels between them", () => {
  const layout = layoutOf(map, children, new Set(), new Set([1]));
  assert.deepEqual(layout.units.filter(({ hidden }) => hidden).map(({ unit: { block } }) => block), [2, 3]);
  assert.deepEqual(layout.edges.map(({ edge: { source, target } }) => [source, target]), [[1, 2], [1, 0]]);
  assert.deepEqual([layout.bands[1].height, layout.bands[1].units], [CLOSED_HEIGHT, 2]);
  const upper = layoutOf(map, children, new Set([1]), new Set([0]));
  assert.equal(upper.bands[0].height, CLOSED_HEIGHT);
  assert.equal(at(upper, 2).top, 144 - 100 + CLOSED_HEIGHT);
});

test("units are read out in the order of execution, inputs first and outputs last", () => {
  const ends = [unit(-1, 50, 10, 0, "output"), unit(-1, 50, 10, 0, "input")];
  const { units } = layoutOf({ ...map, units: [...map.units, ...ends], edges: [] }, children, new Set(), new Set());
  assert.deepEqual(inOrder(units).map(({ unit: { kind, block } }) => (kind === "block" ? block : kind)),
    ["input", 1, 2, 3, 4, "output"]);
});

test("arrow keys go to what lies straight ahead", () => {
  const places = [{ x: 0, y: 0 }, { x: 200, y: 0 }, { x: 60, y: 40 }, { x: 0, y: 90 }];
  assert.equal(neighbor(places[0], places, [1, 0]), places[1]);
  assert.equal(neighbor(places[0], places, [0, 1]), places[3]);
  assert.equal(neighbor(places[0], places, [-1, 0]), null);
});

test("the label of a level stands between the columns, and beside a box that is there", () => {
  const layout = layoutOf(map, children, new Set(), new Set());
  const [band] = layout.bands;
  assert.equal(labelCenter(layout.units, band, 60, 10), 155);
  const box = { ...layout.units[0], left: 110, width: 80, top: 5, height: 32 };
  const center = labelCenter([box], band, 60, 110);
  assert.ok(center + 30 < box.left || box.left + box.width < center - 30);
});
