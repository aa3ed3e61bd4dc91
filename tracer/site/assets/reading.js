// A walkthrough: the code stays in view, and the lines of the note that is being read are marked.
// Choosing a line of the code shows its note. The code is an explorer or, where that does not run, the
// plain lines in it. Without this script both are there, side by side. A projector shows the code
// beside one note at a time.
(function () {
  const READING_LINE = 0.3; // where the reader's eyes are, as a share of the height that notes have

  // Scrolls the code alone, never the page.
  function reveal(box, line) {
    const top = line.offsetTop - box.offsetTop;
    if (top < box.scrollTop || top + line.offsetHeight > box.scrollTop + box.clientHeight) {
      box.scrollTop = top - box.clientHeight / 3;
    }
  }

  function revealIn(box, element) {
    const [around, own] = [box.getBoundingClientRect(), element.getBoundingClientRect()];
    if (own.top < around.top || own.bottom > around.bottom) box.scrollTop += own.top - around.top - around.height / 3;
  }

  function noteAt(notes, line) {
    return notes.find((note) => Number(note.dataset.first) <= line && line <= Number(note.dataset.last));
  }

  class Reading {
    constructor(box) {
      this.box = box;
      this.notes = Array.from(box.querySelectorAll(".ut-reading-notes [data-first]"));
      this.code = box.querySelector(".ut-reading-code");
      this.explorer = box.querySelector("unet-explorer");
      this.shown = null;
      this.isSteppedInCode = false; // who leads: the code, or else the page as it is scrolled
      this.isWaiting = false;
      this.switch = Array.from(box.querySelectorAll(".ut-switch input"));
      this.projector = new Projector(this);
    }

    wire() {
      const code = this.code;
      for (const kind of ["pointerdown", "keydown", "wheel", "touchmove"]) {
        const lead = (event) => {
          const isInCode = code.contains(event.target) && !/^Page/.test(event.key || "");
          this.isSteppedInCode = isInCode && /down$/.test(kind);
        };
        document.addEventListener(kind, lead, { passive: true, capture: true });
      }
      const soon = () => this.soon();
      document.addEventListener("scroll", soon, { passive: true });
      window.addEventListener("resize", soon);
      this.box.addEventListener("explorer-select", (event) => {
        this.follow(event.detail);
        this.followCall(event.detail);
      });
      this.box.addEventListener("explorer-line", ({ detail }) => this.choose(detail));
      code.addEventListener("click", (event) => {
        const line = event.target.closest && event.target.closest(".ut-line[data-note]");
        if (line && !event.target.closest("a")) this.go(document.getElementById(line.dataset.note));
      });
      this.projector.wire();
      this.update();
    }

    soon() {
      if (!this.isWaiting) requestAnimationFrame(() => this.update());
      this.isWaiting = true;
    }

    // The note that is being read is the last one above the reading line.
    update() {
      this.isWaiting = false;
      if (this.isSteppedInCode || this.projector.isOn) return;
      const at = this.readingLine();
      this.show(this.notes.filter((note) => note.getBoundingClientRect().top <= at).pop() || null);
    }

    // Where there is one column, the code covers the top of the window. At the end of the page, which
    // scrolls no further, the line goes down to the last note.
    readingLine() {
      const code = this.code.getBoundingClientRect();
      const isAbove = code.right > this.notes[0].getBoundingClientRect().left;
      const top = isAbove ? Math.max(0, code.bottom) : 0;
      const below = (window.innerHeight - top) * (1 - READING_LINE);
      const rest = document.documentElement.scrollHeight - window.scrollY - window.innerHeight;
      return window.innerHeight - Math.min(below, Math.max(0, rest));
    }

    show(note) {
      if (note === this.shown) return;
      this.shown = note;
      this.mark();
      this.list(note);
    }

    // The contents of the page and its address name the note that is read.
    list(note) {
      for (const link of document.querySelectorAll(".md-nav--secondary a.ut-read")) link.classList.remove("ut-read");
      if (!note) return;
      const link = document.querySelector(`.md-nav--secondary a[href="#${CSS.escape(note.id)}"]`);
      if (link) {
        link.classList.add("ut-read");
        const side = link.closest(".md-sidebar__scrollwrap");
        if (side) revealIn(side, link);
      }
      const line = /^#L(\d+)$/.exec(location.hash);
      const isAddressed = line ? noteAt(this.notes, Number(line[1])) === note : location.hash === `#${note.id}`;
      if (location.hash && !isAddressed) history.replaceState(history.state, "", `#${note.id}`);
    }

    // Marks the lines of the note in the code.
    mark() {
      const note = this.shown;
      const lines = Array.from(this.box.querySelectorAll(".ut-line"));
      for (const line of lines) {
        line.classList.toggle("ut-current", note !== null && line.dataset.note === note.id);
      }
      const first = lines.find((line) => line.classList.contains("ut-current"));
      if (first) reveal(first.closest("pre"), first);
      if (note) this.markLines(Number(note.dataset.first), Number(note.dataset.last));
    }

    markLines(first, last) {
      const explorer = this.explorer;
      if (!explorer || !explorer.select) return;
      explorer.select({ function: explorer.getAttribute("function"), lines: [first, last] });
    }

    // The explorer has another current line: its first one, or one that the reader went to.
    follow(selected) {
      if (!this.isReady) {
        this.isReady = true;
        setTimeout(() => this.prepare());
        return;
      }
      this.turnSwitch(selected.formulas);
      if (!this.isSteppedInCode || selected.function !== this.explorer.getAttribute("function")) return;
      const note = noteAt(this.notes, selected.line);
      if (note && note !== this.shown) this.go(note);
      else if (!note) this.markLines(selected.line, selected.line);
    }

    // A line was chosen in the explorer, which may be one that did not run.
    choose({ function: name, line }) {
      const note = name === this.explorer.getAttribute("function") && noteAt(this.notes, line);
      if (note) this.go(note);
    }

    // What the notes list of a call is that of the call in the explorer.
    followCall({ function: name, call }) {
      if (name !== this.explorer.getAttribute("function") || !this.explorer.operations) return;
      for (const list of this.box.querySelectorAll(".ut-operations[data-lines]")) {
        const found = this.explorer.operations(name, list.dataset.lines.split(" ").map(Number));
        if (found) list.replaceChildren(...operationElements(found, list.dataset.where));
      }
      for (const link of this.box.querySelectorAll(".ut-seen tr .ut-call")) {
        link.classList.toggle("ut-chosen", link.textContent.trim() === call);
      }
    }

    // The explorer is there, and shows what the page does.
    prepare() {
      this.explorer.select({ formulas: this.switch.some((input) => input.value === "formulas" && input.checked) });
      // The browser has gone to the plain line, which the explorer hides.
      if (this.addressed && this.isSteppedInCode) this.address(this.addressed);
      else this.mark();
    }

    // Numbers or formulas: the explorer has the switch, and the notes follow.
    turnSwitch(isFormulas) {
      const input = this.switch.find((one) => one.value === (isFormulas ? "formulas" : "numbers"));
      if (!input || input.checked) return;
      input.checked = true;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }

    go(note) {
      this.isSteppedInCode = true;
      this.show(note);
      if (this.projector.isOn) this.projector.draw();
      else note.scrollIntoView();
    }

    // An address such as #L129 names a line, which an explorer has no element for.
    address(line) {
      if (!this.box.querySelector("#L" + line)) return;
      const note = noteAt(this.notes, line);
      this.addressed = line;
      if (note) this.go(note);
      else this.box.scrollIntoView();
      this.markLines(line, line);
    }
  }

  // `Linear down.0.block.0.temb_proj 1×128 → getitem 1×128×1×1`, as the page has them for the first call.
  function operationElements({ where, operations }, phrase) {
    const said = element("span", "ut-count", `${phrase.replace("{call}", where)}:`);
    return [said, ...operations.flatMap((one, at) => {
      const shape = element("span", "ut-shape");
      if (one.numbers === one.formulas) shape.append(one.numbers);
      else shape.append(element("span", "ut-n", one.numbers), element("span", "ut-f", one.formulas));
      const ran = element("span", "ut-operation");
      ran.append(element("code", "", one.name), one.block ? ` ${one.block} ` : " ", shape);
      return [at ? " → " : " ", ran];
    })];
  }

  function element(kind, name, text = "") {
    const found = document.createElement(kind);
    if (name) found.className = name;
    found.append(text);
    return found;
  }

  // The code and one note, in large type, over the whole window.
  class Projector {
    constructor(reading) {
      this.reading = reading;
      this.bar = reading.box.querySelector(".ut-projector-bar");
      this.isOn = false;
    }

    wire() {
      if (!this.bar) return;
      this.bar.hidden = false;
      const acts = { start: () => this.start(), end: () => this.end(), next: () => this.move(1), previous: () => this.move(-1) };
      this.bar.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (button) acts[button.dataset.act]();
      });
      document.addEventListener("keydown", (event) => this.isOn && this.press(event), true);
    }

    press(event) {
      const isInCode = this.reading.explorer && this.reading.explorer.contains(event.target);
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape") this.end();
      else if (event.key === "PageDown" || (!isInCode && /^Arrow(Right|Down)$/.test(event.key))) this.move(1);
      else if (event.key === "PageUp" || (!isInCode && /^Arrow(Left|Up)$/.test(event.key))) this.move(-1);
      else return;
      event.preventDefault();
      event.stopPropagation();
    }

    start() {
      this.scrolled = window.scrollY;
      this.turn(true);
      this.reading.show(this.reading.shown || this.reading.notes[0]);
      this.draw();
      this.bar.querySelector("[data-act=next]").focus();
    }

    end() {
      this.turn(false);
      this.bar.querySelector("[data-act=start]").focus({ preventScroll: true });
      window.scrollTo(0, this.scrolled);
      this.reading.shown.scrollIntoView();
    }

    turn(isOn) {
      this.isOn = isOn;
      this.reading.box.classList.toggle("ut-projected", isOn);
      document.documentElement.classList.toggle("ut-projecting", isOn);
      requestAnimationFrame(() => this.reading.mark()); // in the listing, whose lines are as large now
    }

    move(by) {
      const { notes, shown } = this.reading;
      const note = notes[notes.indexOf(shown) + by];
      if (!note) return;
      this.reading.show(note);
      this.draw();
    }

    draw() {
      const { notes, shown } = this.reading;
      let note = null;
      for (const element of shown.parentElement.children) {
        if (notes.includes(element)) note = element;
        element.classList.toggle("ut-away", note !== shown);
      }
      shown.parentElement.scrollTop = 0;
      this.bar.querySelector("[role=status]").textContent = `${notes.indexOf(shown) + 1} / ${notes.length}`;
    }
  }

  const readings = new Map();

  function showAddressed() {
    const number = /^#L(\d+)$/.exec(location.hash);
    for (const reading of readings.values()) {
      const note = reading.notes.find((one) => one.id === location.hash.slice(1));
      if (number) reading.address(Number(number[1]));
      else if (note) reading.go(note);
    }
  }

  function start() {
    for (const box of document.querySelectorAll(".ut-reading")) {
      if (readings.has(box) || !box.querySelector(".ut-reading-notes [data-first]")) continue;
      readings.set(box, new Reading(box));
      readings.get(box).wire();
    }
    showAddressed();
  }

  window.addEventListener("hashchange", showAddressed);
  if (window.document$) window.document$.subscribe(start);
  else document.addEventListener("DOMContentLoaded", start);
})();
