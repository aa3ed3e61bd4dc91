"""What a reader does with the explorer of any model, by mouse, keys and touch, and what is checked.

What is expected is taken from the document of the model, which Python writes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.explorer_page import PINNED

Document = dict[str, Any]

KEYS_TO_A_JOIN = 120
"""More lines than any of the models runs between taking a skip and joining it."""

POINT_ON_A_SKIP = """(edges) => {
  for (const edge of edges) {
    const line = edge.querySelector(".hit");
    const [length, place] = [line.getTotalLength(), line.getScreenCTM()];
    for (let at = 1; at < 40; at += 1) {
      const { x, y } = line.getPointAtLength((length * at) / 40).matrixTransform(place);
      const found = edge.getRootNode().elementFromPoint(x, y);
      if (found?.closest(".skip-edge") === edge) return { x, y, label: edge.ariaLabel };
    }
  }
  return null;
}"""
"""Where a finger meets a skip and nothing else."""


@dataclass(frozen=True)
class ExplorerReader:
    """A reader before the explorer of a model."""

    page: Page
    document: Document

    # ------------------------------------------------------------------------------- what is seen

    @property
    def function(self) -> Locator:
        """The name of the function whose source is shown."""
        return self.page.locator(".callers b")

    @property
    def cards(self) -> Locator:
        """The tensors on the list that the model's own function takes skips from."""
        name = self.page.locator(f'h3 [data-name="{self.first_join()["list"]}"]')
        return self.page.locator(".pile", has=name).locator(".card")

    @property
    def current(self) -> Locator:
        """The rows of the current line."""
        return self.page.locator(".listing:not([hidden]) .row.current")

    def row(self, line: int) -> Locator:
        """A line of the function that is shown."""
        return self.page.locator(f'.listing:not([hidden]) .row[data-line="{line}"]')

    def tab(self, name: str) -> Locator:
        """The tab of a pane."""
        return self.page.locator(".tabs").get_by_role("button", name=name, exact=True)

    def pinned_unit(self) -> Locator:
        """The box on the map that is pinned."""
        return self.page.locator(".map-svg .unit.pinned")

    # -------------------------------------------------------------------------------- what is known

    def begins_at(self) -> tuple[int, int]:
        """The first frame of the model's own function, and that function."""
        function = self.document["blocks"][0]["function"]
        frames = enumerate(self.document["frames"])
        return next((number, function) for number, frame in frames if frame[0] == function)

    def a_call(self) -> tuple[int, str, str]:
        """A line of the model's own function that calls another: its number, what is clicked on
        there, and the function that it leads to."""
        root, function = self.begins_at()
        calls = self.document["functions"][function]["calls"]
        ran = {line[0] for line in self.document["lines"] if line[2] < line[3]}
        for number, (called, _, parent, event) in enumerate(self.document["frames"]):
            if parent != root or number not in ran:
                continue
            line = self.document["lines"][event][1]
            names = [name for at, _, _, name in calls if at == line]
            if len(names) == 1:
                return line, names[0], self.document["functions"][called]["name"]
        raise AssertionError("the model's own function calls no other by itself on a line")

    def own_lines(self) -> set[int]:
        """The lines of the model's own function."""
        root, _ = self.begins_at()
        return {number for number, line in enumerate(self.document["lines"]) if line[0] == root}

    def deepest(self) -> int:
        """How many tensors wait at most in the list that its own function takes skips from."""
        known = self.first_join()["list"]
        changes = (self.document["lines"][number][5] for number in self.own_lines())
        return max(depth for some in changes for _, name, _, depth in some if name == known)

    def first_join(self) -> Document:
        """The first skip that the model's own function takes from a list."""
        own = self.own_lines()
        taken = [skip for skip in self.document["skips"] if skip["pop_line"] in own]
        return min(taken, key=lambda skip: skip["popped"])

    def a_failing_size(self) -> tuple[str, int, str]:
        """A size that is refused, and why: the model fails there, or no formula holds."""
        rules = {rule["name"]: rule for rule in self.document["rules"] or ()}
        for symbol in self.document["symbols"]:
            name, rule = symbol["name"], rules.get(symbol["name"])
            if rule and rule["obstacles"]:
                size = rule["obstacles"][0]["size"]
                return (
                    name,
                    size,
                    f"= {size} does not work.",
                )  # with others that have to be equal to it
        fine = next(one for one in self.document["symbols"] if one["multiple"] > 1)
        name, size = fine["name"], fine["size"] + 1
        return name, size, f"The formulas do not hold at {name} = {size}."

    # ------------------------------------------------------------------------------ what is done

    def open_a_call_and_come_back(self, back: str) -> None:
        """By mouse, or by the keys Enter and Backspace."""
        line, name, called = self.a_call()
        began = self.function.text_content() or ""
        callee = self.row(line).locator(".callee", has_text=re.compile(f"^{name}$"))
        if back == "Backspace":
            callee.focus()
            self.page.keyboard.press("Enter")
        else:
            callee.click()
        expect(self.function).to_have_text(called.replace(".<locals>", ""))
        expect(self.current.first).to_be_visible()
        if back == "Backspace":
            self.page.keyboard.press(back)
        else:
            self.page.get_by_role("button", name=back).click()
        expect(self.function).to_have_text(began)

    def step_until_a_skip_is_joined(self) -> None:
        """By keys: the stack grows to its full height, and its top goes into the join."""
        self.page.keyboard.press("Escape")
        most = held = 0
        while held >= most:
            most = max(most, held)
            before = self.page.locator(".position").text_content()
            self.page.keyboard.press("ArrowDown")
            expect(self.page.locator(".position")).not_to_have_text(before or "")
            held = self.cards.count()
        assert most == self.deepest()
        figure = self.page.get_by_role("figure")
        for _ in range(KEYS_TO_A_JOIN):
            if figure.count():
                break
            self.page.keyboard.press("ArrowRight")
            self.page.wait_for_timeout(20)
        self._check_join(figure.first.get_attribute("aria-label") or "")

    def _check_join(self, label: str) -> None:
        """The sum that is drawn is that of the first join of the model."""
        first = self.first_join()
        shapes = [self.numbers(value) for value in (*first["operands"], first["result"])]
        (axis,) = {at for at, sizes in enumerate(zip(*shapes, strict=True)) if len({*sizes}) > 1}
        *parts, total = [shape[axis] for shape in shapes]
        assert label == f"{first['join']} [{' | '.join(map(str, parts))}] → {total}"
        assert sum(parts) == total

    def numbers(self, value: int) -> list[int]:
        """The shape of a tensor at the sizes that the document begins with."""
        at = {one["name"]: one["size"] for one in self.document["symbols"]}
        dims, (shape, _) = self.document["dims"], self.document["values"][value]
        return [int(evaluated(dims[dim], at)) for dim in self.document["shapes"][shape]]

    def pin_a_skip_by_touch(self) -> None:
        """On a phone: the skip, both its ends and its card."""
        self.tab("Map").tap()
        edges = self.page.locator(".map-svg .skip-edge")
        expect(edges.first).to_be_attached()
        self.page.wait_for_timeout(300)  # the map has been fitted
        point = edges.evaluate_all(POINT_ON_A_SKIP)
        assert point, "no skip can be touched on the fitted map"
        self.page.touchscreen.tap(point["x"], point["y"])
        edge = self.page.get_by_role("button", name=point["label"], exact=True)
        expect(edge).to_have_class(PINNED)
        expect(self.page.locator(".pin-card h3")).to_have_text(
            re.compile(r"^Skip \d+( · \S+\[\d+\])?$")
        )
        assert self.page.locator(".map-svg .unit.end-of-skip").count() in (1, 2)

    def open_and_close_a_level_and_a_block(self) -> None:
        """By mouse and by keys."""
        head = self.page.locator(".map-svg .band-head").last
        units = self.page.locator(".map-svg .unit")
        shown = units.count()
        head.click()
        expect(head).to_have_attribute("aria-expanded", "false")
        assert units.count() < shown
        head.focus()
        self.page.keyboard.press("Enter")
        expect(head).to_have_attribute("aria-expanded", "true")
        expect(units).to_have_count(shown)
        rows = self.page.locator(".map-svg .inner-row")
        block = self.page.locator(".map-svg .unit[aria-expanded]").first
        block.dblclick()
        expect(rows.first).to_be_visible()
        block.focus()
        self.page.keyboard.press(" ")
        expect(rows).to_have_count(0)

    def type_a_failing_size_and_follow_a_suggestion(self) -> None:
        """By keys: the size is refused with the nearest that do, one of which is taken."""
        name, size, reason = self.a_failing_size()
        field = self.page.locator(f"#size-{name}")
        field.focus()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(str(size))
        message = self.page.locator(".sizes-message")
        expect(message).to_contain_text(reason)
        expect(field).to_have_attribute("aria-invalid", "true")
        offered = message.locator(".nearest button").first
        other = (offered.text_content() or "").removeprefix(f"{name} = ")
        offered.focus()
        self.page.keyboard.press("Enter")
        expect(message).to_be_empty()
        expect(field).to_have_value(other)

    def go_from_the_map_to_the_tables_and_from_there_to_the_code(self) -> None:
        """By mouse: what is pinned is selected in the table, and rows lead to the code."""
        self.page.locator('.map-svg .unit[aria-expanded][aria-pressed="false"]').first.click()
        call = (self.pinned_unit().get_attribute("aria-label") or "").partition(",")[0]
        self.tab("Tables").click()
        selected = self.page.locator(".grid-row.selected")
        expect(selected).to_have_count(1)
        name = selected.locator("code").first.text_content() or ""
        assert call.endswith(name)
        function = self.page.locator(".grid-row .to-code").first
        kind = function.text_content() or ""
        function.click()
        expect(self.page.locator("[data-pane=source]")).to_be_visible()
        assert kind in {block["kind"] for block in self.document["blocks"]}
        self.tab("Tables").click()
        self.page.get_by_role("tab", name="Skip stack").click()
        place = self.page.locator(".grid-row .place").first
        line = (place.text_content() or "").rpartition(":")[2]
        place.click()
        expect(self.page.locator("[data-pane=source]")).to_be_visible()
        lines = self.current.evaluate_all("rows => rows.map((row) => row.dataset.line)")
        assert line in lines


def evaluated(formula: str, sizes: dict[str, int]) -> float:
    """The value of a size of a document."""
    from tracer.algebra.polynomial import parse

    return float(parse(formula).evaluate(sizes))
