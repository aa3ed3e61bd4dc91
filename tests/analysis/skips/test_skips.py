"""Skips are found in the data flow alone, in every style in which people write them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import pytest
import torch
from hypothesis import example as example_of
from hypothesis import given

import tracer
from tests.conftest import examples
from tests.example import example, links, symbolic_example
from tests.from_torch.drawn_unets import Drawn, Plan, plans
from tests.from_torch.zoo import UNETS, Case, each_case, each_unet, quiet, traced
from tracer.analysis.skips import SkipLink, skips
from tracer.record import Block, Dim, Step, Trace, Value

pytestmark = quiet


def said(link: SkipLink) -> str:
    """A link as the zoo writes it; an input of the model is its own source."""
    via = f" via {','.join(link.via)}" if link.via else ""
    join = "" if link.join == "cat" else f" {link.join}"
    return f"{link.source or link.value.name} -> {link.target}{join}{via}"


def plainly(text: str) -> str:
    """A link without its way, where the zoo does not say it either."""
    return text.partition(" via ")[0]


@each_unet
def test_the_skips_are_those_that_a_reader_counts(one: Case) -> None:
    found = [said(link) for link in skips(traced(one.name))]
    assert list(map(plainly, found)) == list(map(plainly, one.skips))


def test_what_was_done_to_each_skip_is_named() -> None:
    """The operations, nearest to the join last; a long way need not be told whole."""
    for name in ("ChangedOnTheWay", "Gated", "Controlled", "LateralAndDense"):
        found = [said(link) for link in skips(traced(name))]
        assert found == list(UNETS[name].skips)


GATED = Plan(
    levels=(("squeeze",),),
    middle=("attention",),
    down="pool",
    up="resize",
    join="cat",
    on_the_way="nothing",
    flat=True,
)
"""A UNet of one resolution, whose skip is the product of a gate."""


def found_skips(plan: Plan) -> tuple[SkipLink, ...]:
    with torch.device("meta"):
        model, x = Drawn(plan), torch.empty(1, 3, 16, 16)
    return skips(tracer.trace(model, x, lines=False))


def test_a_skip_out_of_a_gate_at_one_resolution_is_found() -> None:
    assert [(link.source, link.target) for link in found_skips(GATED)] == GATED.skips


@pytest.mark.slow
@examples(30)
@given(plans())
@example_of(GATED)
@example_of(replace(GATED, on_the_way="dropout"))
@example_of(replace(GATED, levels=(("squeeze",), ("convolution",))))
@example_of(replace(GATED, levels=(("norm",), ("squeeze", "residual"))))
@example_of(replace(GATED, flat=False, on_the_way="gate"))
@example_of(replace(GATED, flat=False, join="add", middle=("squeeze",)))
def test_the_skips_of_any_unet_are_those_that_it_was_built_with(plan: Plan) -> None:
    found = found_skips(plan)
    assert [(link.source, link.target) for link in found] == plan.skips
    assert {link.join for link in found} == {plan.join}


@each_case
def test_a_link_agrees_with_the_steps_that_it_names(one: Case) -> None:
    trace = traced(one.name)
    for link in skips(trace):
        join = trace.steps[link.popped]
        assert link.joined in join.inputs
        assert link.result in join.outputs
        assert link.operand == (link.path[0] if link.via else link.value)
        assert len(link.path) == len(link.via)
        assert link.way == link.path
        made = trace.producers.get(link.value.name, -1)
        assert made == link.pushed < link.popped
        assert {link.source, link.target} <= set(trace.blocks)


@each_case
def test_the_channels_of_a_concatenation_add_up(one: Case) -> None:
    trace = traced(one.name)
    for link in skips(trace):
        join = trace.steps[link.popped]
        if link.join == "cat":
            axis = next(
                n for n, size in enumerate(link.result.shape) if size != link.joined.shape[n]
            )
            sizes = [value.shape[axis] for value in join.inputs]
            assert sum(int(size) for size in sizes) == link.result.shape[axis]
        elif link.join == "stack":
            assert link.operand.shape == link.joined.shape
            assert math.prod(link.result.shape) == 2 * math.prod(link.joined.shape)
        else:
            assert link.result.shape == link.joined.shape


def test_the_hand_built_trace_has_its_three_skips() -> None:
    assert skips(example()) == links(example())


def test_formulas_do_as_well_as_numbers() -> None:
    assert [said(link) for link in skips(symbolic_example())] == [
        said(link) for link in skips(example())
    ]


# ------------------------------------------------------------------------------- traces by hand


INPUT = Value("x", (1, 4, 8, 8), "float32")


@dataclass
class Net:
    """A trace under way: every step is a block of its own, unless the model itself runs it."""

    steps: list[Step] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    x: Value = INPUT

    def block(self, call: str, *inputs: Value, size: Dim = 8, op: str = "conv2d") -> Value:
        """One block with one step, which has weights."""
        weight = Value(f"{call}.weight", (4, 4, 3, 3), "float32")
        return self._step(call, op, inputs, size, (weight,))

    def step(self, op: str, *inputs: Value, size: Dim = 8) -> Value:
        """One step of the model itself."""
        return self._step("", op, inputs, size, ())

    def _step(
        self, call: str, op: str, inputs: tuple[Value, ...], size: Dim, weights: tuple[Value, ...]
    ) -> Value:
        number = len(self.steps)
        output = Value(call or f"{op}_{number}", (1, 4, size, size), "float32")
        self.steps.append(Step(op, inputs, (output,), call, weights))
        if call:
            counts = 0, 0, number, number + 1
            self.blocks.append(Block(call, call, "Conv2d", inputs, (output,), *counts))
        return output

    def links(self, output: Value) -> list[str]:
        everything = 0, 0, 0, len(self.steps), tuple(self.blocks)
        root = Block("", "", "Net", (self.x,), (output,), *everything)
        trace = Trace("Net", (self.x,), (output,), tuple(self.steps), root)
        return [said(link) for link in skips(trace)]


@pytest.mark.parametrize("join", ["cat", "concat", "concatenate"])
def test_a_concatenation_with_what_was_computed_from_it_is_a_skip(join: str) -> None:
    net = Net()
    one = net.block("one", net.x)
    two = net.block("two", one)
    assert net.links(net.block("three", net.step(join, two, one))) == ["one -> three"]


def test_an_addition_at_the_same_resolution_is_a_residual() -> None:
    net = Net()
    one = net.block("one", net.x)
    two = net.block("two", one)
    assert net.links(net.block("three", net.step("add", two, one))) == []


@pytest.mark.parametrize("join", ["add", "add_", "iadd", "radd"])
def test_an_addition_of_what_came_by_a_lower_resolution_is_a_skip(join: str) -> None:
    net = Net()
    one = net.block("one", net.x)
    low = net.block("low", one, size=4)
    up = net.step("interpolate", low)
    assert net.links(net.block("three", net.step(join, up, one))) == ["one -> three add"]


def test_an_addition_is_a_residual_if_one_way_stays_at_the_resolution() -> None:
    net = Net()
    one = net.block("one", net.x)
    up = net.step("interpolate", net.block("low", one, size=4))
    both = net.step("sub", up, one)
    assert net.links(net.block("three", net.step("add", both, one))) == []


@pytest.mark.parametrize("join", ["mul", "mul_", "imul", "multiply"])
def test_a_product_with_what_came_by_a_lower_resolution_is_a_skip(join: str) -> None:
    net = Net()
    one = net.block("one", net.x)
    up = net.step("interpolate", net.block("low", one, size=4))
    assert net.links(net.block("three", net.step(join, up, one))) == ["one -> three mul"]


@pytest.mark.parametrize("bound", ["sigmoid", "softmax", "tanh", "hardsigmoid"])
def test_a_product_with_numbers_within_bounds_is_a_gate(bound: str) -> None:
    net = Net()
    one = net.block("one", net.x)
    up = net.step("interpolate", net.block("low", one, size=4))
    gate = net.step("add", net.step(bound, up))
    assert net.links(net.block("three", net.step("mul", gate, one))) == []


def test_the_input_that_is_multiplied_is_masked() -> None:
    net = Net()
    up = net.step("interpolate", net.block("low", net.x, size=4))
    assert net.links(net.step("mul", up, net.x)) == []


def test_a_product_that_is_joined_again_is_only_on_the_way() -> None:
    net = Net()
    one = net.block("one", net.x)
    up = net.step("interpolate", net.block("low", one, size=4))
    both = net.step("cat", up, net.step("mul", up, one))
    assert net.links(net.block("three", both)) == ["one -> three via mul"]


def test_a_skip_is_followed_through_a_residual_block() -> None:
    net = Net()
    one = net.block("one", net.x)
    up = net.step("interpolate", net.block("low", one, size=4))
    skip = net.step("add", one, net.block("inner", one))
    assert net.links(net.block("three", net.step("cat", up, skip))) == ["one -> three via add"]


def test_a_skip_is_followed_down_to_where_it_was_upsampled_from() -> None:
    net = Net()
    low = net.block("low", net.x, size=4)
    h = net.block("second", net.block("first", low, size=4), size=4)
    skip, main = net.step("interpolate", low), net.step("interpolate", h)
    assert net.links(net.block("three", net.step("cat", main, skip))) == [
        "low -> three via interpolate"
    ]


def test_two_ways_up_from_one_value_are_branches() -> None:
    net = Net()
    low = net.block("low", net.x, size=4)
    one = net.step("interpolate", net.block("first", low, size=4))
    other = net.block("second", net.step("interpolate", low))
    assert net.links(net.block("three", net.step("cat", one, other))) == []


def test_what_has_the_shape_of_a_skip_alone_is_not_made_from_it() -> None:
    net = Net()
    one = net.block("one", net.x)
    up = net.step("interpolate", net.block("low", net.step("zeros_like", one), size=4))
    assert net.links(net.block("three", net.step("cat", up, one))) == []


def test_a_join_of_what_was_not_computed_from_each_other_is_none() -> None:
    net = Net()
    one, two = net.block("one", net.x), net.block("two", net.x)
    assert net.links(net.block("three", net.step("cat", one, two))) == []


def test_what_the_model_did_between_needs_a_block() -> None:
    net = Net()
    one = net.block("one", net.x)
    assert net.links(net.block("three", net.step("cat", net.step("relu", one), one))) == []


def test_the_input_itself_can_be_a_skip() -> None:
    net = Net()
    one = net.block("one", net.x)
    assert net.links(net.block("two", net.step("cat", one, net.x))) == ["x -> two"]


def test_a_join_that_leads_to_no_block_ends_in_the_model_itself() -> None:
    net = Net()
    one = net.block("one", net.x)
    two = net.block("two", one)
    assert net.links(net.step("cat", two, one)) == ["one -> "]


def test_what_was_done_to_a_skip_on_the_way_is_named_in_order() -> None:
    net = Net()
    one = net.block("one", net.x)
    two = net.block("two", one)
    skip = net.step("mul", net.step("getitem", one))
    assert net.links(net.block("three", net.step("cat", two, skip))) == [
        "one -> three via getitem,mul"
    ]


def test_one_value_can_be_a_skip_of_two_joins() -> None:
    net = Net()
    one = net.block("one", net.x)
    two = net.block("two", one)
    three = net.block("three", net.step("cat", two, one))
    assert net.links(net.block("four", net.step("cat", three, one))) == [
        "one -> three",
        "one -> four",
    ]


def test_vectors_are_no_feature_maps() -> None:
    net = Net(x=Value("x", (1, 4), "float32"))
    one, both = Value("one", (1, 4), "float32"), Value("cat", (1, 8), "float32")
    steps = Step("linear", (net.x,), (one,), "one"), Step("cat", (net.x, one), (both,), "")
    block = Block("one", "one", "Linear", (net.x,), (one,), 0, 0, 0, 1)
    root = Block("", "", "Net", (net.x,), (both,), 0, 0, 0, 2, (block,))
    assert skips(Trace("Net", (net.x,), (both,), steps, root)) == ()


@pytest.mark.slow
def test_concatenations_may_be_nested_as_deep_as_they_like() -> None:
    net = Net()
    one = net.block("one", net.x)
    h = net.step("interpolate", net.block("low", one, size=4))
    for number in range(1200):
        h = net.step("cat", h, net.block(f"side{number}", net.x))
    assert "one -> last" in net.links(net.block("last", net.step("cat", h, one)))


def test_a_concatenation_of_itself_is_looked_into_once() -> None:
    net = Net()
    one = net.block("one", net.x)
    h = net.step("interpolate", net.block("low", one, size=4))
    for _ in range(100):  # to look into each as often as it is joined would never end
        h = net.step("cat", h, h)
    assert net.links(net.block("last", net.step("cat", h, one))) == ["one -> last"]


def test_a_thousand_joins_take_no_longer_than_they_have_to() -> None:
    net = Net()
    h, waiting = net.x, []
    for number in range(300):
        h = net.block(f"down{number}", h)
        waiting.append(h)
    for number in range(300):
        h = net.block(f"up{number}", net.step("cat", h, waiting.pop()))
    found = net.links(h)
    assert len(found) == 299  # the last block of the way down leads straight to its own join
    assert found[0] == "down298 -> up1"
