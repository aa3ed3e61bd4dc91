// Zoom and pan of the map: by wheel with Ctrl or ⌘, drag and pinch through d3-zoom, and by calls for keys and
// buttons. A plain wheel, and what a finger drags beyond the end of the map, scrolls the page.

import { select } from "d3-selection";
import { zoom, zoomIdentity, zoomTransform } from "d3-zoom";

/** @typedef {{left: number, top: number, width: number, height: number}} Box */

const PADDING = 10;
const LARGEST = 4;
/** Below this scale names cannot be read, so that a tall map is fitted to the width of its pane. */
const READABLE = 0.42;

/**
 * @param {SVGSVGElement} svg
 * @param {{onTransform: (transform: {x: number, y: number, k: number}, byUser: boolean) => void}} options
 */
export function attachZoom(svg, { onTransform }) {
  let [size, content] = [{ width: 1, height: 1 }, { width: 1, height: 1 }];
  let touched = false;
  let animating = false;
  /** How far a gesture would move the map below its end, in pixels. */
  let beyond = 0;
  const behavior = zoom()
    .scaleExtent([0.05, LARGEST])
    .clickDistance(6)
    .filter((event) => {
      if (event.type === "wheel") return event.ctrlKey || event.metaKey;
      if (event.type.startsWith("touch")) return event.touches.length > 1 || isZoomed();
      return !event.button && !event.ctrlKey;
    })
    .on("zoom", ({ transform, sourceEvent }) => {
      if (sourceEvent) touched = true;
      svg.classList.toggle("zoomed", isZoomed());
      onTransform(transform, Boolean(sourceEvent) || !animating);
      if (sourceEvent?.touches?.length === 1) scrollAround(svg, -beyond);
    });
  const bounded = behavior.constrain();
  behavior.constrain((wanted, extent, limits) => {
    const found = bounded(wanted, extent, limits);
    beyond = wanted.y - found.y;
    return found;
  });
  const selection = /** @type {any} */ (select(svg));
  selection.call(behavior).on("dblclick.zoom", null);

  const whole = () => Math.min((size.width - 2 * PADDING) / content.width, (size.height - 2 * PADDING) / content.height);
  const isZoomed = () => zoomTransform(svg).k > whole() * 1.02;

  /** @param {number} k */
  function scaled(k) {
    const x = (size.width - content.width * k) / 2;
    const y = Math.max(PADDING, (size.height - content.height * k) / 2);
    return zoomIdentity.translate(x, y).scale(k);
  }

  /** @param {any} transform */
  function move(transform) {
    animating = true;
    behavior.transform(selection, transform);
    animating = false;
  }

  return {
    /** Tells the sizes of the pane and of the map; the map is fitted unless a reader has moved it.
     * @param {{width: number, height: number}} pane @param {{width: number, height: number}} map
     */
    resize(pane, map) {
      [size, content] = [pane, map];
      behavior.extent([[0, 0], [pane.width, pane.height]]);
      const margin = 80 / READABLE;
      behavior.translateExtent([[-margin, -margin], [map.width + margin, map.height + margin]]);
      if (!touched && pane.width > 0) {
        const width = (pane.width - 2 * PADDING) / map.width;
        move(scaled(Math.min(1.5, Math.max(whole(), Math.min(width, READABLE)))));
      }
    },
    /** Shows the whole map. */
    fit() {
      touched = false;
      move(scaled(Math.min(1.5, whole())));
    },
    /** Forgets what a reader has moved: for another map. */
    reset() {
      touched = false;
    },
    /** @param {number} factor */
    by(factor) {
      touched = true;
      animating = true;
      behavior.scaleBy(selection, factor);
      animating = false;
    },
    /** @param {number} dx @param {number} dy  in pixels */
    pan(dx, dy) {
      touched = true;
      const { k } = zoomTransform(svg);
      behavior.translateBy(selection, dx / k, dy / k);
    },
    /** Moves the map as little as needed to show a box of the map.
     * @param {Box} box
     */
    reveal({ left, top, width, height }) {
      const { x, y, k } = zoomTransform(svg);
      this.revealOnScreen({ left: left * k + x, top: top * k + y, width: width * k, height: height * k });
    },
    /** Moves the map as little as needed to show a box that lies there in the pane.
     * @param {Box} box
     */
    revealOnScreen(box) {
      const shift = (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ room) => {
        if (from < PADDING || to - from > room - 2 * PADDING) return PADDING - from;
        return to > room - PADDING ? room - PADDING - to : 0;
      };
      const dx = shift(box.left, box.left + box.width, size.width);
      const dy = shift(box.top, box.top + box.height, size.height);
      if (Math.abs(dx) < 1 && Math.abs(dy) < 1) return;
      animating = true;
      behavior.translateBy(selection, dx / zoomTransform(svg).k, dy / zoomTransform(svg).k);
      animating = false;
    },
    dispose: () => selection.on(".zoom", null),
  };
}

/** Scrolls the pane of an element, or the page if the pane is at its end.
 * @param {Element} element @param {number} distance
 */
function scrollAround(element, distance) {
  if (!distance) return;
  const pane = element.closest(".pane");
  const before = pane?.scrollTop;
  if (pane) pane.scrollTop += distance;
  if (pane?.scrollTop === before) scrollBy({ top: distance, behavior: "instant" });
}
