// Costs added up: by resolution level and part of the model, and by kind of operation.

import { STEP } from "./document.js";

/** @typedef {import("./document.js").ExplorerDocument} ExplorerDocument */
/** @typedef {import("./costs.js").PrefixSums} PrefixSums */
/** @typedef {{key: string, level: number | null, role: string | null, op: string | null, blocks: number, steps: number, parameters: number, flops: number, bytes: number}} CostRow */

const ROLES = ["encoder", "middle", "decoder", "side"];
/** A batch, channels, and one size at least: what a tensor between levels is. */
const FEATURE_MAP_RANK = 3;

/**
 * One row per level and part, then what is outside the levels; they add up to the whole model. A step
 * between blocks that makes a feature map counts with the block that runs next.
 * @param {ExplorerDocument} doc @param {PrefixSums} sums
 * @returns {CostRow[]}
 */
export function levelRows(doc, sums) {
  /** @type {Map<string, CostRow>} */
  const rows = new Map();
  const outside = rowOf(rows, null, null);
  /** @type {(CostRow | null)[]} */
  const inside = Array(doc.steps.length).fill(null);
  const modules = new Set();
  let held = 0;
  doc.blocks.forEach((block) => {
    if (block.level === null || block.role === null) return;
    const row = rowOf(rows, block.level, block.role);
    const isOuter = block.parent <= 0 || doc.blocks[block.parent].level === null;
    inside.fill(row, block.first, block.last);
    row.blocks += 1;
    if (!isOuter || modules.has(block.path)) return;
    modules.add(block.path);
    row.parameters += block.parameters;
    held += block.parameters;
  });
  outside.parameters = Math.max(0, doc.blocks[0].parameters - held);
  let following = inside.findLast((row) => row) ?? outside;
  for (let at = doc.steps.length - 1; at >= 0; at -= 1) {
    following = inside[at] ?? following;
    addStep(inside[at] || makesFeatureMap(doc, at) ? following : outside, sums, at);
  }
  return [...rows.values()].filter((row) => row.steps || row.parameters).sort(byLevel);
}

/** One row per kind of operation, the most expensive first.
 * @param {ExplorerDocument} doc @param {PrefixSums} sums
 * @returns {CostRow[]}
 */
export function operationRows(doc, sums) {
  /** @type {Map<string, CostRow>} */
  const rows = new Map();
  doc.steps.forEach((step, at) => {
    const op = step[STEP.OP];
    const row = rows.get(op) ?? { ...empty(op), op };
    rows.set(op, row);
    addStep(row, sums, at);
  });
  return [...rows.values()].sort((one, two) => two.flops - one.flops || two.bytes - one.bytes || two.steps - one.steps);
}

/** @param {string} key @returns {CostRow} */
function empty(key) {
  return { key, level: null, role: null, op: null, blocks: 0, steps: 0, parameters: 0, flops: 0, bytes: 0 };
}

/** @param {Map<string, CostRow>} rows @param {number | null} level @param {string | null} role */
function rowOf(rows, level, role) {
  const key = `${level}/${role}`;
  const row = rows.get(key) ?? { ...empty(key), level, role };
  rows.set(key, row);
  return row;
}

/** @param {CostRow} row @param {PrefixSums} sums @param {number} at */
function addStep(row, { flops, bytes }, at) {
  row.steps += 1;
  row.flops += flops[at + 1] - flops[at];
  row.bytes += bytes[at + 1] - bytes[at];
}

/** @param {ExplorerDocument} doc @param {number} at */
function makesFeatureMap(doc, at) {
  return doc.steps[at][STEP.OUTPUTS].some((value) => doc.shapes[doc.values[value][0]].length >= FEATURE_MAP_RANK);
}

/** @param {CostRow} one @param {CostRow} two */
function byLevel(one, two) {
  const [a, b] = [one.level ?? Infinity, two.level ?? Infinity];
  return a === b ? ROLES.indexOf(one.role ?? "side") - ROLES.indexOf(two.role ?? "side") : a - b;
}
