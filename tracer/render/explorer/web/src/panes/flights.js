// Cards that move: from the pile into the join, and onto the pile. None if motion is unwelcome, or if
// steps follow each other faster than the eye.
import { useSignalEffect } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

const LASTS = 320; // milliseconds
const FAST = 140;

/** @param {import("../state.js").State} state @param {{current: HTMLElement | null}} box */
export function useFlights(state, box) {
  const places = useRef(/** @type {Map<string, DOMRect>} */ (new Map()));
  const stepped = useRef(0);
  // Before the panes are drawn anew: where are the cards?
  useSignalEffect(() => {
    state.line.value;
    const now = performance.now();
    const still = now - stepped.current < FAST || matchMedia("(prefers-reduced-motion: reduce)").matches;
    stepped.current = now;
    places.current = still ? new Map() : placesIn(box.current);
    requestAnimationFrame(() => fly(box.current, places.current));
  });
  useLayoutEffect(() => undefined);
}

/** @param {HTMLElement | null} box */
function placesIn(box) {
  const found = box?.querySelectorAll("[data-flight]") ?? [];
  return new Map([...found].map((card) => [card.getAttribute("data-flight") ?? "", card.getBoundingClientRect()]));
}

/** @param {HTMLElement | null} box @param {Map<string, DOMRect>} places */
function fly(box, places) {
  if (!box || !places.size) return;
  for (const card of box.querySelectorAll("[data-flight]")) {
    const from = places.get(card.getAttribute("data-flight") ?? "");
    const to = card.getBoundingClientRect();
    if (!from) card.animate([{ opacity: 0, transform: "translateY(-12px)" }, {}], { duration: LASTS, easing: "ease-out" });
    else if (Math.abs(from.top - to.top) + Math.abs(from.left - to.left) > 2) {
      const start = `translate(${from.left - to.left}px, ${from.top - to.top}px)`;
      card.animate([{ transform: start, zIndex: 2 }, { transform: "none", zIndex: 2 }], { duration: LASTS, easing: "cubic-bezier(.2,.7,.2,1)" });
    }
  }
}
