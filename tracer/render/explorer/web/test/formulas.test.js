// The results are those of Python: tests/render/explorer/test_browser_formulas.py writes them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { FormulaError, evaluate, names, parse, plain, printed, rounded, sum } from "../src/formulas.js";
import * as numbers from "../src/number_format.js";
import { allows, gcd, nearest, obstacleAt, ruleOfSymbol, stepFrom } from "../src/size_rules.js";

const file = new URL("../../../../../tests/golden/explorer_values.json", import.meta.url);
const python = JSON.parse(readFileSync(file, "utf-8"));

test("formulas have the values that Python computes", () => {
  for (const { text, sizes, values } of python.formulas) {
    const formula = parse(text);
    sizes.forEach((at, number) => assert.equal(evaluate(formula, at), values[number], text));
  }
});

test("formulas are printed as Python prints them", () => {
  for (const { text, plain: same, printed: nice, rounded: short } of python.formulas) {
    assert.equal(plain(parse(text)), same);
    assert.equal(printed(parse(text)), nice);
    assert.equal(rounded(parse(text), numbers.operations), short);
  }
});

test("sums of formulas are those of Python", () => {
  for (const { parts, total } of python.sums) {
    assert.equal(plain(sum(parts.map(([text, times]) => [parse(text), times]))), total);
  }
});

test("sizes work, and the nearest ones are found, as Python says", () => {
  for (const { rule, sizes } of python.rules) {
    for (const [size, works, below, above] of sizes) {
      assert.equal(allows(rule, size), works, `${JSON.stringify(rule)} ${size}`);
      assert.deepEqual(nearest(rule, size), [below, above], `${JSON.stringify(rule)} ${size}`);
    }
  }
});

test("numbers are written as Python writes them", () => {
  for (const [number, count, rounded_, operations, memory] of python.numbers) {
    assert.equal(numbers.count(number), count);
    assert.equal(numbers.rounded(number), rounded_);
    assert.equal(numbers.operations(number), operations);
    assert.equal(numbers.memory(number), memory);
  }
  for (const [part, whole, percent] of python.shares) assert.equal(numbers.percent(part, whole), percent);
});

test("a text that is no formula says what is wrong with it", () => {
  for (const text of ["", "H +", "(H", "H W", "1/0", "1/H", "2**-1", "H**65", "H & W"]) {
    assert.throws(() => parse(text), FormulaError, text);
  }
});

test("a formula tells its sizes, and has no value without one of them", () => {
  assert.deepEqual(names(parse("H*W + 2*H")), new Set(["H", "W"]));
  assert.ok(Number.isNaN(evaluate(parse("H*W"), { H: 2 })));
});

const obstacle = (size, common) =>
  ({ size, common, block: 0, op: "cat", file: 0, line: 1, left: [9], right: [8], axis: 2, skip: 0, text: {} });
const rule = {
  name: "H", given: 32, multiple: 8, remainders: [0], minimum: 8, maximum: null, exceptions: [],
  partial: false, tied: null, obstacles: [obstacle(36, 4), obstacle(34, 2), obstacle(33, 1)],
};

test("a size that fails is explained by one that fails for the same reason", () => {
  assert.equal(obstacleAt(rule, 36)?.size, 36);
  assert.equal(obstacleAt(rule, 44)?.size, 36);
  assert.equal(obstacleAt(rule, 38)?.size, 34);
  assert.equal(obstacleAt(rule, 101)?.size, 33);
  assert.equal(obstacleAt(rule, 40), null);
  assert.equal(gcd(44 - 32, 8), 4);
});

test("where no rules were looked for, sizes are those at which the formulas hold", () => {
  const found = ruleOfSymbol({ name: "H", size: 34, multiple: 8, least: 10 });
  assert.deepEqual([allows(found, 42), allows(found, 40), allows(found, 2)], [true, false, false]);
  const fixed = ruleOfSymbol({ name: "L", size: 77, multiple: 0, least: 77 });
  assert.deepEqual([allows(fixed, 77), allows(fixed, 78)], [true, false]);
  assert.deepEqual(nearest(fixed, 78), [77, null]);
});

test("the arrow keys of a field go to the next size that works", () => {
  assert.equal(stepFrom(rule, 32, 1), 40);
  assert.equal(stepFrom(rule, 36, -1), 32);
  assert.equal(stepFrom(rule, 8, -1), 8);
});
