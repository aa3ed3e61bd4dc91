"""Tensors are found, and exchanged, in whatever holds them."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from typing import Any

import pytest
import torch

from tests.from_torch.trap_models import Conditions, ModelOutput, Pair
from tracer.from_torch.capture.pytree import map_tensors, tensors_in

A, B = torch.zeros(1), torch.ones(2)

HOLDERS: dict[str, Any] = {
    "a list": [A, 1, [B, None]],
    "a tuple": (A, "text", (B,)),
    "a dict": {"x": A, "y": {"z": B}},
    "a named tuple": Pair(A, B),
    "a slice": slice(A, B, None),
    "an ordered dict": OrderedDict(a=A, b=[B]),
    "a defaultdict": defaultdict(list, {"a": [A], "b": [B]}),
    "a dataclass": [Conditions(A), B],
    "a model output": ModelOutput(sample=A, hidden=(B,)),
    "a result of torch": torch.return_types.max((A, B)),
}


@pytest.mark.parametrize("item", HOLDERS.values(), ids=HOLDERS)
def test_tensors_are_found_in_the_order_in_which_they_are_written(item: Any) -> None:
    found = list(tensors_in(item))
    assert len(found) == 2
    assert found[0] is A
    assert found[1] is B


@pytest.mark.parametrize("item", HOLDERS.values(), ids=HOLDERS)
def test_tensors_are_exchanged_in_what_holds_them(item: Any) -> None:
    changed = map_tensors(item, lambda tensor: tensor + 5)
    assert type(changed) is type(item)
    assert [tensor.tolist() for tensor in tensors_in(changed)] == [[5.0], [6.0, 6.0]]
    assert [tensor.tolist() for tensor in tensors_in(item)] == [[0.0], [1.0, 1.0]]


@pytest.mark.parametrize("item", [3, "text", None, {"a": [1, 2]}, Conditions, range(3), {1, 2}])
def test_what_holds_no_tensor_stays_the_same_object(item: Any) -> None:
    assert list(tensors_in(item)) == []
    assert map_tensors(item, lambda tensor: tensor + 5) is item
