"""tracer/site/pages/views/observed_shapes.py: the shapes recorded of each statement."""

from __future__ import annotations

from tracer.site.content.site_content import SiteContent
from tracer.site.pages.urls import Addresses
from tracer.site.pages.views.observed_shapes import ObservedStatement, StatementObserver
from tracer.site.pages.words import EN


def seen(content: SiteContent, function: str, code: str) -> ObservedStatement | None:
    """What was seen of the piece that contains `code`."""
    found = next(w for w in content.walkthroughs if w.walk.notes == function)
    number = next(
        n
        for n, piece in enumerate(found.function.statements)
        if code in "\n".join(found.function.text(piece.start, piece.last))
    )
    return StatementObserver(found, Addresses(content, found.walk.page), EN).observed(number)


def rows(found: ObservedStatement | None) -> list[tuple[tuple[str, ...], list[str]]]:
    assert found
    return [
        (tuple(shape.numbers for shape in row.shapes), [call.text for call in row.calls])
        for row in found.rows
    ]


def test_a_signature_shows_what_each_call_was_given(content: SiteContent) -> None:
    found = seen(content, "block", "def forward")
    assert found
    assert found.columns == ("x", "temb")
    assert rows(found)[:2] == [
        (("1×8×16×16", "1×16"), ["down.0.block"]),
        (("1×16×8×8", "1×16"), ["mid.block", "mid.block@1"]),
    ]
    assert (found.times, found.is_constant) == (6, False)


def test_calls_with_equal_shapes_share_a_row(content: SiteContent) -> None:
    assert rows(seen(content, "block", "h = self.conv(x)")) == [
        (("1×8×16×16",), ["down.0.block", "up.0.block.0", "up.0.block.1"]),
        (("1×16×8×8",), ["mid.block", "mid.block@1", "up.1.block.0"]),
    ]


def test_an_iteration_is_named_by_the_block_that_it_called(content: SiteContent) -> None:
    found = seen(content, "forward", "hs.pop()")
    assert found
    assert found.columns == ("pop from hs", "depth", "h")
    assert rows(found)[0] == (("1×16×8×8", "2", "1×16×8×8"), ["up.1.block.0"])


def test_a_push_has_its_depth(content: SiteContent) -> None:
    found = seen(content, "forward", "hs.append(h)")
    assert found
    assert (found.columns, rows(found)[0][0]) == (("push on hs", "depth"), ("1×8×16×16", "2"))


def test_several_operations_are_listed_in_order(content: SiteContent) -> None:
    found = seen(content, "block", "self.temb_proj")
    assert found
    assert [(one.name, one.shape.numbers) for one in found.operations] == [
        ("Linear", "1×8"),
        ("getitem", "1×8×1×1"),
        ("add", "1×8×16×16"),
    ]
    assert found.operations[0].block
    assert found.operations[0].block.text == "down.0.block.temb_proj"
    assert found.operations_in == "down.0.block"


def test_shapes_are_also_formulas(content: SiteContent) -> None:
    found = seen(content, "block", "h = self.conv(x)")
    assert found
    assert [row.shapes[0].formulas for row in found.rows] == [
        "B × 8 × H × W",
        "B × 16 × H/2 × W/2",
    ]
    assert found.rows[0].shapes[0].numbers == "1×8×16×16"


def test_a_single_operation_is_left_out(content: SiteContent) -> None:
    found = seen(content, "forward", "return")
    assert found
    assert (found.columns, found.operations) == (("returned",), ())


def test_a_line_that_touched_no_tensor_has_nothing_to_show(content: SiteContent) -> None:
    assert seen(content, "forward", "if level != 0") is None
