// A walkthrough: the code stays in view, and the lines of the note that is being read are marked.
// Choosing a line of the code shows its note. Without this script both are there, side by side.
(function () {
  const READING_LINE = 0.3; // where the reader's eyes are, as a share of the window's height

  function notesOf(reading) {
    return Array.from(reading.querySelectorAll(".ut-reading-notes [data-first]"));
  }

  function mark(reading, note) {
    const lines = reading.querySelectorAll(".ut-line");
    let first = null;
    for (const line of lines) {
      const on = note !== null && line.dataset.note === note.id;
      line.classList.toggle("ut-current", on);
      if (on && !first) first = line;
    }
    if (first) reveal(first.closest("pre"), first);
  }

  // Scrolls the code alone, never the page.
  function reveal(box, line) {
    const top = line.offsetTop - box.offsetTop;
    if (top < box.scrollTop || top + line.offsetHeight > box.scrollTop + box.clientHeight) {
      box.scrollTop = top - box.clientHeight / 3;
    }
  }

  function current(notes) {
    const at = window.innerHeight * READING_LINE;
    let found = null;
    for (const note of notes) {
      if (note.getBoundingClientRect().top <= at) found = note;
    }
    return found;
  }

  function wire(reading) {
    if (reading.dataset.ready) return;
    reading.dataset.ready = "yes";
    const notes = notesOf(reading);
    let shown;
    let waiting = false;
    const update = () => {
      waiting = false;
      const note = current(notes);
      if (note !== shown) mark(reading, (shown = note));
    };
    const soon = () => {
      if (!waiting) requestAnimationFrame(update);
      waiting = true;
    };
    document.addEventListener("scroll", soon, { passive: true });
    window.addEventListener("resize", soon);
    reading.querySelector(".ut-reading-code").addEventListener("click", (event) => {
      const line = event.target.closest(".ut-line[data-note]");
      if (!line || event.target.closest("a")) return;
      document.getElementById(line.dataset.note).scrollIntoView();
    });
    update();
  }

  function start() {
    document.querySelectorAll(".ut-reading").forEach(wire);
  }

  if (window.document$) window.document$.subscribe(start);
  else document.addEventListener("DOMContentLoaded", start);
})();
