// How numbers are written, as in tracer/render/number_format.py: `35,746,307`, `35.7K`, `1.5 MiB`.

/** `35,746,307`.
 * @param {number} number
 */
export function count(number) {
  return String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** A count in few characters: `999`, `35.7K`, `860M`, `2.57B`.
 * @param {number} number
 */
export function rounded(number) {
  return scaled(number, ["", "K", "M", "B", "T"]);
}

/** A number of FLOPs: `999`, `35.7 K`, `803 G`, `1.61 T`.
 * @param {number} number
 */
export function operations(number) {
  return scaled(number, ["", " K", " M", " G", " T", " P"]);
}

/** @param {number} number @param {string[]} units */
function scaled(number, units) {
  let [size, unit] = [number, 0];
  while (roundHalfEven(size) >= 1000 && unit + 1 < units.length) [size, unit] = [size / 1000, unit + 1];
  return figures(size) + units[unit];
}

/** @param {number} size */
function roundHalfEven(size) {
  const floor = Math.floor(size);
  const rest = size - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}

/** Three significant figures without trailing zeros; a half is rounded to the even digit.
 * @param {number} size
 */
function figures(size) {
  const digits = size.toPrecision(50).replace(/^[0.]+|\./g, "");
  const half = /^\d\d[02468]50*$/.test(digits);
  return String(Number((half ? size * (1 - Number.EPSILON) : size).toPrecision(3)));
}

/** `512 bytes`, `1.5 MiB`.
 * @param {number} number
 */
export function memory(number) {
  if (number < 1024) return number === 1 ? "1 byte" : `${count(number)} bytes`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let [size, unit] = [number / 1024, 0];
  while (Number(size.toFixed(1)) >= 1024 && unit + 1 < units.length) [size, unit] = [size / 1024, unit + 1];
  return `${size.toFixed(1)} ${units[unit]}`;
}

/** A part in hundredths of the whole: `45.7`, `0.02`, `<0.01`, and nothing for nothing.
 * @param {number} part @param {number} whole
 */
export function percent(part, whole) {
  if (!part || !whole) return "";
  const share = (100 * part) / whole;
  if (share < 0.01) return "<0.01";
  return share >= 0.1 ? share.toFixed(1) : share.toFixed(2);
}
