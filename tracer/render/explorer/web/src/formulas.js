// Sizes as formulas: exact polynomials such as H/4 or H*W/64 + 77, parsed, summed and evaluated, with
// the results of tracer/algebra. Coefficients are fractions of BigInt; results are numbers, exact
// up to 2**53.

/**
 * A coefficient `top / bottom` times a product of powers, sorted by name.
 * @typedef {{powers: ReadonlyArray<readonly [string, number]>, top: bigint, bottom: bigint}} Term
 */
/** A sum of terms, in the order in which it is printed; zero has none.
 * @typedef {ReadonlyArray<Term>} Formula
 */
/** @typedef {Readonly<Record<string, number>>} Sizes */

const TOKEN = /\s*(\d+|[\p{L}_][\p{L}\p{N}_]*|\*\*|[-+*/()])/uy;

export class FormulaError extends Error {}

/** @type {Map<string, Formula>} */
const known = new Map();

/**
 * The formula that a text stands for. Raises FormulaError if it is none.
 * @param {string | number} text
 * @returns {Formula}
 */
export function parse(text) {
  const key = String(text);
  const found = known.get(key) ?? new Reader(key).whole();
  known.set(key, found);
  return found;
}

/**
 * The value of a formula at these sizes; NaN if a size is missing.
 * @param {Formula} formula
 * @param {Sizes} sizes
 * @returns {number}
 */
export function evaluate(formula, sizes) {
  let top = 0n;
  let bottom = 1n;
  for (const term of formula) {
    let product = term.top;
    for (const [name, power] of term.powers) {
      if (!Number.isInteger(sizes[name])) return NaN;
      product *= BigInt(sizes[name]) ** BigInt(power);
    }
    top = top * term.bottom + product * bottom;
    bottom *= term.bottom;
  }
  return top % bottom === 0n ? Number(top / bottom) : Number(top) / Number(bottom);
}

/**
 * The sum of formulas, each with how often it occurs.
 * @param {Iterable<readonly [Formula, number]>} parts
 * @returns {Formula}
 */
export function sum(parts) {
  /** @type {Term[]} */
  const terms = [];
  for (const [formula, times] of parts) {
    for (const term of formula) terms.push({ ...term, top: term.top * BigInt(times) });
  }
  return collected(terms);
}

/** Whether a formula contains no size.
 * @param {Formula} formula
 */
export function isNumber(formula) {
  return formula.every((term) => term.powers.length === 0);
}

/** The names of the sizes in a formula.
 * @param {Formula} formula
 * @returns {Set<string>}
 */
export function names(formula) {
  return new Set(formula.flatMap((term) => term.powers.map(([name]) => name)));
}

/** The formula as Python prints it: `H*W/64 + 77`.
 * @param {Formula} formula
 */
export function plain(formula) {
  return joined(formula, (term) => {
    const factors = term.powers.map(([name, power]) => (power > 1 ? `${name}**${power}` : name));
    return quotient(term, factors, "*", String);
  });
}

const RAISED = /** @type {Record<number, string>} */ ({ 2: "²", 3: "³" });

/** The formula as people write it: `24·B·(H·W)² + 77·B`.
 * @param {Formula} formula
 */
export function printed(formula) {
  return joined(formula, (term) => quotient(term, powersText(term), "·", String));
}

/** The formula with its coefficients rounded by `short`: `11.9 M·B·H·W + 512·B`.
 * @param {Formula} formula
 * @param {(number: number) => string} short
 */
export function rounded(formula, short) {
  return joined(formula, (term) => {
    const size = Math.abs(Number(term.top)) / Number(term.bottom);
    const text = short(size);
    return [...(text !== "1" || !term.powers.length ? [text] : []), ...powersText(term)].join("·");
  });
}

/**
 * @param {Formula} formula
 * @param {(term: Term) => string} write
 */
function joined(formula, write) {
  const text = formula.map((term) => `${term.top < 0n ? "-" : "+"} ${write(term)}`).join(" ");
  return text.replace(/^\+ /, "").replace(/^- /, "-") || "0";
}

/**
 * @param {Term} term
 * @param {string[]} factors
 * @param {string} sign
 * @param {(number: bigint) => string} write
 */
function quotient(term, factors, sign, write) {
  const top = term.top < 0n ? -term.top : term.top;
  const above = top !== 1n || !factors.length ? [write(top), ...factors] : factors;
  return above.join(sign) + (term.bottom === 1n ? "" : `/${write(term.bottom)}`);
}

/** Powers with those that have the same exponent together: `B`, `(H·W)²`.
 * @param {Term} term
 */
function powersText(term) {
  /** @type {Map<number, string[]>} */
  const byPower = new Map();
  for (const [name, power] of term.powers) byPower.set(power, [...(byPower.get(power) ?? []), name]);
  return [...byPower].sort((a, b) => a[0] - b[0]).flatMap(([power, together]) => {
    if (power === 1) return together;
    const base = together.length > 1 ? `(${together.join("·")})` : together[0];
    return [base + (RAISED[power] ?? `^${power}`)];
  });
}

/** Terms with the same powers added up, in the order of tracer/algebra.
 * @param {Term[]} terms
 * @returns {Formula}
 */
function collected(terms) {
  /** @type {Map<string, Term>} */
  const found = new Map();
  for (const term of terms) {
    const key = term.powers.map(([name, power]) => `${name}^${power}`).join("*");
    const other = found.get(key);
    found.set(key, other ? added(other, term) : reduced(term));
  }
  return [...found.values()].filter((term) => term.top !== 0n).sort(compare);
}

/** @param {Term} one @param {Term} two @returns {Term} */
function added(one, two) {
  const top = one.top * two.bottom + two.top * one.bottom;
  return reduced({ powers: one.powers, top, bottom: one.bottom * two.bottom });
}

/** @param {Term} term @returns {Term} */
function reduced(term) {
  let [a, b] = [term.top < 0n ? -term.top : term.top, term.bottom];
  while (b) [a, b] = [b, a % b];
  return a > 1n ? { powers: term.powers, top: term.top / a, bottom: term.bottom / a } : term;
}

/** @param {Term} term */
const degree = (term) => term.powers.reduce((total, [, power]) => total + power, 0);

/** Higher degrees first, then by names and powers.
 * @param {Term} one @param {Term} two
 */
function compare(one, two) {
  const difference = degree(two) - degree(one);
  if (difference) return difference;
  for (let at = 0; at < Math.min(one.powers.length, two.powers.length); at += 1) {
    const [a, b] = [one.powers[at], two.powers[at]];
    if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
    if (a[1] !== b[1]) return a[1] - b[1];
  }
  return one.powers.length - two.powers.length;
}

/** @param {Formula} one @param {Formula} two @returns {Formula} */
function times(one, two) {
  return collected(one.flatMap((a) => two.map((b) => {
    const powers = new Map(a.powers);
    for (const [name, power] of b.powers) powers.set(name, (powers.get(name) ?? 0) + power);
    const sorted = [...powers].sort((x, y) => (x[0] < y[0] ? -1 : 1));
    return { powers: sorted, top: a.top * b.top, bottom: a.bottom * b.bottom };
  })));
}

/** @param {Formula} formula @returns {Formula} */
const negated = (formula) => formula.map((term) => ({ ...term, top: -term.top }));

/** Recursive descent: sums of products of powers of atoms. */
class Reader {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.at = 0;
    /** @type {string[]} */
    this.tokens = [];
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.trimEnd().length) {
      const from = TOKEN.lastIndex;
      const found = TOKEN.exec(text);
      if (!found) throw this.error(`${text.slice(from)} is not understood`);
      this.tokens.push(found[1]);
    }
  }

  /** @param {string} reason */
  error(reason) {
    return new FormulaError(`${this.text} is not a formula: ${reason}`);
  }

  /** @param {...string} wanted */
  take(...wanted) {
    return wanted.includes(this.tokens[this.at]) ? this.tokens[this.at++] : "";
  }

  whole() {
    const result = this.sum();
    if (this.at < this.tokens.length) throw this.error(`${this.tokens[this.at]} is unexpected`);
    return result;
  }

  /** @returns {Formula} */
  sum() {
    /** @type {Term[]} */
    const terms = [];
    let sign = this.take("-") || "+";
    while (sign) {
      const product = this.product();
      terms.push(...(sign === "+" ? product : negated(product)));
      sign = this.take("+", "-");
    }
    return collected(terms);
  }

  /** @returns {Formula} */
  product() {
    let total = this.power();
    for (let sign = this.take("*", "/"); sign; sign = this.take("*", "/")) {
      const factor = this.power();
      total = times(total, sign === "*" ? factor : this.inverse(factor));
    }
    return total;
  }

  /** @param {Formula} divisor @returns {Formula} */
  inverse(divisor) {
    if (divisor.length !== 1 || divisor[0].powers.length) {
      throw this.error("a formula is divided only by a number that is not zero");
    }
    const [{ top, bottom }] = divisor;
    return [{ powers: [], top: top < 0n ? -bottom : bottom, bottom: top < 0n ? -top : top }];
  }

  /** @returns {Formula} */
  power() {
    const base = this.atom();
    if (!this.take("**")) return base;
    const exponent = this.atom();
    const count = evaluate(exponent, {});
    if (!isNumber(exponent) || !Number.isInteger(count) || count < 0 || count > 64) {
      throw this.error("an exponent is a whole number up to 64");
    }
    /** @type {Formula} */
    let result = [{ powers: [], top: 1n, bottom: 1n }];
    for (let at = 0; at < count; at += 1) result = times(result, base);
    return result;
  }

  /** @returns {Formula} */
  atom() {
    const token = this.tokens[this.at++] ?? "";
    if (token === "(") {
      const inner = this.sum();
      if (!this.take(")")) throw this.error("a ) is missing");
      return inner;
    }
    if (/^\d+$/.test(token)) return collected([{ powers: [], top: BigInt(token), bottom: 1n }]);
    if (/^[\p{L}_]/u.test(token)) return [{ powers: [[token, 1]], top: 1n, bottom: 1n }];
    throw this.error(token ? `a name or number is missing before ${token}` : "it ends too early");
  }
}
