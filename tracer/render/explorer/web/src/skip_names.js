// How a skip is called wherever it is named: by its number, and by its place in the list that holds it.

import { LINE } from "./document.js";
import { frameView } from "./visits.js";

/** @typedef {import("./document.js").ExplorerDocument} ExplorerDocument */
/** @typedef {import("./document.js").LedgerRow} LedgerRow */

/** `10 · hs[9]`: the number of a skip, and where it is in its list.
 * @param {ExplorerDocument} doc @param {number} skip
 */
export function skipNumber(doc, skip) {
  const { number } = doc.skips[skip];
  const row = doc.ledger.find(({ skips }) => skips.includes(skip));
  const place = row ? placeOf(doc, row) : "";
  return place ? `${number} · ${place}` : String(number);
}

/** `hs[9]`: where a tensor was put in a list; empty for what is no list, as far as the code says.
 * @param {ExplorerDocument} doc @param {LedgerRow} row
 */
export function placeOf(doc, { stack, depth, skips }) {
  const event = doc.skips[skips[0]]?.push_line ?? -1;
  if (!stack || depth < 1 || event < 0) return "";
  const view = frameView(doc, doc.lines[event][LINE.FRAME]);
  const { tokens = [] } = view.code.statements[view.visitOf.get(event)?.statement ?? -1] ?? {};
  const isAppended = tokens.map(({ text }) => text).join("").includes(`${stack}.append(`);
  const isFirst = depth === 1 && doc.ledger.some((row) => row.stack === stack && row.depth > 1);
  return isAppended || isFirst ? `${stack}[${depth - 1}]` : "";
}
