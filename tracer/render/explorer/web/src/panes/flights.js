// Cards that move: from the pile into the join, and onto the pile. None if motion is unwelcome, or if
// steps follow each other faster than the eye.
import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

const LASTS = 320; // milliseconds
const FAST = 140;

/** @param {import("../state.js").State} state @param {{current: HTMLElement | null}} box */
export function useFlights(state, box) {
  const stepped = useRef(0);
  // An effect of the signals themselves runs before the panes are drawn anew: it sees where the
  // cards were. The next frame sees where they are.
  useEffect(() => effect(() => {
    state.line.value;
    const now = performance.now();
    const still = now - stepped.current < FAST || matchMedia("(prefers-reduced-motion: reduce)").matches;
    stepped.current = now;
    if (still) return;
    const places = placesIn(box.current);
    requestAnimationFrame(() => fly(box.current, places));
  }), [state]);
}

/** @param {HTMLElement | null} box */
function placesIn(box) {
  const found = box?.querySelectorAll("[data-flight]") ?? [];
  return new Map([...found].map((card) => [card.getAttribute("data-flight") ?? "", card.getBoundingClientRect()]));
}

/** @param {HTMLElement | null} box @param {Map<string, DOMRect>} places */
function fly(box, places) {
  if (!box) return;
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
