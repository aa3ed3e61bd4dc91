// Highlights the other ends of the skips of a block when it is pointed at or has the focus.
(function () {
  function tags(element) {
    return Array.from(element.classList).filter((name) => /^skip-\d+$/.test(name));
  }

  function light(figure, element, on) {
    for (const tag of element ? tags(element) : []) {
      for (const partner of figure.querySelectorAll("." + tag)) partner.classList.toggle("hot", on);
    }
  }

  function wire(figure) {
    if (figure.dataset.ready) return;
    figure.dataset.ready = "yes";
    const change = (on) => (event) =>
      light(figure, event.target.closest && event.target.closest("g.node, g.edge"), on);
    figure.addEventListener("mouseover", change(true));
    figure.addEventListener("mouseout", change(false));
    figure.addEventListener("focusin", change(true));
    figure.addEventListener("focusout", change(false));
  }

  function start() {
    document.querySelectorAll(".ut-figure").forEach(wire);
  }

  if (window.document$) window.document$.subscribe(start);
  else document.addEventListener("DOMContentLoaded", start);
})();
