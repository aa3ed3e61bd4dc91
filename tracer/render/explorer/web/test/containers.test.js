import assert from "node:assert/strict";
import { test } from "node:test";
import { cardsOf, containerHistory, nearestPile } from "../src/containers.js";
import { doc } from "./small_run.js";

const after = (run, line) => {
  const { states, after: counts } = containerHistory(run);
  return Object.fromEntries(states[counts[line]].map((pile) => [pile.name, cardsOf(pile).map(({ value }) => value)]));
};

test("a container holds what was pushed, the top first", () => {
  assert.deepEqual([0, 1, 3, 5, 9].map((line) => after(doc, line).hs), [undefined, [1], [2, 1], [1], []]);
  assert.equal(containerHistory(doc).most.get("hs"), 2);
});

test("inside a call, what its line popped is gone, and what it pushes is not there yet", () => {
  const lines = doc.lines.map((line) => [...line]);
  lines[6][5] = [["pop", "hs", 2, 1], ["push", "hs", 4, 2]];
  lines[5][5] = [];
  const run = { ...doc, lines };
  assert.deepEqual([after(run, 5).hs, after(run, 7).hs, after(run, 6).hs], [[2, 1], [1], [4, 1]]);
});

test("a local container of a function is gone after it, and leaves one of the same name alone", () => {
  const lines = doc.lines.map((line) => [...line]);
  lines[7][5] = [["push", "hs", 4, 1]];
  const run = { ...doc, lines };
  const { states, after: counts, before } = containerHistory(run);
  assert.deepEqual(states[counts[7]].map(({ depth }) => depth), [1, 1]);
  assert.deepEqual(states[before[9]].map(({ depth }) => depth), [1]);
});

test("what is taken from the middle leaves the others in order", () => {
  const lines = doc.lines.map((line) => [...line]);
  lines[5][5] = [["pop", "hs", 1, 1]];
  assert.deepEqual(after({ ...doc, lines }, 5).hs, [2]);
});

test("where nothing is on a container, the one that is filled next is shown, and after all the last one", () => {
  const lines = doc.lines.map((line) => [...line]);
  lines[9][5] = [["pop", "hs", 1, 0]];
  lines[10][5] = [["push", "others", 6, 1], ["push", "others", 5, 2], ["push", "others", 4, 3]];
  lines[11][5] = [["pop", "others", 4, 2], ["pop", "others", 5, 1], ["pop", "others", 6, 0]];
  lines[0][5] = [];
  const history = containerHistory({ ...doc, lines });
  assert.deepEqual([0, 9, 13].map((line) => nearestPile(history, line).name), ["hs", "others", "others"]);
  assert.equal(nearestPile(history, 0).depth, 0);
});
