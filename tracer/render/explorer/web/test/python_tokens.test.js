import assert from "node:assert/strict";
import { test } from "node:test";
import { namesOf, tokenize } from "../src/python_tokens.js";

const names = (source) => namesOf(tokenize(source).flat());

test("tokens put together are the source again", () => {
  for (const source of [
    'x = f"""a\n  {b}"""  # c\ny = r\'\\\' + "\\""',
    "if a<=b!=c: d = e**2 // 0x1F + 1_000.5e-3j\\\n  @ f",
    "값 = 모듈(x)  # 한국어\n\tz = '😀'[0]",
    'unfinished = "text\nnext = """never',
  ]) {
    assert.equal(tokenize(source).map((line) => line.map(({ text }) => text).join("")).join("\n"), source);
  }
});

test("columns count from the start of each line", () => {
  const [, second] = tokenize('"""a\nb""" + c');
  assert.deepEqual(second.map(({ text, column }) => [text, column]), [['b"""', 0], [" ", 4], ["+", 5], [" ", 6], ["c", 7]]);
});

test("attributes and names of arguments are no local names", () => {
  const kinds = Object.fromEntries(tokenize("y = self.up(h, dim=d) if x == z else w").flat().map(({ text, kind }) => [text, kind]));
  assert.deepEqual([kinds.self, kinds.up, kinds.dim, kinds.d, kinds.x, kinds.if], ["name", "attribute", "argument", "name", "name", "keyword"]);
});

test("a statement stores its targets and reads the rest", () => {
  assert.deepEqual(names("h = h + skip"), { reads: ["h", "skip"], stores: ["h"] });
  assert.deepEqual(names("b, (c, *d) = q.shape"), { reads: ["q"], stores: ["b", "c", "d"] });
  assert.deepEqual(names("a = b = c"), { reads: ["c"], stores: ["a", "b"] });
  assert.deepEqual(names("h += f(x, k=v)"), { reads: ["h", "f", "x", "v"], stores: ["h"] });
  assert.deepEqual(names("y[i] = z"), { reads: ["y", "z"], stores: ["i"] });
  assert.deepEqual(names("for i, m in enumerate(ms):"), { reads: ["enumerate", "ms"], stores: ["i", "m"] });
  assert.deepEqual(names("if (n := len(hs)) >= 2:"), { reads: ["len", "hs"], stores: ["n"] });
  assert.deepEqual(names("h = (\n    self.up(h, skip)\n)"), { reads: ["self", "h", "skip"], stores: ["h"] });
});
