// The link to the other language keeps the place on the page, and is remembered for the next visit.
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
      // without storage the choice lasts as long as the page
    }
  }, true);
})();
