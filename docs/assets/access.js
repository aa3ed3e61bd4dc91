// What the theme leaves out for keyboards and screen readers: a box that scrolls can be reached with the
// Tab key, and the dialog of the search has a name.
(function () {
  const BOXES = ".md-content :is(.md-typeset__scrollwrap, .ut-scroll, .ut-math, .ut-table)";

  function label(box) {
    const heading = Array.from(document.querySelectorAll(".md-content :is(h1, h2, h3)[id]"))
      .filter((one) => one.compareDocumentPosition(box) & Node.DOCUMENT_POSITION_FOLLOWING)
      .pop();
    return heading ? heading.firstChild.textContent.trim() : document.title;
  }

  // One tab stop for each box with more in it than can be seen, and none for the others.
  function update() {
    for (const box of document.querySelectorAll(BOXES)) {
      if (box.scrollWidth <= box.clientWidth) {
        box.removeAttribute("tabindex");
        continue;
      }
      box.tabIndex = 0;
      if (!box.hasAttribute("role")) box.setAttribute("role", "group");
      if (!box.hasAttribute("aria-label")) box.setAttribute("aria-label", label(box));
    }
  }

  function start() {
    const search = document.querySelector(".md-search");
    const field = document.querySelector(".md-search__input");
    if (search && field) search.setAttribute("aria-label", field.getAttribute("aria-label"));
    update();
  }

  window.addEventListener("resize", update);
  window.addEventListener("load", update); // the theme wraps tables after the page is parsed
  document.addEventListener("toggle", update, true); // of a table that was folded
  if (window.document$) window.document$.subscribe(start);
  else document.addEventListener("DOMContentLoaded", start);
})();
