import assert from "node:assert/strict";
import { test } from "node:test";
import { callerOf, lineEnds, lineOfBlock, lineOfStep, runningLines } from "../src/frames.js";
import { backOver, into, next, out, over, positionOf, previous, sibling } from "../src/navigation.js";
import { doc } from "./small_run.js";

const way = (move, from) => {
  const found = [from];
  while (move(doc, found.at(-1)) !== found.at(-1)) found.push(move(doc, found.at(-1)));
  return found;
};

test("the run goes through every statement once, forth and back", () => {
  const forth = way(next, 0);
  assert.deepEqual(forth, [0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 13]);
  assert.deepEqual(way(previous, 13), forth.toReversed());
});

test("over calls, a function stays what is shown, and its end leads to its caller", () => {
  assert.deepEqual(way(over, 0), [0, 1, 2, 3, 4, 5, 9, 13]);
  assert.deepEqual(way(over, 7), [7, 8, 9, 13]);
  assert.deepEqual(way(backOver, 8), [8, 7, 5, 4, 3, 2, 1, 0]);
});

test("into and out of a call, and to other calls of the same function", () => {
  assert.deepEqual([into(doc, 5), into(doc, 4), out(doc, 8), out(doc, 3)], [7, 4, 5, 3]);
  assert.deepEqual([sibling(doc, 8, 1), sibling(doc, 11, -1), sibling(doc, 11, 1)], [11, 7, 11]);
});

test("lines know what ran inside them and who called them", () => {
  assert.deepEqual([...lineEnds(doc)], [1, 2, 3, 4, 5, 6, 9, 8, 9, 10, 13, 12, 13, 14]);
  assert.deepEqual([callerOf(doc, 8), runningLines(doc, 8), positionOf(doc, 6)], [6, [6, 8], 5]);
});

test("a step and a block lead to the line that ran them", () => {
  assert.deepEqual([0, 2, 3, 5].map((step) => lineOfStep(doc, step)), [0, 5, 7, 11]);
  assert.deepEqual([lineOfBlock(doc, 0), lineOfBlock(doc, 2), lineOfBlock(doc, 4)], [0, 2, 11]);
});
