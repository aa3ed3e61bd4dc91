// Python source as tokens, for color and for finding names. It never fails: what it does not know is
// an operator.

/** @typedef {"keyword" | "string" | "comment" | "number" | "name" | "attribute" | "argument" | "operator" | "space"} TokenKind */
/**
 * A token in one line: a string of several lines is one token in each. An attribute follows a dot,
 * an argument is the name in `name=value` of a call.
 * @typedef {{kind: TokenKind, text: string, column: number}} Token
 */

const KEYWORDS = new Set(
  ("False None True and as assert async await break class continue def del elif else except finally for from " +
    "global if import in is lambda nonlocal not or pass raise return try while with yield").split(" "),
);
const TOKEN = new RegExp(
  [
    String.raw`(?<space>[ \t\f]+|\\?\r?\n)`,
    String.raw`(?<comment>#[^\n]*)`,
    String.raw`(?<string>[rRbBuUfFtT]{0,2}(?:"""(?:[^\\]|\\[^])*?(?:"""|$)|'''(?:[^\\]|\\[^])*?(?:'''|$)|"(?:[^"\\\n]|\\[^])*"?|'(?:[^'\\\n]|\\[^])*'?))`,
    String.raw`(?<number>(?:0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?)[jJ]?)`,
    String.raw`(?<name>[\p{L}_][\p{L}\p{M}\p{N}_]*)`,
    String.raw`(?<operator>==|!=|<=|>=|->|:=|\*\*=?|\/\/=?|<<=?|>>=?|[-+*/%@&|^]=|[^])`,
  ].join("|"),
  "yu",
);

/**
 * The tokens of each line.
 * @param {string} source
 * @returns {Token[][]}
 */
export function tokenize(source) {
  /** @type {Token[][]} */
  const lines = [[]];
  let column = 0;
  for (const { kind, text } of classified(source)) {
    text.split("\n").forEach((part, number) => {
      if (number) {
        lines.push([]);
        column = 0;
      }
      if (part) lines[lines.length - 1].push({ kind, text: part, column });
      column += part.length;
    });
  }
  return lines;
}

/** @param {string} source @returns {{kind: TokenKind, text: string}[]} */
function classified(source) {
  /** @type {{kind: TokenKind, text: string}[]} */
  const found = [];
  let depth = 0;
  let before = "";
  for (const { groups = {} } of source.matchAll(new RegExp(TOKEN, "gyu"))) {
    const [kind, text] = /** @type {[TokenKind, string]} */ (
      Object.entries(groups).find(([, part]) => part !== undefined)
    );
    if (kind === "operator") depth = Math.max(0, depth + depthChange(text));
    const last = found.at(-1);
    if (text === "=" && depth > 0) markArgument(found);
    if (kind !== "name") found.push({ kind, text });
    else if (before === ".") found.push({ kind: /** @type {TokenKind} */ ("attribute"), text });
    else found.push({ kind: KEYWORDS.has(text) ? /** @type {TokenKind} */ ("keyword") : kind, text });
    if (kind !== "space" && kind !== "comment") before = text;
    else if (text.includes("\n") && last && depth === 0) before = "";
  }
  return found;
}

/** @param {string} operator */
function depthChange(operator) {
  return "([{".includes(operator) ? 1 : ")]}".includes(operator) ? -1 : 0;
}

/** A name before `=` inside parentheses is an argument.
 * @param {{kind: TokenKind, text: string}[]} found
 */
function markArgument(found) {
  const last = found.findLast(({ kind }) => kind !== "space");
  if (last?.kind === "name") last.kind = "argument";
}

/**
 * The names that a statement reads and stores, in the order in which they stand.
 * @param {Token[]} tokens of all its lines
 * @returns {{reads: string[], stores: string[]}}
 */
export function namesOf(tokens) {
  const parts = tokens.filter(({ kind }) => kind !== "space" && kind !== "comment");
  const word = parts[0]?.text === "async" ? parts[1]?.text : parts[0]?.text;
  let [from, to] = [0, assignmentEnd(parts)];
  if (word === "for") [from, to] = [1, parts.findIndex(({ text }) => text === "in")];
  if (word === "with" || word === "import" || word === "from") [from, to] = [0, parts.length];
  const reads = /** @type {Set<string>} */ (new Set());
  const stores = /** @type {Set<string>} */ (new Set());
  parts.forEach(({ kind, text }, at) => {
    if (kind !== "name") return;
    const next = parts[at + 1]?.text;
    const isTarget = at >= from && at < to && !["[", ".", "("].includes(next);
    if (isTarget || next === ":=" || parts[at - 1]?.text === "as") stores.add(text);
    if (!isTarget || /^[^=!<>:]+=$/.test(next ?? "")) reads.add(text);
  });
  return { reads: [...reads], stores: [...stores] };
}

/** Where the targets of an assignment end: after the last `=` outside of parentheses.
 * @param {Token[]} parts
 */
function assignmentEnd(parts) {
  let [depth, end] = [0, 0];
  parts.forEach(({ kind, text }, at) => {
    if (kind === "operator") depth += depthChange(text);
    const assigns = text === "=" || (text.length > 1 && /^[-+*/%@&|^<>]+=$/.test(text) && !["<=", ">="].includes(text));
    if (kind === "operator" && depth === 0 && assigns) end = at;
  });
  return end;
}
