// Text in the boxes of a map. Its width is estimated, so that nothing has to be measured.

const NARROW = /[fijlrtI.,:;'|!()[\]{} /-]/;
const WIDE = /[mwMWGOQD@%×]/;
const EAST_ASIAN = /[\u1100-\u11ff\u3000-\u9fff\uac00-\ud7af\uff00-\uff60]/;

/** @param {string} letter */
function letterWidth(letter) {
  if (EAST_ASIAN.test(letter)) return 1;
  if (NARROW.test(letter)) return 0.34;
  if (WIDE.test(letter)) return 0.84;
  return letter >= "A" && letter <= "Z" ? 0.68 : 0.57;
}

/** How much wider the letters of the page's font are than estimated. */
let factor = 1;
const SAMPLE = "down.0.block.1 ResnetBlock 1×128×32×32";

/** Compares the estimate with a font.
 * @param {string} family
 */
export function calibrate(family) {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return;
  context.font = `600 100px ${family}`;
  factor = (context.measureText(SAMPLE).width / textWidth(SAMPLE, 100)) * factor;
}

/** The width of a text in a font of so many points.
 * @param {string} text @param {number} font
 */
export function textWidth(text, font) {
  let total = 0;
  for (const letter of text) total += letterWidth(letter);
  return total * font * factor;
}

/** A text that is no wider than `width`, shortened in the middle if it has to be.
 * @param {string} text @param {number} width @param {number} font
 */
export function fitted(text, width, font) {
  if (textWidth(text, font) <= width) return text;
  const letters = [...text];
  for (let kept = letters.length - 1; kept > 1; kept -= 1) {
    const head = Math.ceil(kept / 2);
    const short = `${letters.slice(0, head).join("")}…${letters.slice(letters.length - (kept - head)).join("")}`;
    if (textWidth(short, font) <= width) return short;
  }
  return "…";
}

/** The text and the size of its font: first the font is made smaller, down to a limit, then the text.
 * @param {string} text @param {number} width @param {number} font @param {number} least
 * @returns {{text: string, font: number}}
 */
export function fittedFont(text, width, font, least) {
  const size = Math.max(least, Math.min(font, Math.floor((10 * font * width) / textWidth(text, font)) / 10));
  return { text: fitted(text, width, size), font: size };
}

/** The name of a block inside the one that holds it.
 * @param {import("./state.js").State} state @param {number} block
 */
export function localName({ doc }, block) {
  const { call, parent } = doc.blocks[block];
  const outer = parent > 0 ? `${doc.blocks[parent].call}.` : "";
  return call.startsWith(outer) ? call.slice(outer.length) : call;
}
