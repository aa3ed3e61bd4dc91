"""The ledger: tracer/stack_ledger/reconcile.py and matches.py, on the toy and on odder models."""

from __future__ import annotations

from dataclasses import replace

from tests.analysis.skip_stack.events import event, tensor
from tests.example import example, links, symbolic_example
from tracer.analysis.skip_stack import Ledger, LedgerEntry, Moment, OtherList, build_ledger, ledger
from tracer.analysis.skips import SkipLink
from tracer.analysis.stack_events import StackEvent, stack
from tracer.record import Block, Change, Line, Step, Trace, Value

TOY = example()
EVENTS, LINKS = stack(TOY), links(TOY)


def ends(found: Ledger) -> list[tuple[str | None, str | None]]:
    """From which block to which, entry by entry; "left over" when nobody took it."""
    return [
        (entry.pushed.block, entry.popped.block if entry.popped else "left over")
        for entry in found.entries
    ]


# ----------------------------------------------------------------------------------- the toy


def test_both_witnesses_tell_the_ledger_of_the_toy() -> None:
    found = ledger(TOY)
    assert ends(found) == [
        ("conv_in", "up.0.block.1"),
        ("down.0.block", "up.0.block.0"),
        ("down.0.downsample", "up.1.block.0"),
    ]
    assert [entry.depth for entry in found.entries] == [1, 2, 3]
    assert [entry.total_bytes for entry in found.entries] == [8192, 16384, 20480]
    assert [entry.joins for entry in found.entries] == [(link,) for link in reversed(LINKS)]
    assert found.last_in_first_out
    assert found.observed
    assert (found.leftovers, found.unjoined, found.unobserved, found.others) == ((), (), (), ())


def test_an_entry_has_the_lines_of_its_push_and_its_pop() -> None:
    entry = ledger(TOY).entries[1]
    file = "tests/toy_unet.py"
    assert entry.pushed == Moment(8, "down.0.block", file, 74, observed=True)
    assert entry.popped == Moment(44, "up.0.block.0", file, 83, observed=True)
    assert entry.stack == "hs"


def test_the_peak_is_where_most_bytes_wait() -> None:
    found = ledger(TOY)
    assert found.peak is found.entries[2]


def test_a_model_without_lists_is_told_by_the_data_flow_alone() -> None:
    found = build_ledger(TOY, (), LINKS)
    assert ends(found) == ends(ledger(TOY))
    assert [entry.depth for entry in found.entries] == [1, 2, 3]
    assert not found.observed
    assert found.last_in_first_out
    assert found.unobserved == ()
    # the residual addition that made the tensor, and the cat that joined it
    assert found.entries[1].pushed == Moment(
        8, "down.0.block", "tests/toy_unet.py", 24, observed=False
    )
    assert found.entries[1].popped == Moment(
        38, "up.0.block.0", "tests/toy_unet.py", 83, observed=False
    )


def test_the_bytes_of_a_symbolic_trace_are_formulas_and_none_of_them_is_the_peak() -> None:
    found = ledger(symbolic_example())
    assert [entry.total_bytes for entry in found.entries] == ["32*B*H*W", "64*B*H*W", "80*B*H*W"]
    assert [entry.byte_count for entry in found.entries] == [None, None, None]
    assert found.peak is None


# ------------------------------------------------------------------------- where they disagree


def test_a_push_that_nobody_pops_is_left_over() -> None:
    pops = [event for event in EVENTS if event.kind == "pop"]
    found = build_ledger(TOY, [e for e in EVENTS if e is not pops[-1]], LINKS[:2])
    assert found.leftovers == (found.entries[0],)
    assert found.entries[0].pushed.block == "conv_in"
    assert found.last_in_first_out


def test_a_tensor_that_is_popped_and_joins_nothing_is_told() -> None:
    found = build_ledger(TOY, EVENTS, LINKS[:2])
    assert found.unjoined == (found.entries[0],)
    assert ends(found)[0] == ("conv_in", None)


def test_a_skip_that_was_on_no_list_is_told() -> None:
    found = build_ledger(TOY, [e for e in EVENTS if e.value != LINKS[0].value], LINKS)
    assert [entry.joins for entry in found.unobserved] == [(LINKS[0],)]
    assert found.unobserved[0].stack == ""


def test_a_tensor_that_was_changed_in_place_is_one_entry() -> None:
    changed = replace(LINKS[0].value, name="relu_")
    events = [
        replace(e, value=changed) if e.kind == "pop" and e.value == LINKS[0].value else e
        for e in EVENTS
    ]
    found = build_ledger(TOY, events, [replace(LINKS[0], value=changed), *LINKS[1:]])
    assert len(found.entries) == 3
    assert [entry.changed for entry in found.entries] == [False, False, True]
    assert found.entries[2].joins[0].value == changed


# ------------------------------------------------------------------------------ other styles


def test_a_list_that_is_only_read_ends_its_entries_with_the_join() -> None:
    found = build_ledger(TOY, [e for e in EVENTS if e.kind == "push"], LINKS)
    assert ends(found) == ends(ledger(TOY))
    assert [entry.pushed.observed for entry in found.entries] == [True] * 3
    assert [entry.popped and entry.popped.observed for entry in found.entries] == [False] * 3
    assert found.leftovers == ()
    assert found.last_in_first_out


def test_a_list_handed_to_the_decoder_keeps_its_pushes() -> None:
    events = [replace(e, name="skips", block="up") if e.kind == "pop" else e for e in EVENTS]
    found = build_ledger(TOY, events, LINKS)
    assert ends(found) == ends(ledger(TOY))
    assert [entry.stack for entry in found.entries] == ["hs"] * 3


def test_lists_that_the_tensors_only_pass_through_are_not_told() -> None:
    """A block puts out a tuple of its own, the model names it, and hands a block a part of all."""
    pushes = [e for e in EVENTS if e.kind == "push"]
    put_out = [replace(e, name="outputs", block="down.0") for e in pushes]
    named = [replace(e, name="samples", depth=1) for e in pushes]
    named += [replace(e, kind="pop", name="samples", step=e.step + 1, depth=0) for e in pushes[:2]]
    part = [replace(e, name="part", block="up.1") for e in EVENTS if e.kind == "pop"]
    found = build_ledger(TOY, [*put_out, *named, *EVENTS, *part], LINKS)
    assert [entry.stack for entry in found.entries] == ["hs"] * 3
    assert [entry.popped and entry.popped.line for entry in found.entries] == [83] * 3
    assert found.others == ()


def test_a_list_that_collects_everything_is_not_taken_for_the_stack() -> None:
    everything = [
        replace(e, name="seen", depth=n)
        for n, e in enumerate((e for e in EVENTS if e.kind == "push"), 2)
    ]
    other = event("push", "chunk.0", 1, on="seen")
    found = build_ledger(TOY, [other, *everything, *EVENTS], LINKS)
    assert [entry.stack for entry in found.entries] == ["hs"] * 3


def test_the_line_is_that_of_the_function_that_was_called() -> None:
    """A method appends to a list that it was given; its caller sees the list grow by a call."""
    made = tensor("a")
    outer = Line("", "Net.forward", "net.py", 30, 0, 2, changes=(Change("push", "hs", made, 1),))
    inner = Line("", "Net.down", "net.py", 12, 1, 1, changes=(Change("push", "skips", made, 1),))
    trace, _ = partial()
    trace = replace(trace, lines=(outer, inner))
    events = [event("push", made, 1, step=2), event("push", made, 1, on="skips", step=1)]
    events = [
        replace(events[0], line=30),
        replace(events[1], line=12, function="Net.down"),
    ]
    (entry,) = build_ledger(trace, events, ()).entries
    assert (entry.stack, entry.pushed.line, entry.pushed.step) == ("hs", 12, 2)


def test_the_line_of_a_block_that_is_called_later_is_another_line() -> None:
    """The model cuts a part off its stack, and hands it to a block that pops before it computes."""
    cut = Line(
        "", "Net.forward", "net.py", 11, 1, 1, changes=(Change("pop", "hs", tensor("a"), 0),)
    )
    taken = replace(cut, block="down.1", line=20, changes=(Change("pop", "s", tensor("a"), 0),))
    trace, _ = partial()
    events = [event("push", "a", 1), event("pop", "a", 0, step=1)]
    events += [replace(event("pop", "a", 0, on="s", step=1, block="down.1"), line=20)]
    (entry,) = build_ledger(replace(trace, lines=(cut, taken)), events, ()).entries
    assert entry.popped
    assert entry.popped.line == 11


def test_a_list_of_something_else_is_named_and_left_out() -> None:
    chunks = [event("push", f"chunk.{n}", n + 1, on="outs", block="mid.attn") for n in range(3)]
    found = build_ledger(TOY, [*EVENTS, *chunks], LINKS)
    assert len(found.entries) == 3
    assert found.others == (OtherList("outs", "Net.forward", 3),)


def test_a_second_stack_has_entries_of_its_own() -> None:
    work = [event("push", "chunk.0", 1, on="work", step=16)]
    work += [event("pop", "chunk.0", 0, on="work", step=17)]
    found = build_ledger(TOY, [*EVENTS, *work], LINKS)
    assert [entry.stack for entry in found.entries] == ["hs", "hs", "hs", "work"]
    assert found.unjoined == (found.entries[3],)
    assert found.entries[3].depth == 1


def test_a_line_may_be_done_after_the_join_of_what_it_pushed() -> None:
    late = [replace(e, step=52) for e in EVENTS if e.kind == "push"]
    found = build_ledger(TOY, late, LINKS)
    assert ends(found) == ends(ledger(TOY))[::-1]
    assert [entry.popped and entry.popped.step for entry in found.entries] == [29, 38, 45]


def test_a_tensor_that_is_pushed_twice_is_joined_twice() -> None:
    value = LINKS[0].value
    twice = [event("push", value, 1, step=9), event("push", value, 2, step=9)]
    twice += [event("pop", value, 1, step=30), event("pop", value, 0, step=40)]
    second = replace(LINKS[0], target="up.0.block.0", popped=37)
    found = build_ledger(TOY, twice, [LINKS[0], second])
    assert ends(found) == [
        ("down.0.downsample", "up.0.block.0"),
        ("down.0.downsample", "up.1.block.0"),
    ]


def test_a_dense_skip_is_one_entry_with_all_its_joins() -> None:
    second = replace(LINKS[0], target="up.0.block.0", popped=37)
    found = build_ledger(TOY, (), [LINKS[0], second])
    (entry,) = found.entries
    assert entry.joins == (LINKS[0], second)
    assert entry.popped
    assert entry.popped.step == 38


def test_a_skip_from_the_input_of_the_model_has_no_line() -> None:
    x = TOY.inputs[0]
    found = build_ledger(TOY, (), [replace(LINKS[2], source="", value=x, pushed=-1)])
    assert found.entries[0].pushed == Moment(0, "", None, None, observed=False)


def test_a_skip_that_was_padded_on_its_way_is_found_by_the_operand_of_its_join() -> None:
    stacked = [e for e in EVENTS if e.value == LINKS[0].value]
    before = tensor("before the pad", 1, 16, 7, 7)
    padded = replace(LINKS[0], value=before, via=("pad",), path=(LINKS[0].value,))
    found = build_ledger(TOY, stacked, [padded])
    assert len(found.entries) == 1
    assert found.entries[0].joins[0].via == ("pad",)


# --------------------------------------------------------------------------- models that failed


def partial() -> tuple[Trace, list[StackEvent]]:
    """A model that failed half-way: pushed twice, nothing popped, and a helper's list besides."""
    a, b = tensor("a"), tensor("b")
    blocks = [
        Block("down.0", "down.0", "Conv2d", (), (a,), 0, 0, 0, 1),
        Block("down.1", "down.1", "Conv2d", (a,), (b,), 0, 0, 1, 2),
    ]
    steps = (Step("conv2d", (), (a,), "down.0"), Step("conv2d", (a,), (b,), "down.1"))
    root = Block("", "", "Net", (), (), 0, 0, 0, 2, tuple(blocks))
    events = [event("push", "c", 1, on="outs", step=1, block="down.1")]
    events += [event("push", a, 1, step=1), event("push", b, 2, step=2)]
    return Trace("Net", (), (), steps, root), events


def test_without_pops_and_joins_the_outermost_list_is_told() -> None:
    found = build_ledger(*partial(), ())
    assert ends(found) == [("down.0", "left over"), ("down.1", "left over")]
    assert found.others == (OtherList("outs", "Net.forward", 1),)


def test_of_the_outermost_lists_those_that_hold_a_part_of_another_are_not_told() -> None:
    trace, events = partial()
    part = [replace(events[1], name="samples"), replace(events[2], name="samples", depth=1)]
    found = build_ledger(trace, [*part[1:], *events], ())
    assert [entry.stack for entry in found.entries] == ["hs", "hs"]


def test_the_maker_of_a_tensor_is_the_outermost_block_that_had_returned() -> None:
    trace, events = partial()
    inner = Block("down.1.conv", "down.1.conv", "Conv2d", (), (tensor("b"),), 0, 0, 1, 2)
    first, second = trace.root.children
    root = replace(
        trace.root,
        outputs=(tensor("b"),),
        last=3,
        children=(first, replace(second, children=(inner,))),
    )
    found = build_ledger(replace(trace, root=root), events, ())
    assert found.entries[1].pushed.block == "down.1"


def test_a_tensor_that_no_block_put_out_comes_from_the_block_of_its_step() -> None:
    trace, events = partial()
    root = replace(trace.root, children=())
    assert build_ledger(replace(trace, root=root), events, ()).entries[1].pushed.block == "down.1"


def test_an_input_that_is_pushed_has_no_maker() -> None:
    trace, _ = partial()
    found = build_ledger(trace, [event("push", "x", 1)], ())
    assert found.entries[0].pushed.block is None


def test_a_model_without_skips_has_an_empty_ledger() -> None:
    assert build_ledger(TOY, (), ()) == Ledger((), last_in_first_out=True)


def test_entries_are_in_the_order_of_the_pushes() -> None:
    found = build_ledger(TOY, EVENTS, LINKS)
    steps = [entry.pushed.step for entry in found.entries]
    assert steps == sorted(steps)


def test_an_entry_is_plain_data() -> None:
    entry = ledger(TOY).entries[0]
    assert entry == LedgerEntry(
        value=Value("conv2d", (1, 8, 16, 16), "float32"),
        stack="hs",
        pushed=Moment(3, "conv_in", "tests/toy_unet.py", 72, observed=True),
        popped=Moment(51, "up.0.block.1", "tests/toy_unet.py", 83, observed=True),
        joins=(LINKS[2],),
        depth=1,
        total_bytes=8192,
    )


def test_links_are_given_in_any_order() -> None:
    found: list[SkipLink] = list(reversed(LINKS))
    assert build_ledger(TOY, EVENTS, found) == ledger(TOY)


# ------------------------------------------------------------------- two ways that are really two


def test_the_block_of_a_push_is_that_which_made_the_tensor_on_the_list() -> None:
    """The data flow names another block: the ledger has both, and knows that they differ."""
    pushed = LINKS[0].value
    other = replace(LINKS[0], source="mid.block")
    found = build_ledger(TOY, EVENTS, [other, *LINKS[1:]])
    (entry,) = found.disagreements
    assert entry.value == pushed
    assert (entry.pushed.block, entry.joins[0].source) == ("down.0.downsample", "mid.block")


def test_a_block_and_a_part_of_it_are_one_source() -> None:
    part = TOY.blocks["down.0.block"].children[-1].call
    found = build_ledger(TOY, EVENTS, [LINKS[0], replace(LINKS[1], source=part), LINKS[2]])
    assert found.disagreements == ()
    assert found.entries[1].pushed.block == part


def test_the_list_and_the_data_flow_of_the_toy_are_compared_and_agree() -> None:
    assert ledger(TOY).disagreements == ()
    assert not any(entry.shown_by_list_alone for entry in ledger(TOY).entries)


# ------------------------------------------------------------------------- what happened to each


def reading(push: StackEvent, step: int) -> StackEvent:
    return replace(push, kind="read", step=step, line=83, depth=0)


def test_what_is_read_stays_on_the_list() -> None:
    pushes = [e for e in EVENTS if e.kind == "push"]
    steps = {link.value: link.popped + 1 for link in LINKS}
    reads = [reading(push, steps[push.value]) for push in pushes]
    found = build_ledger(TOY, [*pushes, *sorted(reads, key=lambda e: e.step)], LINKS)
    assert [entry.taken for entry in found.entries] == ["read"] * 3
    assert all(entry.stays_on_list for entry in found.entries)
    assert [entry.popped and entry.popped.line for entry in found.entries] == [83] * 3
    assert [entry.popped and entry.popped.observed for entry in found.entries] == [True] * 3


def test_a_tensor_that_makes_room_for_another_was_replaced() -> None:
    events = [event("push", "a", 1, step=1), event("pop", "a", 0, step=2)]
    events += [event("push", "b", 1, step=2), event("pop", "b", 0, step=3)]
    found = build_ledger(replace(TOY, lines=()), events, ())
    assert [entry.taken for entry in found.entries] == ["replaced", "popped"]
    assert found.leftovers == ()


def test_the_tensor_whose_join_failed_is_told_from_those_that_were_not_reached() -> None:
    trace, events = partial()
    b = trace.root.children[1].outputs[0]
    failed = Step("cat", (tensor("h"), b), (), "", file="net.py", line=20)
    pop = replace(event("pop", b, 1, step=2), line=20)
    found = build_ledger(replace(trace, failed=failed), [*events, pop], ())
    assert [entry.taken for entry in found.entries] == ["left", "failed"]
    assert found.entries[1].popped == Moment(2, None, "net.py", 20, observed=True)
    assert found.failed == failed


def test_an_operation_that_joins_nothing_fails_no_join() -> None:
    trace, events = partial()
    failed = Step("conv2d", (tensor("b"),), (), "down.2")
    found = build_ledger(replace(trace, failed=failed), events, ())
    assert [entry.taken for entry in found.entries] == ["left", "left"]
