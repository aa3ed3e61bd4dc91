"""tracer/analysis/costs/by_resolution.py: what each resolution level costs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.example import example, symbolic_example
from tests.from_torch.zoo import UNETS, quiet, traced
from tests.render import unet_kinds as kinds
from tests.render.ladders import ladder
from tests.sketch import Sketch, conv
from tracer.analysis.costs import LevelCost, cost, level_costs
from tracer.record import Trace

pytestmark = quiet


def parts(trace: Trace) -> dict[tuple[object, str], LevelCost]:
    found = level_costs(trace)
    return {(one.level and one.level.spatial_size, one.part): one for one in found}


def test_each_resolution_has_its_parts_from_the_top_down_and_the_rest_is_last() -> None:
    assert [(where, one.blocks) for where, one in parts(example()).items()] == [
        (((16, 16), "encoder"), 2),
        (((16, 16), "decoder"), 4),
        (((8, 8), "encoder"), 1),
        (((8, 8), "middle"), 3),
        (((8, 8), "decoder"), 1),
        ((None, "side"), 0),
    ]


def test_a_part_costs_what_its_blocks_do() -> None:
    blocks = cost(example()).blocks
    middle = parts(example())[(8, 8), "middle"].cost
    assert middle.flops == sum(
        blocks[call].flops for call in ("mid.block", "mid.attn", "mid.block@1")
    )
    assert middle.uncounted == {"add": 5}


def test_a_module_that_is_called_twice_has_its_parameters_once() -> None:
    blocks = cost(example()).blocks
    middle = parts(example())[(8, 8), "middle"].cost
    assert middle.parameters == blocks["mid.block"].parameters + blocks["mid.attn"].parameters


def test_a_join_counts_with_the_block_that_takes_it() -> None:
    decoder = parts(example())[(8, 8), "decoder"].cost
    block = cost(example()).blocks["up.1.block.0"]
    assert decoder.activation_bytes == block.activation_bytes + 32 * 8 * 8 * 4


def test_what_carries_no_plane_is_beside_the_levels() -> None:
    beside = parts(example())[None, "side"].cost
    assert beside.parameters == cost(example()).blocks["embed"].parameters
    assert beside.flops == 0


@pytest.mark.parametrize("name", UNETS)
def test_the_sums_are_those_of_the_whole(name: str) -> None:
    trace = traced(name)
    found, total = [one.cost for one in level_costs(trace)], cost(trace).total
    assert sum(one.flops for one in found) == total.flops
    assert sum(one.activation_bytes for one in found) == total.activation_bytes
    assert sum(one.parameters for one in found) >= total.parameters
    assert sum(sum(one.uncounted.values()) for one in found) == sum(total.uncounted.values())


def test_modules_that_share_a_parameter_leave_less_than_nothing_to_nobody() -> None:
    trace, _ = ladder(levels=2)
    children = tuple(replace(block, parameters=7) for block in trace.root.children)
    shared = replace(trace, root=replace(trace.root, parameters=7, children=children))
    assert all(one.cost.parameters >= 0 for one in level_costs(shared))


def test_where_nothing_is_beside_the_levels_nothing_is_said_of_it() -> None:
    run = Sketch()
    trace = run.trace(run.call("a", conv(), run.input("x", 1, 8, 4, 4)))
    assert [one.part for one in level_costs(trace)] == ["middle"]


def test_a_model_without_planes_has_no_levels() -> None:
    run = Sketch()
    trace = run.trace(run.call("linear", lambda run, x: run.op("linear", x), run.input("x", 1, 8)))
    assert level_costs(trace)[-1].level is None


def test_formulas_have_no_levels() -> None:
    with pytest.raises(TypeError, match="ToyUNet has formulas for sizes"):
        level_costs(symbolic_example())


def test_a_model_of_one_level_has_one() -> None:
    run = Sketch()
    h = run.call("a", conv(), run.input("x", 1, 8, 4, 4))
    found = level_costs(run.trace(run.call("b", conv(), h)))
    assert (found[0].level and found[0].level.spatial_size, found[0].blocks) == ((4, 4), 2)


def test_the_unets_of_a_cascade_cost_what_each_costs_alone() -> None:
    by_unet: dict[int, int] = {}
    for one in level_costs(kinds.cascade(3)[0]):
        number = one.level.unet if one.level else 0
        by_unet[number] = by_unet.get(number, 0) + one.blocks
    (alone,) = {one.level.unet for one in level_costs(kinds.cascade(1)[0]) if one.level}
    blocks = sum(one.blocks for one in level_costs(kinds.cascade(1)[0]))
    assert alone == 0
    assert by_unet == {1: blocks, 2: blocks, 3: blocks}
