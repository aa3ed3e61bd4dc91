// The link to the other language leads to the place that is being read, and the choice is stored for
// the next visit. Both languages have the same anchors.
(function () {
  const READING_LINE = 0.4; // where the reader's eyes are, as a share of the window's height
  const PLACES = ".md-content :is(h2, h3, h4)[id], .md-content .ut-table tr[id]";

  // The anchor in the address while it can be seen, else the topmost heading or row in view, else the
  // last one above. An address such as #!step=12 is the state of an explorer, which is kept as well.
  function place() {
    const target = document.querySelector(":target");
    if (location.hash.startsWith("#!") || (target && isVisible(target))) return location.hash;
    if (window.scrollY === 0) return "";
    const reached = Array.from(document.querySelectorAll(PLACES)).filter(isReached);
    const found = reached.find((one) => top(one) >= margin(one) - 1) || reached.pop();
    return found ? "#" + found.id : "";
  }

  function top(element) {
    return element.getBoundingClientRect().top;
  }

  // Where a link puts the element: below what stays in view.
  function margin(element) {
    return parseFloat(getComputedStyle(element).scrollMarginTop) || 0;
  }

  function isVisible(element) {
    return element.getBoundingClientRect().bottom > 0 && top(element) < window.innerHeight;
  }

  function isReached(element) {
    const line = Math.max(window.innerHeight * READING_LINE, margin(element) + 1);
    return element.checkVisibility() && top(element) <= line;
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
