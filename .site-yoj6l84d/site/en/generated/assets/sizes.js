// The switches between numbers and formulas: all switches of a page change together, and the choice is
// stored for other pages. The inline script after each switch has applied the stored choice already.
(function () {
  const KEY = "unet-trace-sizes";

  function set(value) {
    for (const input of document.querySelectorAll(".ut-switch input")) {
      input.checked = input.value === value;
    }
  }

  document.addEventListener("change", function (event) {
    if (!event.target.matches(".ut-switch input")) return;
    set(event.target.value);
    try {
      localStorage.setItem(KEY, event.target.value);
    } catch (error) {
      // without storage the choice is lost when the page is closed
    }
  });

  // a page from the back/forward cache may be older than the choice
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    try {
      set(localStorage.getItem(KEY) || "numbers");
    } catch (error) {
      // without storage there is no choice to apply
    }
  });
})();
