"""tracer/from_torch/verify/other_numbers.py: graphs that hold for the numbers of one run only."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tracer.analysis.replay_verdict import ReplayVerdict
from tracer.from_torch.verify.verdict import verify_replay

FILE = "tests/from_torch/verify/test_other_numbers.py"


class TwoConvolutions(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)


class InNumpy(TwoConvolutions):
    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.a(torch.from_numpy(x.numpy() * 2))
        return out


class Branches(TwoConvolutions):
    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.a(x) if x.mean() > 0 else self.b(x)
        return out


class ByScalar(TwoConvolutions):
    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.a(x) * float(x.abs().max())
        return out


class Loops(TwoConvolutions):
    def forward(self, x: Tensor) -> Tensor:
        for _ in range(int(x.abs().sum()) % 3 + 1):
            x = self.a(x)
        return x


class Returns(TwoConvolutions):
    def forward(self, x: Tensor) -> Tensor:
        self.a(x)
        return torch.from_numpy(np.sin(x.numpy()))


class Refuses(TwoConvolutions):
    def forward(self, x: Tensor) -> Tensor:
        if x.abs().max() > 5:
            raise ValueError("too large")
        out: Tensor = self.a(x)
        return out


class ByStep(TwoConvolutions):
    """A scale that is looked up by an integer input."""

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        out: Tensor = self.a(x) * [0.5, 1.5, 2.5, 3.5][int(t) % 4]
        return out


def verdict_of(model: nn.Module, *more: Tensor, given: bool = False) -> ReplayVerdict:
    image = torch.randn(2, 3, 8, 8) if given else torch.empty(2, 3, 8, 8, device="meta")
    return verify_replay(model, (image, *more))


@pytest.mark.parametrize("given", [False, True], ids=["shapes", "numbers"])
@pytest.mark.parametrize(
    ("kind", "op", "how"),
    [
        (InNumpy, "conv2d", "_constant_0 2×3×8×8, which it reads, was made during the run"),
        (Branches, "conv2d", "the model runs conv2d in "),
        (ByScalar, "mul", "its arguments change with the input"),
        (Loops, "conv2d", "with other numbers the model runs "),
        (Returns, "", "the graph returns a constant"),
        (Refuses, "", "with other numbers the model raises ValueError: too large"),
    ],
)
def test_a_graph_for_the_numbers_of_one_run_is_not_proven(
    kind: type[nn.Module], op: str, how: str, given: bool
) -> None:
    found = verdict_of(kind(), given=given)
    assert (found.same, found.proven) == (True, False)
    assert found.other_numbers is not None
    assert found.other_numbers.op == op
    assert how in found.other_numbers.how
    if op:
        assert found.other_numbers.file == FILE
        assert found.other_numbers.line is not None


@pytest.mark.parametrize("given", [0, 1, 3])
def test_an_integer_that_the_graph_holds_is_noticed(given: int) -> None:
    found = verdict_of(ByStep(), torch.tensor(given))
    assert found.other_numbers is not None
    assert found.other_numbers.op == "mul"


class Checks(TwoConvolutions):
    def forward(self, x: Tensor) -> Tensor:
        if x.isnan().any():
            raise ValueError("not a number")
        out: Tensor = self.a(x)
        return out


class Selects(TwoConvolutions):
    """A size that values decide, which the graph computes again."""

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.a(x)
        return out[x > 0].sum() + out


class Counts(TwoConvolutions):
    """NumPy on numbers that the input does not change."""

    def forward(self, x: Tensor) -> Tensor:
        ramp = torch.from_numpy(np.arange(8, dtype=np.float32) + self.a.weight.numpy().max())
        out: Tensor = self.a(x) + ramp
        return out


class Picks(TwoConvolutions):
    """An index has to stay in its range."""

    def forward(self, x: Tensor, index: Tensor) -> Tensor:
        if int(index.max()) > 2:
            raise IndexError("there are three channels")
        out: Tensor = self.a(x)[:, index]
        return out


@pytest.mark.parametrize("kind", [Checks, Selects, Counts])
@pytest.mark.parametrize("given", [False, True], ids=["shapes", "numbers"])
def test_a_graph_that_holds_for_all_numbers_is_proven_on_several(
    kind: type[nn.Module], given: bool
) -> None:
    found = verdict_of(kind(), given=given)
    assert found.proven, found.other_numbers
    assert found.number_sets > 1


@pytest.mark.parametrize("index", [[0, 2], [1, 1], [2]])
def test_integers_stay_where_the_model_accepts_them(index: list[int]) -> None:
    assert verdict_of(Picks(), torch.tensor(index)).proven


def test_a_model_that_reads_no_values_is_run_on_one_set_of_numbers() -> None:
    assert verdict_of(nn.Conv2d(3, 3, 1)).number_sets == 1


class Trains(TwoConvolutions):
    """Statistics that a run changes, and a branch that its values decide."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(3)

    def forward(self, x: Tensor) -> Tensor:
        if not x.isfinite().all():
            raise ValueError("not finite")
        out: Tensor = self.norm(self.a(x))
        return out


def test_buffers_are_restored_between_the_sets() -> None:
    assert verdict_of(Trains()).proven
