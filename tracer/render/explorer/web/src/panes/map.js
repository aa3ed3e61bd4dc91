// The map: the U of the model, fitted to its pane, with zoom and pan, what is pinned, and heat.

import { effect, useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { COST_KINDS, numberText } from "../costs.js";
import { html } from "../html.js";
import { neighbor } from "../map_layout.js";
import { mapStateOf } from "../map_state.js";
import { calibrate } from "../map_text.js";
import { attachZoom } from "../map_zoom.js";
import { Card } from "./card.js";
import { MapDrawing, heatRange } from "./map_drawing.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {ReturnType<typeof attachZoom>} Zoom */
/** @typedef {import("./map_drawing.js").Detail} Detail */

const STEP = 1.35;
const PAN = 60;
/** How far beside a box a finger may be, in pixels. */
const REACH = 10;
/** The length of arrows by detail, in points of the map: zoomed out, they would be too small to be seen. */
const ARROWS = [6.5, 9.5, 12];
/** @type {Record<string, readonly [number, number]>} */
const DIRECTIONS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** @param {{state: State}} props */
export function MapPane({ state }) {
  if (!state.doc.maps.length) return html`<p class="map-empty">${state.word("no_map")}</p>`;
  const zoom = useRef(/** @type {Zoom | null} */ (null));
  const hasCard = state.layout.value !== "wide" || !state.panes.includes("stack");
  return html`<div class="map">
    <${Toolbar} state=${state} zoom=${zoom} />
    <${Viewport} state=${state} zoom=${zoom} />
    <${Legend} state=${state} />
    ${hasCard && html`<${Card} state=${state} />`}
  </div>`;
}

/** @param {{state: State, zoom: {current: Zoom | null}}} props */
function Toolbar({ state, zoom }) {
  const map = mapStateOf(state);
  const { word } = state;
  const names = [...map.trail.value, state.map.value].map((number) => state.doc.maps[number].title);
  return html`<div class="map-bar">
    ${names.length > 1 && html`<nav class="crumbs" aria-label=${word("maps")}>
      ${names.map((name, depth) => depth < names.length - 1
        ? html`<button key=${depth} onClick=${() => map.leave(depth)}>${name}</button><span aria-hidden="true">›</span>`
        : html`<b key=${depth} aria-current="page">${name}</b>`)}
    </nav>`}
    <label class="heat-choice"><span>${word("heat")}</span>
      <select value=${map.heat.value ?? ""} onChange=${(/** @type {any} */ event) => {
        map.heat.value = event.currentTarget.value || null;
      }}>
        <option value="">${word("heat_none")}</option>
        ${COST_KINDS.map((kind) => html`<option key=${kind} value=${kind}>${word(kind)}</option>`)}
      </select>
    </label>
    <div class="zoom-buttons" role="group" aria-label=${word("zoom")}>
      <button aria-label=${word("zoom_out")} title="−" onClick=${() => zoom.current?.by(1 / STEP)}>−</button>
      <button aria-label=${word("zoom_in")} title="+" onClick=${() => zoom.current?.by(STEP)}>+</button>
      <button class="fit" title="0" onClick=${() => zoom.current?.fit()}>${word("fit")}</button>
    </div>
  </div>`;
}

/** @param {{state: State, zoom: {current: Zoom | null}}} props */
function Viewport({ state, zoom }) {
  const map = mapStateOf(state);
  const view = useRef(/** @type {HTMLElement | null} */ (null));
  const svg = useRef(/** @type {SVGSVGElement | null} */ (null));
  const scene = useRef(/** @type {SVGGElement | null} */ (null));
  const detail = useSignal(/** @type {Detail} */ (0));
  const isMeasured = useSignal(false);
  const { width, height } = map.layout.value;

  useEffect(() => {
    const [element, drawing, group] = [view.current, svg.current, scene.current];
    if (!element || !drawing || !group) return undefined;
    const attached = attachZoom(drawing, {
      onTransform: ({ x, y, k }, byUser) => {
        group.style.transform = `translate(${x}px,${y}px) scale(${k})`;
        group.classList.toggle("animated", !byUser);
        detail.value = k >= 0.78 ? 0 : k >= 0.52 ? 1 : 2;
      },
    });
    zoom.current = attached;
    calibrate(getComputedStyle(drawing).fontFamily);
    isMeasured.value = true;
    const observer = new ResizeObserver(([{ contentRect }]) => {
      attached.resize(contentRect, map.layout.value);
      if (map.pinnedBox.value) attached.reveal(map.pinnedBox.value);
    });
    observer.observe(element);
    const unfollow = [map.pinnedBox, map.currentBox].map((box) => effect(() => {
      if (box.value) attached.reveal(box.value);
    }));
    return () => {
      observer.disconnect();
      for (const stop of unfollow) stop();
      attached.dispose();
    };
  }, []);

  useEffect(() => {
    zoom.current?.reset();
    map.focused.value = "";
  }, [state.map.value]);

  // what was opened or closed changes the size of the map
  useEffect(() => {
    const pane = view.current?.getBoundingClientRect();
    if (pane?.width) zoom.current?.resize(pane, { width, height });
  }, [width, height, state.map.value]);

  const isPrinted = state.printing.value;
  const arrow = ARROWS[isPrinted ? 0 : detail.value];
  const title = state.word("map_of", { name: state.doc.maps[state.map.value].title });
  const { width: wide, height: tall } = state.doc.maps[state.map.value];
  // not on the SVG: browsers let the Tab key stop at one that listens for the focus
  return html`<div class="map-view" ref=${view} style=${`--aspect:${wide}/${tall}`}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => onKey(event, state, zoom.current)}
    onFocusIn=${(/** @type {FocusEvent} */ event) => onFocus(event, state)}>
    <svg class="map-svg" ref=${svg} role="group" aria-label=${title} aria-describedby="map-keys"
      onClick=${(/** @type {MouseEvent} */ event) => {
        if (/** @type {Element} */ (event.target).closest("[data-key]")) return;
        const near = nearestUnit(view.current, event);
        if (near) click(near);
        else state.pinBlock(-1);
      }}
      viewBox=${isPrinted ? `0 0 ${width} ${height}` : undefined}>
      <defs>
        ${["flow", "skip", "failing"].map((name) => html`<marker key=${name} id=${`${name}-arrow`} viewBox="0 0 8 8" refX="7"
          refY="4" markerWidth=${arrow} markerHeight=${arrow} markerUnits="userSpaceOnUse" orient="auto">
          <path class=${`${name}-head`} d="M0,0.8L8,4L0,7.2Z" /></marker>`)}
      </defs>
      <g ref=${scene} class="scene" data-heat=${map.heat.value !== null}>
        ${isMeasured.value && html`<${MapDrawing} key=${state.map.value} state=${state} detail=${isPrinted ? 0 : detail.value} />`}
      </g>
    </svg>
    <p id="map-keys" class="map-keys">${state.word("map_keys")}</p>
  </div>`;
}

/** The colors of heat with the least and greatest cost.
 * @param {{state: State}} props
 */
function Legend({ state }) {
  const map = mapStateOf(state);
  const range = useComputed(() => heatRange(state, map.layout.value.units));
  const kind = map.heat.value;
  if (!kind || !range.value) return null;
  return html`<p class="legend"><span>${numberText(range.value.low, kind)}</span>
    <i aria-hidden="true"></i><span>${numberText(range.value.high, kind)}</span>
    <small>${state.word("log_scale")}</small></p>`;
}

/** @param {FocusEvent} event @param {State} state */
function onFocus(event, state) {
  const key = /** @type {Element} */ (event.target).closest("[data-key]")?.getAttribute("data-key");
  if (key) mapStateOf(state).focused.value = key;
}

/**
 * Arrows move between what is on the map, Enter pins it, the space bar opens or closes it; with Shift,
 * arrows move the map.
 * @param {KeyboardEvent} event @param {State} state @param {Zoom | null} zoom
 */
function onKey(event, state, zoom) {
  if (event.ctrlKey || event.metaKey || event.altKey || !zoom) return;
  const view = /** @type {HTMLElement} */ (event.currentTarget);
  const target = /** @type {Element} */ (event.target).closest("[data-key]");
  const direction = DIRECTIONS[event.key];
  const zooms = /** @type {Record<string, () => void>} */ ({
    "+": () => zoom.by(STEP), "=": () => zoom.by(STEP), "-": () => zoom.by(1 / STEP), 0: () => zoom.fit(),
  });
  if (event.key in zooms) zooms[event.key]();
  else if (direction && event.shiftKey) zoom.pan(-PAN * direction[0], -PAN * direction[1]);
  else if (direction || event.key === "Home" || event.key === "End") moveFocus(view, target, event.key, zoom);
  else if (event.key === "Enter" && target) click(target);
  else if (event.key === " " && target) click(target, target.getAttribute("data-key")?.startsWith("level") ? "click" : "dblclick");
  else if (event.key === "Escape" && (state.block.value >= 0 || state.skip.value >= 0)) state.pinBlock(-1);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** The box that a finger has just missed; on a phone boxes are lower than a finger is wide.
 * @param {HTMLElement | null} view @param {MouseEvent} event
 */
function nearestUnit(view, event) {
  if (/** @type {PointerEvent} */ (event).pointerType !== "touch") return undefined;
  const places = [...(view?.querySelectorAll('.unit[role="button"]') ?? [])].map((element) => {
    const { left, right, top, bottom } = (element.querySelector(".box") ?? element).getBoundingClientRect();
    const [dx, dy] = [Math.max(left - event.clientX, 0, event.clientX - right), Math.max(top - event.clientY, 0, event.clientY - bottom)];
    return { element, distance: Math.hypot(dx, dy) };
  });
  const nearest = places.sort((one, other) => one.distance - other.distance)[0];
  return nearest && nearest.distance <= REACH ? nearest.element : undefined;
}

/** @param {Element} element */
function click(element, type = "click") {
  element.dispatchEvent(new MouseEvent(type, { bubbles: true }));
}

/** @param {HTMLElement} view @param {Element | null} from @param {string} key @param {Zoom} zoom */
function moveFocus(view, from, key, zoom) {
  const places = [...view.querySelectorAll("[data-key]")].map((element) => {
    const head = element.querySelector(".box, .row-box, .hit") ?? element;
    const box = head.getBoundingClientRect();
    // the header of an open box is where it is reached
    const y = element.classList.contains("open") ? box.top + 8 : (box.top + box.bottom) / 2;
    return { element, x: (box.left + box.right) / 2, y };
  });
  const own = places.find(({ element }) => element === from) ?? places[0];
  const units = places.filter(({ element }) => element.classList.contains("unit"));
  const next = key === "Home" ? units[0] : key === "End" ? units.at(-1) : neighbor(own, places, DIRECTIONS[key]);
  const element = /** @type {SVGGElement | undefined} */ (next?.element);
  if (!element) return;
  element.focus({ preventScroll: true });
  const box = element.getBoundingClientRect();
  const pane = view.getBoundingClientRect();
  zoom.revealOnScreen({ left: box.left - pane.left, top: box.top - pane.top, width: box.width, height: box.height });
}
