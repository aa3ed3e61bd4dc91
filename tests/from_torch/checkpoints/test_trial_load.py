"""What a model loads of a checkpoint is what `load_state_dict` accepts."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from tests.conftest import examples
from tracer.from_torch.checkpoints.checkpoint_reader import Checkpoint, read_checkpoint, specs_of
from tracer.from_torch.checkpoints.trial_load import try_load
from tracer.snapshot.diff.state_dict_comparison import compare_state_dicts


class Renames(nn.Module):
    """Takes the names of an older version of itself."""

    def __init__(self) -> None:
        super().__init__()
        self.to_q, self.to_k = nn.Linear(4, 4), nn.Linear(4, 4, bias=False)

    def _load_from_state_dict(self, state: dict[str, Any], prefix: str, *rest: Any) -> None:
        for old, new in (("query", "to_q"), ("key", "to_k")):
            for name in ("weight", "bias"):
                if f"{prefix}{old}.{name}" in state:
                    state[f"{prefix}{new}.{name}"] = state.pop(f"{prefix}{old}.{name}")
        super()._load_from_state_dict(state, prefix, *rest)


class Splits(nn.Module):
    """Splits a fused weight as it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.k = nn.Parameter(torch.zeros(4, 4)), nn.Parameter(torch.zeros(4, 4))
        self.register_load_state_dict_pre_hook(self.split)

    @staticmethod
    def split(module: nn.Module, state: dict[str, Any], prefix: str, *rest: Any) -> None:
        if f"{prefix}qk" in state:
            state[f"{prefix}q"], state[f"{prefix}k"] = state.pop(f"{prefix}qk").chunk(2)


class Unwraps(nn.Module):
    """Has a `load_state_dict` of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(2, 2)

    def load_state_dict(self, state: Any, strict: bool = True, assign: bool = False) -> Any:
        state = {key.removeprefix("module."): tensor for key, tensor in state.items()}
        return super().load_state_dict(state, strict, assign)


class ReadsValues(nn.Module):
    """Looks at the numbers as it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.zeros(2))

    def _load_from_state_dict(self, state: dict[str, Any], prefix: str, *rest: Any) -> None:
        if float(state[f"{prefix}old"].sum()) >= 0:
            state[f"{prefix}w"] = state.pop(f"{prefix}old")
        super()._load_from_state_dict(state, prefix, *rest)


class Raises(ReadsValues):
    def _load_from_state_dict(self, *args: Any) -> None:
        raise KeyError("nothing loads this")


def weight_norm() -> nn.Module:
    return parametrizations.weight_norm(nn.Conv2d(3, 4, 1))


def plain(model: nn.Module, state: dict[str, Tensor], prefix: str = "") -> Any:
    checkpoint = Checkpoint(specs_of(state), getattr(state, "_metadata", {}))
    found = try_load(model, checkpoint, prefix)
    return found, compare_state_dicts(found.model, found.file).problems


OLD: dict[str, tuple[Any, dict[str, Tensor], dict[str, str]]] = {
    "weight norm": (
        weight_norm,
        {
            "weight_g": torch.ones(4, 1, 1, 1),
            "weight_v": torch.ones(4, 3, 1, 1),
            "bias": torch.ones(4),
        },
        {
            "weight_g": "parametrizations.weight.original0",
            "weight_v": "parametrizations.weight.original1",
        },
    ),
    "old names": (
        Renames,
        {
            "query.weight": torch.ones(4, 4),
            "query.bias": torch.ones(4),
            "key.weight": torch.ones(4, 4),
        },
        {"query.weight": "to_q.weight", "query.bias": "to_q.bias", "key.weight": "to_k.weight"},
    ),
    "fused": (Splits, {"qk": torch.ones(8, 4)}, {}),
    "own load_state_dict": (
        Unwraps,
        {"module.inner.weight": torch.ones(2, 2), "module.inner.bias": torch.ones(2)},
        {"module.inner.weight": "inner.weight", "module.inner.bias": "inner.bias"},
    ),
    "values": (ReadsValues, {"old": torch.ones(2)}, {"old": "w"}),
    "batch norm before counters": (
        lambda: nn.BatchNorm2d(2),
        {name: torch.ones(2) for name in ("weight", "bias", "running_mean", "running_var")},
        {},
    ),
}


@pytest.mark.parametrize("name", OLD)
def test_keys_that_a_model_renames_as_it_loads_fit(name: str) -> None:
    make, state, renamed = OLD[name]
    make().load_state_dict(state)  # PyTorch itself accepts all of them
    found, problems = plain(make(), state)
    assert problems == ()
    assert found.renamed == renamed
    assert found.errors == ()


def test_a_version_that_a_file_states_is_asked_for(tmp_path: Path) -> None:
    state = nn.BatchNorm2d(2).state_dict()
    del state["num_batches_tracked"]
    assert state._metadata[""]["version"] == 2  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError, match="Missing key"):
        nn.BatchNorm2d(2).load_state_dict(state)
    torch.save(state, tmp_path / "a.pt")
    found = try_load(nn.BatchNorm2d(2), read_checkpoint(tmp_path / "a.pt"))
    (problem,) = compare_state_dicts(found.model, found.file).problems
    assert (problem.trouble, problem.key) == ("missing", "num_batches_tracked")


def test_what_is_wrong_is_told_by_the_names_of_the_file() -> None:
    state = {"query.weight": torch.ones(4, 5), "query.bias": torch.ones(4), "stray": torch.ones(1)}
    _, problems = plain(Renames(), state)
    assert [(one.trouble, one.key) for one in problems] == [
        ("missing", "to_k.weight"),
        ("unexpected", "stray"),
        ("another shape", "to_q.weight"),
    ]


def test_a_prefix_is_left_out_of_keys_and_versions(tmp_path: Path) -> None:
    outer = nn.ModuleDict({"net": nn.BatchNorm2d(2)})
    torch.save(outer.state_dict(), tmp_path / "a.pt")
    found = try_load(nn.BatchNorm2d(2), read_checkpoint(tmp_path / "a.pt"), "net.")
    assert compare_state_dicts(found.model, found.file).problems == ()


def test_a_model_that_cannot_be_loaded_is_compared_by_names() -> None:
    _, problems = plain(Raises(), {"w": torch.ones(2), "x": torch.ones(1)})
    assert [(one.trouble, one.key) for one in problems] == [("unexpected", "x")]


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_the_model_is_not_changed(device: str) -> None:
    model = weight_norm().to(device)
    hooks = [len(module._load_state_dict_pre_hooks) for module in model.modules()]
    tensors = [id(tensor) for tensor in model.parameters()]
    plain(model, OLD["weight norm"][1])
    assert [len(module._load_state_dict_pre_hooks) for module in model.modules()] == hooks
    assert [id(tensor) for tensor in model.parameters()] == tensors


# --------------------------------------------------------------------------------- models at random

PARTS = {
    "linear": lambda: nn.Linear(2, 3),
    "conv": lambda: nn.Conv2d(2, 3, 1, bias=False),
    "weight norm": weight_norm,
    "batch norm": lambda: nn.BatchNorm2d(2),
    "renames": Renames,
    "nested": lambda: nn.Sequential(nn.Linear(2, 2), Renames()),
}
OLD_NAMES = (
    ("parametrizations.weight.original0", "weight_g"),
    ("parametrizations.weight.original1", "weight_v"),
    ("to_q", "query"),
    ("to_k", "key"),
)


@examples(40)
@given(st.lists(st.sampled_from(sorted(PARTS)), min_size=1, max_size=4), st.data())
def test_problems_are_those_that_load_state_dict_tells(
    parts: list[str], data: st.DataObject
) -> None:
    model = nn.Sequential(*(PARTS[part]() for part in parts))
    state: OrderedDict[str, Tensor] = OrderedDict()
    if data.draw(st.booleans(), label="with versions"):
        state._metadata = model.state_dict()._metadata  # type: ignore[attr-defined]
    for key, tensor in model.state_dict().items():
        change = data.draw(
            st.sampled_from(["same", "same", "old", "none", "shape", "name"]), label=key
        )
        if change == "old":
            for new, old in OLD_NAMES:
                key = key.replace(new, old)
        if change == "name":
            key = f"{key}x"
        if change != "none":
            state[key] = torch.ones(7, 7) if change == "shape" else tensor.clone()
    found, problems = plain(model, state)
    missing, unexpected, mismatched = _told_by_torch(model, state)
    told = {
        kind: {one.key for one in problems if one.trouble == kind}
        for kind in ("missing", "unexpected", "another shape")
    }
    assert told["missing"] == missing
    assert len(told["unexpected"]) == len(unexpected)
    assert told["another shape"] == mismatched
    assert found.errors == ()


def _told_by_torch(
    model: nn.Module, state: OrderedDict[str, Tensor]
) -> tuple[set[str], set[str], set[str]]:
    """What PyTorch says of real tensors, in the words of its own exception."""
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines()]
    else:
        return set(), set(), set()

    def keys(start: str) -> set[str]:
        named = next((line for line in lines if line.startswith(start)), f"{start}: ")
        listed = named.partition(": ")[2].rstrip(". ")
        return {key.strip('"') for key in listed.split(", ") if key}

    wrong = {line.split()[3].rstrip(":") for line in lines if line.startswith("size mismatch")}
    return keys("Missing key(s)"), keys("Unexpected key(s)"), wrong
