// A walkthrough: the code stays in view, and the lines of the note that is being read are marked.
// Choosing a line of the code shows its note. The code is an explorer or, where that does not run, the
// plain lines in it. Without this script both are there, side by side.
(function () {
  const READING_LINE = 0.3; // where the reader's eyes are, as a share of the window's height
  const SETTLED = 400; // milliseconds after which a scroll that this script began is over

  // Scrolls the code alone, never the page.
  function reveal(box, line) {
    const top = line.offsetTop - box.offsetTop;
    if (top < box.scrollTop || top + line.offsetHeight > box.scrollTop + box.clientHeight) {
      box.scrollTop = top - box.clientHeight / 3;
    }
  }

  function markLines(reading, note) {
    let first = null;
    for (const line of reading.querySelectorAll(".ut-line")) {
      const on = note !== null && line.dataset.note === note.id;
      line.classList.toggle("ut-current", on);
      if (on && !first) first = line;
    }
    if (first) reveal(first.closest("pre"), first);
  }

  function noteAt(notes, line) {
    return notes.find((note) => Number(note.dataset.first) <= line && line <= Number(note.dataset.last));
  }

  function wire(reading) {
    if (reading.dataset.ready) return;
    reading.dataset.ready = "yes";
    const notes = Array.from(reading.querySelectorAll(".ut-reading-notes [data-first]"));
    const explorer = reading.querySelector("unet-explorer");
    let shown = null;
    let quietUntil = 0;
    let waiting = false;

    function isQuiet() {
      return performance.now() < quietUntil;
    }

    function show(note) {
      if (note === shown) return;
      shown = note;
      markLines(reading, note);
      if (!note || !explorer || !explorer.select || explorer.contains(document.activeElement)) return;
      quietUntil = performance.now() + SETTLED;
      explorer.select({ line: Number(note.dataset.first) });
    }

    function update() {
      waiting = false;
      if (isQuiet()) return;
      const at = window.innerHeight * READING_LINE;
      const above = notes.filter((note) => note.getBoundingClientRect().top <= at);
      show(above.length ? above[above.length - 1] : null);
    }

    function soon() {
      if (!waiting) requestAnimationFrame(update);
      waiting = true;
    }

    function go(note) {
      quietUntil = performance.now() + SETTLED;
      shown = note;
      markLines(reading, note);
      note.scrollIntoView();
    }

    document.addEventListener("scroll", soon, { passive: true });
    window.addEventListener("resize", soon);
    reading.addEventListener("explorer-select", (event) => {
      if (isQuiet() || event.detail.function !== explorer.getAttribute("function")) return;
      const note = noteAt(notes, event.detail.line);
      if (note && note !== shown && explorer.contains(document.activeElement)) go(note);
    });
    reading.querySelector(".ut-reading-code").addEventListener("click", (event) => {
      const line = event.target.closest && event.target.closest(".ut-line[data-note]");
      if (line && !event.target.closest("a")) go(document.getElementById(line.dataset.note));
    });
    update();
  }

  // An address such as #L129 names a line, which an explorer has no element for: its note is shown.
  function showAddressed() {
    const number = /^#L(\d+)$/.exec(location.hash);
    if (!number) return;
    const notes = Array.from(document.querySelectorAll(".ut-reading-notes [data-first]"));
    const note = noteAt(notes, Number(number[1]));
    if (note) note.scrollIntoView();
  }

  function start() {
    document.querySelectorAll(".ut-reading").forEach(wire);
    showAddressed();
  }

  window.addEventListener("hashchange", showAddressed);
  if (window.document$) window.document$.subscribe(start);
  else document.addEventListener("DOMContentLoaded", start);
})();
