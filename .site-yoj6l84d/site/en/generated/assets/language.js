// The link to the other language keeps the anchor, and the choice is stored for the next visit.
(function () {
  document.addEventListener("click", function (event) {
    const link = event.target.closest && event.target.closest("a[hreflang]");
    if (!link) return;
    const address = new URL(link.href);
    address.hash = location.hash;
    link.href = address.href;
    try {
      localStorage.setItem("unet-trace-language", link.hreflang);
    } catch (error) {
      // without storage the choice is lost when the page is closed
    }
  }, true);
})();
