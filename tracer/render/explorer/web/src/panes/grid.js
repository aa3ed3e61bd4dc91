// A table that can be sorted, whose rows select something and are marked when that is selected. It is
// made of elements with the roles of a table, for browsers skip the layout of rows that are out of
// sight only where they are no table rows.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { html } from "../html.js";

/** @typedef {string | number} SortKey */
/**
 * @template R
 * @typedef {{key: string, title: string, cell: (row: R) => unknown, sort?: (row: R) => SortKey, number?: boolean,
 *   share?: (row: R) => number, width?: number, grow?: number, quiet?: boolean}} Column  `share` draws a bar, from 0 to 1;
 *   `width` is the least one in units, `grow` its part of the room that is left; the title of a
 *   `quiet` one is for screen readers
 */
/**
 * @template R
 * @typedef {{label: string, columns: Column<R>[], rows: R[], rowKey: (row: R) => string | number,
 *   selected?: (row: R) => boolean, select?: (row: R) => void,
 *   order?: import("@preact/signals").Signal<{key: string, down: boolean} | null>}} GridProps
 */

/** Between columns, in units. */
const GAP = 0.9;

/** @param {number} count */
const units = (count) => `calc(${count} * var(--unit))`;

/** @param {GridProps<any>} props */
export function Grid({ label, columns, rows, rowKey, selected, select, order }) {
  const own = useSignal(/** @type {{key: string, down: boolean} | null} */ (null));
  const sorting = order ?? own;
  const chosen = columns.find(({ key }) => key === sorting.value?.key);
  const sorted = chosen?.sort ? sortedRows(rows, chosen.sort, sorting.value?.down ?? false) : rows;
  const body = useRef(/** @type {HTMLElement | null} */ (null));
  const selectedKey = selected ? rows.filter(selected).map(rowKey).join() : "";
  useEffect(() => {
    if (selectedKey) scrollTo(body.current?.querySelector(".selected"));
  }, [selectedKey]);

  const sortBy = (/** @type {Column<any>} */ { key, number }) => {
    const now = sorting.value;
    if (now?.key !== key) sorting.value = { key, down: Boolean(number) };
    else sorting.value = now.down === Boolean(number) ? { key, down: !now.down } : null;
  };
  const widths = columns.map(({ width = 6.5 }) => width);
  const tracks = columns.map(({ grow = 1 }, at) => (grow ? `minmax(${units(widths[at])},${grow}fr)` : units(widths[at])));
  const printed = columns.map(({ width = 6.5 }) => `minmax(0,${width}fr)`);
  const least = widths.reduce((total, width) => total + width + GAP, GAP);
  return html`<div class="grid" role="table" aria-label=${label} aria-rowcount=${rows.length + 1}
    style=${`--columns:${tracks.join(" ")};--printed:${printed.join(" ")};--gap:${units(GAP)};--least:${units(least)}`} ref=${body}>
    <div class="grid-head" role="row">${columns.map((column) => html`<span key=${column.key} role="columnheader"
      class=${column.number ? "numeric" : ""} aria-sort=${sortState(column, sorting.value)}>${column.sort
        ? html`<button onClick=${() => sortBy(column)}>${column.title}<i aria-hidden="true">${
          { ascending: "▲", descending: "▼", none: "" }[sortState(column, sorting.value) ?? "none"]}</i></button>`
        : html`<span class=${column.quiet ? "spoken" : ""}>${column.title}</span>`}</span>`)}</div>
    ${sorted.map((row) => html`<${Row} key=${rowKey(row)} row=${row} columns=${columns} select=${select}
      isSelected=${Boolean(selected?.(row))} />`)}
  </div>`;
}

/** @param {{row: any, columns: Column<any>[], select?: (row: any) => void, isSelected: boolean}} props */
function Row({ row, columns, select, isSelected }) {
  const cells = columns.map(({ key, cell, number, share, title, quiet }, at) => html`<span key=${key}
    role=${at ? "cell" : "rowheader"} class=${number ? "numeric" : ""} data-title=${quiet ? "" : title}
    style=${share ? `--share:${(100 * share(row)).toFixed(1)}%` : undefined}>${at || !select ? cell(row)
      : html`<button class="row-button" aria-pressed=${isSelected} onClick=${(/** @type {Event} */ event) => {
        event.stopPropagation();
        select(row);
      }}>${cell(row)}</button>`}</span>`);
  return html`<div class=${isSelected ? "grid-row selected" : "grid-row"} role="row"
    onClick=${select && (() => select(row))}>${cells}</div>`;
}

/** @param {Column<any>} column @param {{key: string, down: boolean} | null} sorting */
function sortState({ key, sort }, sorting) {
  if (!sort) return undefined;
  if (sorting?.key !== key) return "none";
  return sorting.down ? "descending" : "ascending";
}

/**
 * @template R
 * @param {R[]} rows @param {(row: R) => SortKey} value @param {boolean} down
 */
export function sortedRows(rows, value, down) {
  const compare = (/** @type {SortKey} */ a, /** @type {SortKey} */ b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
  return [...rows].sort((one, two) => (down ? -1 : 1) * compare(value(one), value(two)));
}

/** Shows a row within what scrolls around it, without moving the page.
 * @param {Element | null | undefined} row
 */
function scrollTo(row) {
  const box = row?.closest(".tables-body");
  if (!row || !box || !box.clientHeight) return;
  const [inner, outer] = [row.getBoundingClientRect(), box.getBoundingClientRect()];
  if (inner.top < outer.top + 30) box.scrollTop -= outer.top + 30 - inner.top;
  else if (inner.bottom > outer.bottom) box.scrollTop += inner.bottom - outer.bottom;
}
