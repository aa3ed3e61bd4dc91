"""Results that are known without asking are those of the operation on real numbers."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from tests.conftest import examples
from tests.from_torch.capture.results.drawn_calls import Calls, Drawn
from tracer.from_torch.capture.op_recorder import operation_name
from tracer.from_torch.capture.pytree import map_tensors, operands
from tracer.from_torch.capture.recorded_op import TorchCall
from tracer.from_torch.capture.results.cached_result import CachedResult, SameArgument, to_cached
from tracer.from_torch.capture.results.known_results import known_result
from tracer.from_torch.capture.tensor_source import FakeTensors, Metadata

pytestmark = pytest.mark.usefixtures("no_gradients")


@pytest.fixture
def no_gradients() -> Any:
    with torch.no_grad():
        yield


@examples(600)
@given(st.randoms(use_true_random=False))
def test_what_is_known_is_what_the_operation_returns(random: Random) -> None:
    drawn = Calls(random).draw()
    known = known_of(drawn)
    if known is not None:
        assert comparable(known) == comparable(found_by_running(drawn))


@pytest.mark.parametrize(
    "drawn",
    [
        (torch.conv2d, (torch.ones(1, 3, 8, 8), torch.ones(4, 3, 3, 3), None, 1, 1), {}),
        (F.linear, (torch.ones(2, 3), torch.ones(5, 3), torch.ones(5)), {}),
        (F.group_norm, (torch.ones(1, 8, 4, 4), 4), {"weight": torch.ones(8)}),
        (torch.cat, ([torch.ones(1, 2, 4), torch.ones(1, 3, 4)],), {"dim": 1}),
        (Tensor.reshape, (torch.ones(1, 2, 3, 4), 1, 2, -1), {}),
        (F.interpolate, (torch.ones(1, 2, 4, 4),), {"scale_factor": 2.0}),
        (torch.bmm, (torch.ones(1, 2, 3).mT, torch.ones(1, 2, 5)), {}),
    ],
    ids=lambda drawn: operation_name(drawn[0]),
)
def test_the_operations_of_a_unet_are_known(drawn: Drawn) -> None:
    known = known_of(drawn)
    assert known is not None
    assert comparable(known) == comparable(found_by_running(drawn))


@pytest.mark.parametrize(
    ("why", "drawn"),
    [
        ("it is in place", (F.silu, (torch.ones(2),), {"inplace": True})),
        ("it writes to an argument", (torch.add, (torch.ones(2), 1), {"out": torch.ones(2)})),
        ("it fails", (torch.conv2d, (torch.ones(1, 3, 8, 8), torch.ones(4, 2, 3, 3)), {})),
        ("its index has data", (Tensor.__getitem__, (torch.ones(3), torch.tensor([0])), {})),
        ("nothing is left", (F.interpolate, (torch.ones(1, 1, 1),), {"scale_factor": 0.5})),
        ("no rule is known", (torch.fft.fft, (torch.ones(8),), {})),
        (
            "its layout may decide",
            (F.interpolate, (torch.ones(1, 4, 4, 4).mT,), {"scale_factor": 2}),
        ),
    ],
)
def test_a_call_is_left_to_the_operation_where(why: str, drawn: Drawn) -> None:
    assert known_of(drawn) is None


def test_nothing_is_known_under_autocast() -> None:
    drawn = (F.linear, (torch.ones(2, 3), torch.ones(5, 3)), {})
    with torch.autocast("cpu", torch.bfloat16):
        assert known_of(drawn) is None


def known_of(drawn: Drawn) -> CachedResult | None:
    """What is known of a call on tensors without data like those of a real one."""
    func, args, kwargs = drawn
    args, kwargs = map_tensors((args, kwargs), FakeTensors().replacement)
    return known_result(TorchCall(operation_name(func), func, args, kwargs, operands(args, kwargs)))


def found_by_running(drawn: Drawn) -> CachedResult:
    """What the operation returns on real tensors, with PyTorch's own count of its FLOPs."""
    func, args, kwargs = drawn
    with FlopCounterMode(display=False) as counter:
        result = func(*args, **kwargs)
    flops = counter.get_total_flops() or None
    return to_cached(result, operands(args, kwargs), flops, described)


def described(tensor: Tensor) -> Metadata:
    return Metadata(tensor.shape, tensor.stride(), tensor.dtype, tensor.device)


def comparable(result: CachedResult) -> Any:
    """All of a result but the strides of axes of size 1, which have no meaning."""
    parts = [part if isinstance(part, SameArgument) else made(part) for part in result.parts]
    return parts, result.sequence_type, result.flops, result.shared_argument


def made(part: Any) -> Any:
    shape, stride, dtype, device = part.metadata
    moving = [step for size, step in zip(shape, stride, strict=True) if size != 1]
    at = getattr(part, "argument", None), getattr(part, "offset", None)
    return type(part), tuple(shape), moving, dtype, device, at
