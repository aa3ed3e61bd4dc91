"""tracer/render/tables/skip_stack.py: the table of the skip stack."""

from __future__ import annotations

from dataclasses import replace

from tests.analysis.skip_stack.events import event
from tests.example import example, links
from tracer.analysis.skip_stack import Ledger, OtherList, build_ledger, ledger
from tracer.analysis.skips import SkipLink
from tracer.analysis.stack_events import StackEvent, stack
from tracer.record import Step
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


def test_a_tensor_that_several_blocks_join_is_as_many_skips_and_names_them_all() -> None:
    again = replace(LINKS[0], target="up.0.block.1", popped=LINKS[0].popped + 1)
    found = build_ledger(TOY, (), [LINKS[0], again])
    assert [row[6] for row in skip_stack_table(found).rows] == ["up.1.block.0; up.0.block.1"]
    assert sentences(found)[0] == "Data flow: 2 skips. Last in, first out."
    assert "Joined more than once: 1 (down.0.downsample)." in sentences(found)


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
        "(no skip)",
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
        "hs: 3 pushes, 3 pops. Last in, first out. Nothing is left over.",
        "The most that is held at once is 20.0 KiB, after 3 (down.0.downsample).",
        "The data flow agrees: 3 skips, between the same blocks.",
    )


def test_without_a_list_the_data_flow_speaks_alone() -> None:
    assert sentences(build_ledger(TOY, (), LINKS)) == (
        "Data flow: 3 skips. Last in, first out.",
        "The most that is held at once is 20.0 KiB, after 3 (down.0.downsample).",
        "No list of tensors was observed.",
    )


def test_leftovers_are_named() -> None:
    found = build_ledger(TOY, EVENTS[:5], LINKS[:2])
    assert sentences(found)[0] == (
        "hs: 3 pushes, 2 pops. Last in, first out. Left over: 1 (conv_in)."
    )


def test_another_order_is_told() -> None:
    queue = [*PUSHES, *(replace(e, step=60 + n) for n, e in enumerate(EVENTS[:2:-1]))]
    assert sentences(build_ledger(TOY, queue, LINKS))[0] == (
        "hs: 3 pushes, 3 pops. Not last in, first out. Nothing is left over."
    )


def test_what_only_the_list_saw_is_named() -> None:
    found = build_ledger(TOY, EVENTS, LINKS[:2])
    assert sentences(found)[-1] == "Popped, but in no skip: 1 (conv_in)."


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


# ---------------------------------------------------------------------- where the two ways differ


def test_two_blocks_for_one_skip_are_both_named_and_no_agreement_is_claimed() -> None:
    links_ = [replace(LINKS[0], source="mid.block"), *LINKS[1:]]
    found = build_ledger(TOY, EVENTS, links_)
    assert skip_stack_table(found).rows[2][1] == "down.0.downsample"
    assert sentences(found)[-2:] == (
        "The data flow agrees on 2 of 3 skips.",
        "3: the list holds a tensor of down.0.downsample; the data flow names mid.block.",
    )


def test_without_any_agreement_none_is_claimed() -> None:
    found = build_ledger(TOY, EVENTS, [replace(link, source="mid.block") for link in LINKS])
    assert not any("agrees" in text for text in sentences(found))
    assert len(found.disagreements) == 3


def test_a_skip_that_only_the_list_shows_is_named() -> None:
    found = build_ledger(TOY, EVENTS, [replace(LINKS[0], in_data_flow=False), *LINKS[1:]])
    assert "The data flow agrees on 2 of 3 skips." in sentences(found)
    assert sentences(found)[-1] == (
        "A skip by the list, but not by the data flow alone: 3 (down.0.downsample)."
    )


def test_a_list_without_a_skip_agrees_with_nothing() -> None:
    found = build_ledger(TOY, PUSHES, ())
    assert "No tensor of the list is a skip in the data flow." in sentences(found)
    assert not any("agrees" in text for text in sentences(found))


def test_a_list_that_is_only_read_has_no_pops() -> None:
    reads = [replace(one, kind="read", step=link.popped + 1) for one, link in reading()]
    found = build_ledger(TOY, sorted([*PUSHES, *reads], key=lambda one: one.step), LINKS)
    assert titles(found)[6:8] == ["read by", "read at"]
    assert sentences(found)[0] == "hs: 3 pushes, 0 pops."
    assert not any("Nothing" in text for text in sentences(found))


def reading() -> list[tuple[StackEvent, SkipLink]]:
    by_value = {link.value: link for link in LINKS}
    return [(one, by_value[one.value]) for one in PUSHES]


def test_a_replaced_tensor_is_no_push_more() -> None:
    events = [event("push", "a", 1, step=1), event("pop", "a", 0, step=2)]
    events += [event("push", "b", 1, step=2), event("pop", "b", 0, step=3)]
    found = build_ledger(replace(TOY, lines=()), events, ())
    assert [row[6] for row in skip_stack_table(found).rows] == ["(replaced)", "(no skip)"]
    assert sentences(found)[0].startswith("hs: 1 push, 1 pop. 1 tensor replaced by another.")


def test_a_run_that_failed_is_told_as_one() -> None:
    failed = Step("cat", (PUSHES[2].value, PUSHES[1].value), (), "", file="net.py", line=9)
    trace = replace(TOY, lines=(), failed=failed)
    pop = replace(event("pop", PUSHES[2].value, 2), step=len(TOY.steps))
    found = build_ledger(trace, [*PUSHES, pop], ())
    assert [row[6] for row in skip_stack_table(found).rows] == [
        "(not reached)",
        "(not reached)",
        "(join failed)",
    ]
    text = " ".join(sentences(found))
    assert "hs: 3 pushes, 0 pops before the run failed." in text
    assert "The join failed (cat at net.py:9): 3 (down.0.downsample)." in text
    assert "agrees" not in text
    assert "left over" not in text


def test_a_skip_on_no_list_is_not_titled_as_on_one() -> None:
    found = build_ledger(TOY, [e for e in EVENTS if e.value != LINKS[0].value], LINKS)
    assert skip_stack_table(found).column("list").cells == ("hs", "hs", "(no list)")
    assert skip_stack_table(found).column("depth").cells == ("1", "2", "")


def test_the_title_of_the_channels_has_the_order_of_the_code() -> None:
    first = [replace(link, operands=(link.operand, link.joined)) for link in LINKS]
    assert titles(build_ledger(TOY, EVENTS, first))[-1] == "skip + h = cat"
    mixed = build_ledger(TOY, EVENTS, [first[0], *LINKS[1:]])
    assert titles(mixed)[-1] == "operands = cat"
    assert skip_stack_table(mixed).rows[1][-1] == "h 16 + skip 8 = 24"
