import assert from "node:assert/strict";
import { test } from "node:test";
import { annotationOf } from "../src/annotation.js";
import { questionsOf, typedSizes } from "../src/questions.js";
import { frameView } from "../src/visits.js";
import { doc } from "./small_run.js";

test("sizes are read as people type them", () => {
  for (const text of ["1x128x16x16", "1×128×16×16", "1, 128, 16, 16", "1 128 16 16", "(1, 128, 16, 16)", "[1,128,16,16]", "torch.Size([1, 128, 16, 16])"]) {
    assert.deepEqual(typedSizes(text), ["1", "128", "16", "16"], text);
  }
  assert.deepEqual(typedSizes("B×128×H/2×2·W"), ["B", "128", "H/2", "2*W"]);
  assert.deepEqual(typedSizes("B×(H + 2)×W"), ["B", "(H + 2)", "W"]);
  assert.deepEqual(typedSizes("(5,)"), ["5"]);
  assert.deepEqual(typedSizes("()"), []);
});

test("each tensor of a call is asked once, where it first stands, and arguments are not", () => {
  const view = frameView(doc, 0);
  const asked = questionsOf(view);
  assert.ok(asked.size > 0);
  for (const bindings of view.bindings.values()) {
    for (const { after, value } of bindings) if (after < 0) assert.ok(!asked.has(value));
  }
  for (const [value, { visit, part }] of asked) {
    const { before, joined, after } = annotationOf(view, view.visits[visit]);
    assert.equal([...before, ...joined, ...after][part].value, value);
  }
});
