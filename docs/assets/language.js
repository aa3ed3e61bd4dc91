// The link to the other language leads to the place that is being read, and the choice is stored for
// the next visit. Both languages have the same anchors.
(function () {
  const READING_LINE = 0.4; // where the reader's eyes are, as a share of the window's height
  const PLACES = ".md-content :is(h2, h3, h4)[id], .md-content .ut-table tr[id]";

  // The anchor in the address while it can be seen, else the last heading or row that was reached.
  // An address such as #!step=12 is the state of an explorer, which is kept as well.
  function place() {
    const target = document.querySelector(":target");
    if (location.hash.startsWith("#!") || (target && isVisible(target))) return location.hash;
    if (window.scrollY === 0) return "";
    const reached = Array.from(document.querySelectorAll(PLACES)).filter(isReached);
    return reached.length ? "#" + reached[reached.length - 1].id : "";
  }

  function isVisible(element) {
    const { top, bottom } = element.getBoundingClientRect();
    return bottom > 0 && top < window.innerHeight;
  }

  // Whether it is above the reading line, or where a link to it would put it, below what stays in view.
  function isReached(element) {
    const margin = parseFloat(getComputedStyle(element).scrollMarginTop) + 1;
    const line = Math.max(window.innerHeight * READING_LINE, margin);
    return element.checkVisibility() && element.getBoundingClientRect().top <= line;
  }

  document.addEventListener("click", function (event) {
    const link = event.target.closest && event.target.closest("a[hreflang]");
    if (!link) return;
    const address = new URL(link.href);
    address.hash = place();
    link.href = address.href;
    try {
      localStorage.setItem("unet-trace-language", link.hreflang);
    } catch (error) {
      // without storage the choice is lost when the page is closed
    }
  }, true);
})();
