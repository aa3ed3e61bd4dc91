import assert from "node:assert/strict";
import { test } from "node:test";

import { changed, problemAt, rulesOf } from "../src/sizes_check.js";

const symbol = (name, size, multiple) => ({ name, size, multiple, least: 1 });
const rule = (name, given, multiple, tied = null) => ({
  name, given, multiple, remainders: [0], minimum: multiple, maximum: null, exceptions: [], partial: false, tied, obstacles: [],
});
const doc = (rules) => ({ symbols: [symbol("B", 1, 1), symbol("H", 32, 16), symbol("W", 32, 16)], rules });

test("a size has to follow its rule, and be one that the formulas hold for", () => {
  const rules = rulesOf(doc([rule("H", 32, 8), rule("W", 32, 16)]));
  assert.equal(problemAt(rules, { B: 3, H: 64, W: 48 }), null);
  assert.equal(problemAt(rules, { B: 3, H: 36, W: 48 })?.rule.multiple, 8);
  const unfounded = problemAt(rules, { B: 1, H: 40, W: 32 });
  assert.deepEqual([unfounded?.name, unfounded?.rule.multiple, unfounded?.nearest], ["H", 16, [32, 48]]);
});

test("without rules, the formulas say what works", () => {
  const rules = rulesOf(doc(null));
  assert.deepEqual(problemAt(rules, { B: 1, H: 33, W: 32 })?.nearest, [32, 48]);
  assert.deepEqual(problemAt(rules, { B: NaN, H: 32, W: 32 })?.name, "B");
});

test("sizes that have to be equal are changed together", () => {
  const rules = rulesOf(doc([rule("H", 32, 16), rule("W", 32, 16, "H")]));
  assert.deepEqual(changed(rules, { B: 1, H: 32, W: 32 }, "H", 64), { B: 1, H: 64, W: 64 });
  assert.deepEqual(changed(rules, { B: 1, H: 32, W: 32 }, "W", 48), { B: 1, H: 48, W: 48 });
  assert.deepEqual(changed(rules, { B: 1, H: 32, W: 32 }, "B", 2), { B: 2, H: 32, W: 32 });

  const mutual = rulesOf(doc([rule("H", 32, 16, "W"), rule("W", 32, 16, "H")]));
  assert.deepEqual(changed(mutual, { B: 1, H: 32, W: 32 }, "H", 64), { B: 1, H: 64, W: 64 });
  assert.deepEqual(problemAt(rules, { B: 1, H: 32, W: 48 })?.nearest, [32]);
});
