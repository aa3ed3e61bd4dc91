"""``--input x=1x3x256x256``: the text of one input, made into a tensor without data or a value."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from tracer.errors import TraceError, suggestion

INPUT_EXAMPLES = (
    "x=1x3x256x256, t=1:int64, t=:int64 (no dimensions), guidance=7.5, return_dict=false"
)
SHAPE_PATTERN = re.compile(r"\d+(?:[x×,]\d+)*,?")
INPUT_CONSTANTS = {"true": True, "false": False, "none": None}
INPUT_DTYPES = {
    name: item
    for name, item in vars(torch).items()
    if isinstance(item, torch.dtype) and not re.match(r"q|bit|u?int[1-7]$", name)
}


@dataclass(frozen=True, slots=True)
class TensorSpelling:
    """A tensor that was asked for. Without a dtype it gets what its name or the model suggests."""

    sizes: tuple[int, ...]
    dtype: torch.dtype | None

    def tensor(self, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
        """The tensor; its numbers are whatever the memory holds."""
        return torch.empty(self.sizes, dtype=self.dtype or dtype, device=device)


def parse_input(name: str, text: str) -> Any:
    """A `Shape`, or the number, word or quoted string that `text` writes.

    A whole number by itself is the size of a tensor of one dimension. Raises TraceError for a text
    that is neither, or a dtype that torch does not have.
    """
    word = text.strip()
    sizes, colon, kind = word.partition(":")
    if SHAPE_PATTERN.fullmatch(sizes) or (colon and not sizes):
        return TensorSpelling(tuple(map(int, re.findall(r"\d+", sizes))), _dtype(name, kind))
    if word.lower() in INPUT_CONSTANTS:
        return INPUT_CONSTANTS[word.lower()]
    try:
        value = ast.literal_eval(word)
    except (ValueError, SyntaxError):
        value = None
    if isinstance(value, (bool, int, float, str)):
        return value
    raise TraceError(
        f'--input {name}={text}: "{text}" is no shape, number or word. Write {INPUT_EXAMPLES}.'
    )


def _dtype(name: str, kind: str) -> torch.dtype | None:
    found = INPUT_DTYPES.get(kind.removeprefix("torch."))
    if kind and found is None:
        common = [dtype for dtype in INPUT_DTYPES if re.search(r"\d", dtype)]
        raise TraceError(f'--input {name}: torch has no dtype "{kind}". {suggestion(kind, common)}')
    return found


def nested(items: Mapping[str, Any]) -> dict[str, Any]:
    """The same with dots undone: ``{"cond.text": a}`` becomes ``{"cond": {"text": a}}``.

    Where the names at one place are 0, 1, 2 ..., they are the places of a list.
    """
    tree: dict[str, Any] = {}
    for path, item in items.items():
        *parents, last = path.split(".")
        place = tree
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                raise TraceError(f"--input {path}: {parent} was given a value of its own.")
        if last in place:
            raise TraceError(f"--input {path}: what is inside {path} was given already.")
        place[last] = item
    return {name: _listed(item) for name, item in tree.items()}


def _listed(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    inside = {name: _listed(element) for name, element in item.items()}
    numbered = _is_count(inside)
    return [inside[str(place)] for place in range(len(inside))] if numbered else inside


def _is_count(names: Iterable[str]) -> bool:
    found = list(names)
    return set(found) == {str(place) for place in range(len(found))}
