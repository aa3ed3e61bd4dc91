// The pages of the site around that explain what is shown: those of functions, with their notes, and the one
// on sizes that break.

/** A note on some lines of a function. @typedef {[first: number, last: number, address: string]} NoteOnLines */
/** @typedef {{page: string, notes: NoteOnLines[]}} FunctionPage */
/** @typedef {{functions: Record<string, FunctionPage>, sizes: string | null}} Pages */

/** The pages that the attribute `pages` names; null without it.
 * @param {HTMLElement} element
 * @returns {Pages | null}
 */
export function pagesOf(element) {
  return JSON.parse(element.getAttribute("pages") ?? "null");
}

/** The address of the note on lines of a function; undefined if there is none.
 * @param {Pages | null} pages @param {string} name @param {number} first @param {number} last
 */
export function noteOn(pages, name, first, last) {
  return pages?.functions[name]?.notes.find(([from, to]) => from <= last && first <= to)?.[2];
}
