import assert from "node:assert/strict";
import { test } from "node:test";

import { changed, firstObstacle, nearestTogether, problemsAt, rulesOf } from "../src/sizes_check.js";

const symbol = (name, size, multiple) => ({ name, size, multiple, least: 1 });
const rule = (name, given, multiple, tied = null) => ({
  name, given, multiple, remainders: [0], minimum: multiple, maximum: null, exceptions: [], partial: false, tied, obstacles: [],
});
const doc = (rules) => ({ symbols: [symbol("B", 1, 1), symbol("H", 32, 16), symbol("W", 32, 16)], rules });

test("a size has to follow its rule, and be one that the formulas hold for", () => {
  const rules = rulesOf(doc([rule("H", 32, 8), rule("W", 32, 16)]));
  assert.deepEqual(problemsAt(rules, { B: 3, H: 64, W: 48 }), []);
  assert.equal(problemsAt(rules, { B: 3, H: 36, W: 48 })[0]?.rule.multiple, 8);
  const [unfounded] = problemsAt(rules, { B: 1, H: 40, W: 32 });
  assert.deepEqual([unfounded?.name, unfounded?.rule.multiple, unfounded?.nearest], ["H", 16, [32, 48]]);
});

test("without rules, the formulas say what works", () => {
  const rules = rulesOf(doc(null));
  assert.deepEqual(problemsAt(rules, { B: 1, H: 33, W: 32 })[0]?.nearest, [32, 48]);
  assert.deepEqual(problemsAt(rules, { B: NaN, H: 32, W: 32 })[0]?.name, "B");
});

test("sizes that have to be equal are changed together", () => {
  const rules = rulesOf(doc([rule("H", 32, 16), rule("W", 32, 16, "H")]));
  assert.deepEqual(changed(rules, { B: 1, H: 32, W: 32 }, "H", 64), { B: 1, H: 64, W: 64 });
  assert.deepEqual(changed(rules, { B: 1, H: 32, W: 32 }, "W", 48), { B: 1, H: 48, W: 48 });
  assert.deepEqual(changed(rules, { B: 1, H: 32, W: 32 }, "B", 2), { B: 2, H: 32, W: 32 });

  const mutual = rulesOf(doc([rule("H", 32, 16, "W"), rule("W", 32, 16, "H")]));
  assert.deepEqual(changed(mutual, { B: 1, H: 32, W: 32 }, "H", 64), { B: 1, H: 64, W: 64 });
  assert.deepEqual(problemsAt(rules, { B: 1, H: 32, W: 48 })[0]?.nearest, [32]);
});

test("sizes that fail together are changed together, and what stops them has both", () => {
  const stop = (axis, step) => ({
    size: 36, common: 4, step, axis, left: [1, 8, 8, 8].with(axis, 8), right: [1, 8, 8, 8].with(axis, 9),
  });
  const failing = (name, axis, step) => ({ ...rule(name, 32, 8), obstacles: [stop(axis, step)] });
  const both = problemsAt(rulesOf(doc([failing("H", 2, 70), failing("W", 3, 70)])), { B: 1, H: 36, W: 36 });
  assert.deepEqual(both.map(({ name }) => name), ["H", "W"]);
  assert.deepEqual(firstObstacle(both)?.right, [1, 8, 9, 9]);
  assert.deepEqual(firstObstacle(both)?.left, [1, 8, 8, 8]);

  const apart = problemsAt(rulesOf(doc([failing("H", 2, 70), failing("W", 3, 40)])), { B: 1, H: 36, W: 36 });
  assert.deepEqual(firstObstacle(apart)?.right, [1, 8, 8, 9]);
  assert.equal(firstObstacle([]), null);
});

test("the nearest sizes are those of all that fail", () => {
  const of = (name, near) => ({ name, size: 36, rule: rule(name, 32, 8), nearest: near, obstacle: null });
  assert.deepEqual(nearestTogether([of("H", [32, 40])]), [{ H: 32 }, { H: 40 }]);
  assert.deepEqual(nearestTogether([of("H", [32, 40]), of("W", [8])]), [{ H: 32, W: 8 }, { H: 40, W: 8 }]);
  assert.deepEqual(nearestTogether([of("H", [32])]), [{ H: 32 }]);
  assert.deepEqual(nearestTogether([of("H", [32, 40]), of("W", [])]), []);
});
