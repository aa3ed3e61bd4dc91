import assert from "node:assert/strict";
import { test } from "node:test";
import { annotationOf, argumentsOf } from "../src/annotation.js";
import { leadingCalls, targetsOf } from "../src/callees.js";
import { frameView, visitOf } from "../src/visits.js";
import { doc } from "./small_run.js";

const view = frameView(doc, 0);
const brief = (parts) => parts.map(({ label, value, note }) => [label, value, ...(note ? [note] : [])]);

test("the lines of a statement that spans lines are one visit", () => {
  assert.deepEqual(visitOf(doc, 5).events, [5, 6]);
  assert.equal(visitOf(doc, 6), visitOf(doc, 5));
  assert.notEqual(visitOf(doc, 9), visitOf(doc, 5));
});

test("lines that touched no tensor are visits, with the loop variables that they set", () => {
  const header = view.visitsAt.get(3);
  assert.deepEqual(header.map(({ events, sets }) => [events, sets]), [[[], [["i", "0"]]], [[], [["i", "1"]]], [[], []]]);
  assert.equal(view.held("i", visitOf(doc, 2).number).text, "1");
});

test("only what did not run is idle, and a run of it is said once", () => {
  const idle = view.code.statements.map((_, number) => number).filter((number) => view.isIdle(number));
  assert.deepEqual(idle.map((number) => view.code.statements[number].first), [17]);
  assert.ok(view.startsIdle(idle[0]));
});

test("a line shows what it read and what it made", () => {
  const first = annotationOf(view, visitOf(doc, 0));
  assert.deepEqual([brief(first.before), brief(first.after)], [[["x", 0]], [["", 1]]]);
  const push = annotationOf(view, visitOf(doc, 3));
  assert.deepEqual([brief(push.before), brief(push.after)], [[["x", 2]], [["hs", 2, "[1]"]]]);
});

test("a name bound to what a container holds says which", () => {
  const { before, after } = annotationOf(view, visitOf(doc, 4));
  assert.deepEqual([before, brief(after)], [[], [["h", 2, "(hs[-1])"]]]);
});

test("a join shows its operands, the skip among them, and its result on the way", () => {
  const { before, joined, after } = annotationOf(view, visitOf(doc, 9));
  assert.deepEqual(brief(before), [["h", 4], ["skip", 1]]);
  assert.deepEqual(before.map(({ skip }) => skip), [-1, 0]);
  assert.deepEqual([brief(joined), brief(after)], [[["cat", 5]], [["", 6]]]);
});

test("the line with def shows the arguments", () => {
  assert.deepEqual(brief(argumentsOf(view).before), [["x", 0]]);
});

test("code above the current line shows its last run, code below its next", () => {
  assert.equal(view.shown(4, visitOf(doc, 3)), visitOf(doc, 2));
  assert.equal(view.shown(5, visitOf(doc, 0)), visitOf(doc, 1));
  assert.equal(view.shown(10, visitOf(doc, 0)), visitOf(doc, 5));
});

test("a call leads to the frame that it started, or to the block that it ran", () => {
  assert.deepEqual([...targetsOf(view, visitOf(doc, 5))], [[5, { frame: 1, block: 0 }]]);
  assert.deepEqual([...targetsOf(view, visitOf(doc, 2))], [[1, { frame: -1, block: 2 }]]);
  assert.deepEqual([...leadingCalls(doc, 0)].sort(), [1, 5]);
});
