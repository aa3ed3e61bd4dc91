"""FLOPs are what PyTorch counts, and what a formula by hand says where it counts nothing."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import tracer
from tests.from_torch.registry import built, filled, run
from tests.from_torch.zoo import CASES, Case, each_case, quiet, traced
from tracer.record import Trace

counted = pytest.mark.parametrize(
    "one", [one for one in CASES.values() if one.counted], ids=lambda one: one.name
)

pytestmark = quiet

Sizes = Sequence[int]


def attention_by_hand(q: Sizes, k: Sizes, v: Sizes, *_: object, **__: object) -> int:
    """Two products of matrices: queries with keys, and the weights with the values."""
    *batch, queries, width = q
    return 2 * prod(batch) * queries * k[-2] * (width + v[-1])


CPU_ATTENTION = {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: attention_by_hand}
"""PyTorch counts this operation as 0, and newer versions run it where older ones multiply."""


def total(trace: Trace) -> int:
    return sum(int(step.flops or 0) for step in trace.steps)


@pytest.mark.slow
@counted
def test_the_sum_is_that_of_flop_counter_mode(one: Case) -> None:
    model, inputs = built(one.plain), filled(one)
    with FlopCounterMode(display=False, custom_mapping=CPU_ATTENTION) as counter:
        run(model, inputs)
    assert total(traced(one.name)) == counter.get_total_flops()


@each_case
def test_what_has_no_known_cost_is_not_counted_as_free(one: Case) -> None:
    for step in traced(one.name).steps:
        assert step.flops is None or (isinstance(step.flops, int) and step.flops > 0)


def test_a_multiplication_and_an_addition_count_as_two() -> None:
    trace = tracer.trace(nn.Linear(3, 5, bias=False), torch.ones(7, 3))
    assert [step.flops for step in trace.steps] == [2 * 7 * 3 * 5]


def test_a_convolution_counts_what_each_output_sums() -> None:
    model = nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2)
    trace = tracer.trace(model, torch.ones(1, 4, 8, 8))
    assert [step.flops for step in trace.steps] == [2 * (6 * 4 * 4) * (2 * 9)]


class Attention(nn.Module):
    def forward(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return F.scaled_dot_product_attention(q, k, v)


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_attention_counts_its_two_products(device: str) -> None:
    b, heads, length, others, width, last = 2, 3, 5, 7, 8, 8
    q = torch.ones(b, heads, length, width, device=device)
    k = torch.ones(b, heads, others, width, device=device)
    v = torch.ones(b, heads, others, last, device=device)
    trace = tracer.trace(Attention(), (q, k, v))
    scores, sums = length * others * width, length * others * last
    assert [step.flops for step in trace.steps] == [2 * b * heads * (scores + sums)]


def test_attention_with_a_mask_counts_the_same() -> None:
    q = torch.ones(2, 3, 5, 8)

    class Masked(nn.Module):
        def forward(self, q: Tensor, mask: Tensor) -> Tensor:
            return F.scaled_dot_product_attention(q, q, q, attn_mask=mask)

    trace = tracer.trace(Masked(), (q, torch.ones(5, 5)))
    assert total(trace) == 2 * 2 * 3 * (5 * 5 * 8) * 2


def test_a_remembered_operation_costs_what_it_cost_the_first_time() -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    one, other = tracer.trace(model, torch.ones(2, 3)).steps
    assert one.flops == other.flops == 2 * 2 * 3 * 3
