// The switch between numbers and formulas: all of them on a page move together, and the choice is
// remembered for other pages. Each switch has read it already, in the line behind it.
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
      // without storage the choice lasts as long as the page
    }
  });

  // a page that the browser kept may be older than the choice
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    try {
      set(localStorage.getItem(KEY) || "numbers");
    } catch (error) {
      // without storage there is nothing to follow
    }
  });
})();
