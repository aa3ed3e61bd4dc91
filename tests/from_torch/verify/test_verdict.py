"""A graph is proven to be its model by running both; where it is not, the place is found."""

from __future__ import annotations

import itertools
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor

from tests.toy_unet import ToyUNet
from tracer.analysis.replay_verdict import ReplayVerdict
from tracer.errors import TraceError
from tracer.from_torch.capture.recording import record
from tracer.from_torch.verify.smaller_inputs import is_quick, within_budget
from tracer.from_torch.verify.verdict import verify_replay

IMAGE = {"x": torch.empty(2, 3, 8, 8, device="meta")}


class Small(nn.Module):
    """Two convolutions; what stands between them is what a test is about."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.last = nn.Conv2d(8, 3, 3, padding=1)

    def between(self, h: Tensor) -> Tensor:
        return h

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.last(self.between(self.first(x)))
        return out


class ZeroAtFirst(Small):
    def __init__(self) -> None:
        super().__init__()
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]


class InTraining(Small):
    """Dropout, statistics that training changes, writes in place, and Python's own randomness."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.drop = nn.BatchNorm2d(8), nn.Dropout(0.5)

    def between(self, h: Tensor) -> Tensor:
        h = F.relu(self.drop(self.norm(h)), inplace=True)
        h[:, 0] = random.random()
        return h


class Attending(Small):
    """In eval mode `nn.MultiheadAttention` has a fused path, and other last bits."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.eval()

    def between(self, h: Tensor) -> Tensor:
        rows: Tensor = self.attention(h.flatten(2).transpose(1, 2))
        return rows.transpose(1, 2).reshape(h.shape)


class Counting(Small):
    """Another factor each time, and the recorder cannot know."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = itertools.count(1)

    def between(self, h: Tensor) -> Tensor:
        return h * next(self.calls)


class TwoFaced(Small):
    """Does something else when it is run without data."""

    def between(self, h: Tensor) -> Tensor:
        return F.relu(h) if isinstance(h, FakeTensor) else F.silu(h)


class Longer(Small):
    """Goes on when it is run for real."""

    def forward(self, x: Tensor) -> Tensor:
        out = super().forward(x)
        return out if isinstance(x, FakeTensor) else out + 1


class OtherOutput(Small):
    """Runs the same operations, and returns another of their results."""

    def forward(self, x: Tensor) -> Tensor:
        h = self.first(x)
        out: Tensor = self.last(h)
        return out if isinstance(x, FakeTensor) else h


class Constant(Small):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) * 0


class Infinite(Small):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) / 0


class Silent(Small):
    def forward(self, x: Tensor) -> None:  # type: ignore[override]
        super().forward(x)


def checked(model: nn.Module) -> ReplayVerdict:
    return verify_replay(model, IMAGE)


@pytest.mark.parametrize("kind", [Small, ZeroAtFirst, InTraining, Attending])
def test_a_graph_that_is_its_model_is_proven(kind: type[Small]) -> None:
    found = checked(kind())
    assert found.proven
    assert found.difference is None
    assert found.spread > 0.01


def test_a_model_without_data_is_given_numbers() -> None:
    with torch.device("meta"):
        model = InTraining()
    assert checked(model).proven


def test_the_verdict_says_what_it_rests_on() -> None:
    found = verify_replay(ToyUNet(), {"x": torch.empty(1, 3, 16, 16), "t": torch.tensor(3)})
    assert (found.model, found.operations) == ("ToyUNet", 52)
    assert [value.shape for value in found.inputs] == [(1, 3, 16, 16), ()]
    assert [value.shape for value in found.outputs] == [(1, 3, 16, 16)]


def test_the_model_and_all_randomness_are_left_alone() -> None:
    model = InTraining()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    torch.manual_seed(7)
    random.seed(7)
    checked(model)
    after = torch.rand(1), random.random()
    torch.manual_seed(7)
    random.seed(7)
    assert after == (torch.rand(1), random.random())
    assert all(torch.equal(before[name], now) for name, now in model.state_dict().items())


@pytest.mark.parametrize(
    ("kind", "op", "how"),
    [
        (Counting, "mul", "of 1,024 numbers 1,024 differ, by"),
        (TwoFaced, "relu", "the model runs silu there, its graph relu"),
        (Longer, "conv2d", "the model runs 3 operations, its graph 2"),
    ],
)
def test_the_first_operation_that_differs_is_found(kind: type[Small], op: str, how: str) -> None:
    found = checked(kind())
    assert not found.same
    assert found.difference is not None
    assert found.difference.step == 1
    assert found.difference.op == op
    assert how in found.difference.how


def test_the_place_of_a_difference_is_the_line_of_the_model() -> None:
    difference = checked(Counting()).difference
    assert difference is not None
    assert difference.file is not None
    assert difference.file.endswith("test_verdict.py")
    assert difference.line == Counting.between.__code__.co_firstlineno + 1


def test_equal_operations_do_not_hide_another_output() -> None:
    found = checked(OtherOutput())
    assert not found.same
    assert found.difference is None


@pytest.mark.parametrize("kind", [Constant, Infinite, Silent])
def test_equal_bits_that_say_nothing_prove_nothing(kind: type[Small]) -> None:
    found = checked(kind())
    assert (found.same, found.proven) == (True, False)


def test_what_would_take_long_is_run_on_smaller_images() -> None:
    model = nn.Sequential(nn.Conv2d(3, 64, 3, padding=1), nn.Conv2d(64, 64, 3, padding=1))
    inputs = (torch.empty(1, 3, 6144, 6144, device="meta"),)
    asked = record(model, inputs, lines=False)
    assert not is_quick(asked)
    _, recording = within_budget(model, inputs, asked)
    assert is_quick(recording)
    assert recording.inputs[0].shape == (1, 3, 768, 768)


def test_a_size_that_takes_another_way_is_not_taken() -> None:
    class Branching(Small):
        def between(self, h: Tensor) -> Tensor:
            return h if h.shape[-1] > 4096 else F.relu(h)

    model = Branching()
    inputs = (torch.empty(8, 3, 8192, 8192, device="meta"),)
    asked = record(model, inputs, lines=False)
    assert within_budget(model, inputs, asked)[1] is asked


class InThreads(Small):
    def between(self, h: Tensor) -> Tensor:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(torch.relu, h).result()


def test_a_graph_that_is_not_whole_is_not_verified() -> None:
    with pytest.raises(
        TraceError, match=r"^InThreads runs operations that cannot be recorded"
    ) as said:
        verify_replay(InThreads(), IMAGE)
    assert "_constant_0, (2, 8, 8, 8), was made where it could not be recorded" in str(said.value)
