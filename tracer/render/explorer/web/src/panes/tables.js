// The tables: blocks, the skip stack, costs and rules of sizes. One is made when it is opened; all of
// them for print.

import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { COST_KINDS, costOf, costText, numberText, sumsOf, valueBytes } from "../costs.js";
import { levelRows, operationRows } from "../cost_rows.js";
import { html } from "../html.js";
import { innerRows } from "../map_layout.js";
import { localName } from "../map_text.js";
import { count, memory } from "../number_format.js";
import { sizesStateOf } from "../sizes_state.js";
import { placeOf } from "../skip_names.js";
import { Place, StackPlace } from "./card.js";
import { Grid } from "./grid.js";
import { ruleText } from "./sizes.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {import("../document.js").LedgerRow} LedgerRow */
/** @typedef {import("../cost_rows.js").CostRow} CostRow */

/** @type {[string, (props: {state: State}) => unknown][]} */
const TABLES = [
  ["table_blocks", BlocksTable],
  ["table_stack", StackTable],
  ["table_costs", CostTables],
  ["table_rules", RulesTable],
];

/** @param {{state: State}} props */
export function TablesPane({ state }) {
  const { word } = state;
  const chosen = useSignal("table_blocks");
  const seen = useSignal(false);
  const pane = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) seen.value = true;
    }, { rootMargin: "200px" });
    if (pane.current) observer.observe(pane.current);
    return () => observer.disconnect();
  }, []);
  if (state.printing.value) {
    return html`<div class="tables printed">${TABLES.map(([name, Table]) => html`<section key=${name}>
      <h3>${word(name)}</h3><${Table} state=${state} /></section>`)}</div>`;
  }
  const Table = TABLES.find(([name]) => name === chosen.value)?.[1];
  const move = (/** @type {KeyboardEvent} */ event) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? TABLES.length - 1 : 0;
    if (!step) return;
    event.preventDefault();
    const at = TABLES.findIndex(([name]) => name === chosen.value);
    chosen.value = TABLES[(at + step) % TABLES.length][0];
    /** @type {HTMLElement | null | undefined} */ (pane.current?.querySelector(`[data-tab=${chosen.value}]`))?.focus();
  };
  return html`<div class="tables" ref=${pane}>
    <div class="table-tabs" role="tablist" aria-label=${word("tables")} onKeyDown=${move}>
      ${TABLES.map(([name]) => html`<button key=${name} role="tab" data-tab=${name} id=${`tab-${name}`} aria-controls="table-panel"
        aria-selected=${chosen.value === name} tabindex=${chosen.value === name ? 0 : -1} onClick=${() => {
          chosen.value = name;
        }}>${word(name)}</button>`)}
    </div>
    <div class="tables-body" id="table-panel" role="tabpanel" tabindex="0" data-own-keys aria-labelledby=${`tab-${chosen.value}`}>
      ${seen.value && Table && html`<${Table} key=${chosen.value} state=${state} />`}
    </div>
  </div>`;
}

/** @param {{state: State}} props */
function BlocksTable({ state }) {
  const { doc, index, word } = state;
  const opened = useSignal(/** @type {ReadonlySet<number>} */ (new Set()));
  const order = useSignal(/** @type {{key: string, down: boolean} | null} */ (null));
  const pinned = state.block.value;
  useEffect(() => {
    // what is pinned elsewhere is shown here, too
    const around = ancestors(doc, pinned).filter((block) => block > 0 && !opened.value.has(block));
    if (around.length) opened.value = new Set([...opened.value, ...around]);
  }, [pinned]);
  const rows = innerRows(index.children, 0, opened.value);
  const all = doc.blocks.flatMap((_, block) => (index.children[block].length && block > 0 ? [block] : []));
  const toggle = (/** @type {number} */ block) => {
    const found = new Set(opened.value);
    if (!found.delete(block)) found.add(block);
    opened.value = found;
  };
  const formulas = state.formulas.value && doc.symbols.length > 0;
  const mostOf = (/** @type {import("../costs.js").CostKind} */ kind) =>
    Math.max(1, ...index.children[0].map((block) => costOf(state, block, kind)));
  const most = { parameters: mostOf("parameters"), flops: mostOf("flops"), bytes: mostOf("bytes") };
  const columns = [
    {
      key: "block", title: word("block"), width: 10, grow: 1.2,
      cell: (/** @type {any} */ { block, depth }) => html`<span class="tree" style=${`--depth:${order.value ? 0 : depth}`}>
        <code>${order.value ? doc.blocks[block].call : localName(state, block)}</code></span>`,
      sort: (/** @type {any} */ { block }) => doc.blocks[block].call,
    },
    {
      key: "inside", title: word("opens"), width: 1.5, grow: 0, quiet: true,
      cell: (/** @type {any} */ { block }) => index.children[block].length > 0 && html`<button class="toggle-rows"
        aria-expanded=${opened.value.has(block)} aria-label=${word("inside", { name: doc.blocks[block].call })}
        onClick=${(/** @type {Event} */ event) => {
          event.stopPropagation();
          toggle(block);
        }}></button>`,
    },
    { key: "kind", title: word("kind"), width: 7, grow: 0.8, cell: (/** @type {any} */ { block }) => kindOf(state, block),
      sort: (/** @type {any} */ { block }) => doc.blocks[block].kind },
    { key: "input", title: word("input"), width: 8, cell: (/** @type {any} */ { block }) => shapes(state, doc.blocks[block].inputs) },
    { key: "output", title: word("output"), width: 8, cell: (/** @type {any} */ { block }) => shapes(state, doc.blocks[block].outputs) },
    ...COST_KINDS.map((kind) => ({
      key: kind, title: word(kind), number: true, width: formulas ? 9 : 6, grow: 0.6,
      cell: (/** @type {any} */ { block }) => costText(state, block, kind),
      sort: (/** @type {any} */ { block }) => costOf(state, block, kind),
      share: (/** @type {any} */ { block }) => costOf(state, block, kind) / most[kind],
    })),
  ];
  return html`<p class="table-actions">
      <button onClick=${() => { opened.value = new Set(all); }}>${word("open_all", { count: count(doc.blocks.length - 1) })}</button>
      <button disabled=${!opened.value.size} onClick=${() => { opened.value = new Set(); }}>${word("close_all")}</button></p>
    <${Grid} label=${word("table_blocks")} columns=${columns} rows=${rows} order=${order} rowKey=${(/** @type {any} */ { block }) => block}
      selected=${(/** @type {any} */ { block }) => block === pinned} select=${(/** @type {any} */ { block }) => state.pinBlock(block === pinned ? -1 : block)} />`;
}

/** The class of a block, which opens its code if that is there.
 * @param {State} state @param {number} block
 */
function kindOf(state, block) {
  const { kind, function: called } = state.doc.blocks[block];
  if (called < 0) return kind;
  return html`<button class="to-code" title=${state.word("open_source")} onClick=${(/** @type {Event} */ event) => {
    event.stopPropagation();
    state.openBlock(block);
  }}>${kind}</button>`;
}

/** @param {State["doc"]} doc @param {number} block @returns {number[]} */
function ancestors(doc, block) {
  const found = [];
  for (let at = doc.blocks[block]?.parent ?? -1; at >= 0; at = doc.blocks[at].parent) found.push(at);
  return found;
}

/** @param {State} state @param {number[]} values */
function shapes(state, values) {
  const more = values.length > 1 ? ` ${state.word("more", { count: values.length - 1 })}` : "";
  return values.length ? html`<span class="shape" title=${values.map(state.shapeText).join(", ")}>${state.shapeText(values[0])}${more}</span>` : "";
}

/** @param {{state: State}} props */
function StackTable({ state }) {
  const { doc, word } = state;
  const bytes = (/** @type {LedgerRow} */ { value }) => valueBytes(doc, value, state.dimNumbers.value);
  const most = Math.max(1, ...doc.ledger.map(bytes));
  const blockName = (/** @type {{block: number} | null} */ end) => (end && end.block >= 0 ? state.callName(end.block) : "");
  if (!doc.ledger.length) return html`<p class="table-empty">${word("no_ledger")}</p>`;
  const columns = [
    { key: "number", title: word("skip"), width: 2.6, grow: 0, cell: (/** @type {LedgerRow} */ { skips }) => skips.map((number) => doc.skips[number].number).join(", "),
      sort: (/** @type {LedgerRow} */ row) => doc.ledger.indexOf(row) },
    { key: "shape", title: word("tensor"), width: 8, cell: (/** @type {LedgerRow} */ { value }) => html`<span class="shape">${state.shapeText(value)}</span>` },
    { key: "stack", title: word("list"), width: 6, grow: 0.4, cell: (/** @type {LedgerRow} */ row) => html`<code>${placeOf(doc, row) || row.stack}</code>` },
    { key: "pushed", title: word("pushed"), width: 11, cell: (/** @type {LedgerRow} */ row) => html`<code>${blockName(row.pushed)}</code> <${StackPlace} state=${state} row=${row} kind="push" />`,
      sort: (/** @type {LedgerRow} */ { pushed }) => pushed.step },
    { key: "popped", title: word("popped"), width: 11, cell: (/** @type {LedgerRow} */ row) => row.popped
      ? html`<code>${doc.skips[row.skips[0]] ? state.callName(doc.skips[row.skips[0]].target) : blockName(row.popped)}</code> <${StackPlace} state=${state} row=${row} kind="pop" />`
      : word("never_popped"), sort: (/** @type {LedgerRow} */ { popped }) => popped?.step ?? Infinity },
    { key: "joined", title: word("joined"), width: 9, cell: (/** @type {LedgerRow} */ { skips }) => skips.map((number) => html`<span key=${number}>${doc.skips[number].join} ${state.shapeText(doc.skips[number].result)} </span>`) },
    { key: "bytes", title: word("held_bytes"), number: true, width: 5, grow: 0.5, cell: (/** @type {LedgerRow} */ row) => memory(bytes(row)), sort: bytes,
      share: (/** @type {LedgerRow} */ row) => bytes(row) / most },
  ];
  return html`<${Grid} label=${word("table_stack")} columns=${columns} rows=${doc.ledger}
    rowKey=${(/** @type {LedgerRow} */ row) => doc.ledger.indexOf(row)}
    selected=${(/** @type {LedgerRow} */ { skips }) => skips.includes(state.skip.value)}
    select=${(/** @type {LedgerRow} */ { skips }) => skips.length && state.pinSkip(state.skip.value === skips[0] ? -1 : skips[0])} />`;
}

/** @param {{state: State}} props */
function CostTables({ state }) {
  const { doc, word } = state;
  const byLevel = useComputed(() => levelRows(doc, sumsOf(state)));
  const byOperation = useComputed(() => operationRows(doc, sumsOf(state)));
  const name = (/** @type {CostRow} */ row) => row.op ? html`<code>${row.op}</code>`
    : row.level === null ? word("outside_levels")
      : word("level_part", { level: row.level, part: word(`role_${row.role}`) });
  return html`<p class="table-actions">${word("costs_note")}</p>
    <dl class="cost-totals">${COST_KINDS.map((kind) => html`<div key=${kind}><dt>${word(kind)}</dt><dd>${costText(state, 0, kind)}</dd></div>`)}</dl>
    <h3>${word("costs_by_level")}</h3><${CostGrid} state=${state} rows=${byLevel.value} name=${name} label=${word("costs_by_level")}
      kinds=${["parameters", "flops", "bytes"]} />
    <h3>${word("costs_by_operation")}</h3><${CostGrid} state=${state} rows=${byOperation.value} name=${name} label=${word("costs_by_operation")}
      kinds=${["flops", "bytes"]} />`;
}

/** @param {{state: State, rows: CostRow[], name: (row: CostRow) => unknown, label: string, kinds: import("../costs.js").CostKind[]}} props */
function CostGrid({ state, rows, name, label, kinds }) {
  const { word } = state;
  const columns = [
    { key: "name", title: label, width: 11, quiet: true, cell: name },
    { key: "steps", title: word("operations"), number: true, grow: 0.5, cell: (/** @type {CostRow} */ { steps }) => count(steps), sort: (/** @type {CostRow} */ { steps }) => steps },
    ...kinds.map((kind) => ({
      key: kind, title: word(kind), number: true, width: 8,
      cell: (/** @type {CostRow} */ row) => numberText(row[kind], kind),
      sort: (/** @type {CostRow} */ row) => row[kind],
      share: (/** @type {CostRow} */ row) => row[kind] / (costOf(state, 0, kind) || 1),
    })),
  ];
  return html`<${Grid} label=${label} columns=${columns} rows=${rows} rowKey=${(/** @type {CostRow} */ { key }) => key} />`;
}

/** @param {{state: State}} props */
function RulesTable({ state }) {
  const { doc, word } = state;
  if (!doc.rules) return html`<p class="table-empty">${word("no_rules")}</p>`;
  const rows = doc.rules.flatMap((rule) => {
    const obstacles = rule.obstacles.length ? rule.obstacles : [null];
    return obstacles.map((obstacle, at) => ({ rule, obstacle, at }));
  });
  const columns = [
    { key: "name", title: word("size"), width: 3, grow: 0, cell: (/** @type {any} */ { rule }) => html`<b>${rule.name}</b>` },
    { key: "rule", title: word("rule"), width: 10, cell: (/** @type {any} */ { rule, at }) => !at && ruleText(state, rule) },
    { key: "fails", title: word("fails_at"), width: 6, grow: 0.4, cell: (/** @type {any} */ { rule, obstacle }) => obstacle && html`<button class="to-code"
      title=${word("try_size")} onClick=${(/** @type {Event} */ event) => {
        event.stopPropagation();
        sizesStateOf(state).type({ [rule.name]: obstacle.size });
      }}>${rule.name} = ${obstacle.size}</button>` },
    { key: "where", title: word("at_join"), width: 11, cell: (/** @type {any} */ { obstacle }) => obstacle && html`<code>${obstacle.op}</code>
      ${" "}<code>${whereOf(state, obstacle)}</code> <${Place} state=${state} file=${obstacle.file} line=${obstacle.line}
        open=${() => state.openBlock(Math.max(0, obstacle.block))} />` },
    { key: "sizes", title: word("misfit"), cell: (/** @type {any} */ { obstacle }) => obstacle && html`<span class="shape misfit-text">${misfitText(obstacle)}</span>` },
  ];
  return html`<${Grid} label=${word("table_rules")} columns=${columns} rows=${rows}
    rowKey=${(/** @type {any} */ { rule, at }) => `${rule.name}${at}`}
    selected=${(/** @type {any} */ { obstacle }) => obstacle !== null && obstacle === state.obstacle.value}
    select=${(/** @type {any} */ { obstacle }) => obstacle && (obstacle.skip >= 0 ? state.pinSkip(obstacle.skip) : state.pinBlock(obstacle.block))} />`;
}

/** @param {State} state @param {import("../document.js").Obstacle} obstacle */
function whereOf(state, { skip, block }) {
  return skip >= 0 ? state.callName(state.doc.skips[skip].target) : block > 0 ? state.callName(block) : "";
}

/** @param {import("../document.js").Obstacle} obstacle */
function misfitText({ left, right, axis, text }) {
  const [one, two] = [left[axis], right[axis]];
  return one === undefined || two === undefined ? text.en?.split("\n").at(-1) : `${one} ≠ ${two}`;
}
