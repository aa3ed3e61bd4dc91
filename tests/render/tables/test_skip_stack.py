"""tracer/render/tables/skip_stack.py: the table of the skip stack."""

from __future__ import annotations

from dataclasses import replace

from tests.analysis.skip_stack.events import event
from tests.example import example, links
from tracer.analysis.skip_stack import Ledger, OtherList, build_ledger, ledger
from tracer.analysis.stack_events import stack
from tracer.render.tables.skip_stack import skip_stack_table
from tracer.render.tables.skip_stack_summary import skip_stack_sentences as sentences

TOY = example()
EVENTS, LINKS = stack(TOY), links(TOY)
PUSHES = [e for e in EVENTS if e.kind == "push"]


def titles(found: Ledger) -> list[str]:
    return [column.title for column in skip_stack_table(found).columns]


def test_a_row_says_push_pop_and_join() -> None:
    assert skip_stack_table(ledger(TOY)).rows[1] == (
        "2",
        "down.0.block",
        "toy_unet.py:74",
        "1×8×16×16",
        "2",
        "16.0 KiB",
        "up.0.block.0",
        "toy_unet.py:83",
        "cat",
        "16 + 8 = 24",
    )


def test_without_a_list_tensors_are_made_and_joined() -> None:
    assert titles(build_ledger(TOY, (), LINKS))[1:8:6] == ["made by", "joined at"]
    assert skip_stack_table(build_ledger(TOY, (), LINKS)).title == "Skips"


def test_two_lists_are_told_apart() -> None:
    two = [*EVENTS, event("push", "a", 1, on="work"), event("pop", "a", 0, on="work", step=1)]
    assert titles(build_ledger(TOY, two, LINKS))[1] == "list"
    assert skip_stack_table(build_ledger(TOY, two, LINKS)).title == "Skip stack hs, work"
    assert "list" not in titles(ledger(TOY))


def test_what_nobody_takes_or_joins_is_said_in_its_row() -> None:
    pops = [e for e in EVENTS if e.kind == "pop"]
    found = build_ledger(TOY, [*PUSHES, *pops[:2]], LINKS[:1])
    assert [row[6] for row in skip_stack_table(found).rows] == [
        "(left over)",
        "(no join)",
        "up.1.block.0",
    ]


def test_an_input_and_the_model_itself_have_a_name() -> None:
    direct = replace(LINKS[2], source="", target="", value=TOY.inputs[0], pushed=-1)
    (row,) = skip_stack_table(build_ledger(TOY, (), [direct])).rows
    assert (row[1], row[6]) == ("(the model)", "(the model)")
    (row,) = skip_stack_table(
        build_ledger(replace(TOY, lines=()), [event("push", "x", 1)], ())
    ).rows
    assert row[1] == "(input)"


# ----------------------------------------------------------------------------------- sentences


def test_the_ledger_of_the_toy_is_in_order() -> None:
    assert sentences(ledger(TOY)) == (
        "3 pushes, 3 pops. Last in, first out. Nothing is left over.",
        "The stack holds at most 20.0 KiB, after push 3 (down.0.downsample).",
        "The data flow agrees: 3 skips, between the same blocks.",
    )


def test_without_a_list_the_data_flow_speaks_alone() -> None:
    assert sentences(build_ledger(TOY, (), LINKS)) == (
        "3 skips in the data flow. Last in, first out.",
        "The stack holds at most 20.0 KiB, after push 3 (down.0.downsample).",
        "No list of tensors was observed.",
    )


def test_leftovers_are_named() -> None:
    found = build_ledger(TOY, EVENTS[:5], LINKS[:2])
    assert sentences(found)[0] == ("3 pushes, 2 pops. Last in, first out. Left over: 1 (conv_in).")


def test_another_order_is_told() -> None:
    queue = [*PUSHES, *(replace(e, step=60 + n) for n, e in enumerate(EVENTS[:2:-1]))]
    assert sentences(build_ledger(TOY, queue, LINKS))[0] == (
        "3 pushes, 3 pops. Not last in, first out. Nothing is left over."
    )


def test_what_only_the_list_saw_is_named() -> None:
    found = build_ledger(TOY, EVENTS, LINKS[:2])
    assert sentences(found)[-1] == "Popped, but joined by nothing in the data flow: 1 (conv_in)."


def test_what_only_the_data_flow_saw_is_named() -> None:
    found = build_ledger(TOY, [e for e in EVENTS if e.value != LINKS[0].value], LINKS)
    assert sentences(found)[-1] == "A skip in the data flow, but on no list: 3 (down.0.downsample)."


def test_a_change_in_place_is_a_hazard() -> None:
    entry = replace(ledger(TOY).entries[1], changed=True)
    found = replace(ledger(TOY), entries=(ledger(TOY).entries[0], entry))
    assert sentences(found)[-1] == "Changed in place while on the stack: 2 (down.0.block)."


def test_a_list_that_is_only_read_is_told() -> None:
    assert sentences(build_ledger(TOY, PUSHES, LINKS))[-1] == (
        "Read from the list, and left on it: 1 (conv_in), 2 (down.0.block), 3 (down.0.downsample)."
    )


def test_other_lists_are_named() -> None:
    found = replace(ledger(TOY), others=(OtherList("outs", "Attention.forward", 8),))
    assert sentences(found)[-1] == "Not counted: outs of Attention.forward, 8 pushes, in no skip."


def test_a_model_without_skips_says_so() -> None:
    found = Ledger((), last_in_first_out=True)
    assert sentences(found) == ("No skips found, neither on a list nor in the data flow.",)
    assert skip_stack_table(found).rows == ()
