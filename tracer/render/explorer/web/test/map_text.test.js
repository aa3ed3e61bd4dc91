import assert from "node:assert/strict";
import { test } from "node:test";

import { fitted, fittedFont, localName, textWidth } from "../src/map_text.js";

const NAME = "down_blocks.0.attentions.1";

test("a text that has room is left as it is, another is shortened in the middle", () => {
  assert.equal(fitted(NAME, textWidth(NAME, 10), 10), NAME);
  const short = fitted(NAME, 80, 10);
  assert.match(short, /^down.*….*\.1$/);
  assert.ok(textWidth(short, 10) <= 80);
  assert.equal(fitted(NAME, 1, 10), "…");
});

test("the font is made smaller before a text is shortened", () => {
  for (let width = 40; width < 200; width += 0.7) {
    const { text, font } = fittedFont(NAME, width, 12, 8);
    assert.ok(font >= 8 && font <= 12);
    assert.ok(textWidth(text, font) <= width);
    assert.ok(text === NAME || font === 8, `${width}: ${text} at ${font}`);
  }
});

test("letters of Korean are as wide as they are high", () => {
  assert.equal(textWidth("지도", 10), 20);
});

test("a block is named without the block that it is in", () => {
  const blocks = [["", -1], ["down.0", 0], ["down.0.conv", 1], ["other", 1]].map(([call, parent]) => ({ call, parent }));
  const name = (block) => localName({ doc: { blocks } }, block);
  assert.deepEqual([1, 2, 3].map(name), ["down.0", "conv", "other"]);
});
