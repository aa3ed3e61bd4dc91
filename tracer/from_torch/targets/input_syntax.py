"""Parses the text of one input, ``--input x=1x3x256x256``: a tensor without data, or a value."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
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
    """A tensor as the user wrote it. Without a dtype, its name or the model decides."""

    sizes: tuple[int, ...]
    dtype: torch.dtype | None

    def tensor(self, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
        """Return the tensor, with arbitrary numbers.

        Args:
            dtype: The dtype, if none was written.
            device: The device.
        """
        return torch.empty(self.sizes, dtype=self.dtype or dtype, device=device)


def parse_input(name: str, text: str) -> Any:
    """Return a `TensorSpelling`, or the number, constant or quoted string in `text`.

    A single integer is the size of a tensor with one dimension.

    Args:
        name: The name of the input, for messages.
        text: ``"1x3x64x64"``, ``"1:int64"``, ``"7.5"``, ``"false"`` ...

    Raises:
        TraceError: The text is none of these, or torch has no dtype of that name.

    >>> parse_input("t", "1:int64"), parse_input("guidance", "7.5")
    (TensorSpelling(sizes=(1,), dtype=torch.int64), 7.5)
    """
    word = text.strip()
    sizes, colon, dtype_name = word.partition(":")
    if SHAPE_PATTERN.fullmatch(sizes) or (colon and not sizes):
        return TensorSpelling(tuple(map(int, re.findall(r"\d+", sizes))), _dtype(name, dtype_name))
    if word.lower() in INPUT_CONSTANTS:
        return INPUT_CONSTANTS[word.lower()]
    try:
        value = ast.literal_eval(word)
    except (ValueError, SyntaxError):
        value = None
    if isinstance(value, (bool, int, float, str)):
        return value
    raise TraceError(
        f'--input {name}={text}: "{text}" is not a valid shape, number or word. '
        f"Use {INPUT_EXAMPLES}."
    )


def _dtype(name: str, dtype_name: str) -> torch.dtype | None:
    dtype = INPUT_DTYPES.get(dtype_name.removeprefix("torch."))
    if dtype_name and dtype is None:
        common = [known for known in INPUT_DTYPES if re.search(r"\d", known)]
        hint = suggestion(dtype_name, common)
        raise TraceError(f'--input {name}: torch has no dtype "{dtype_name}". {hint}')
    return dtype


def nested(items: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same items with dotted names as nested dictionaries.

    Names 0, 1, 2 ... on one level make a list.

    Raises:
        TraceError: A name is both an item and a dictionary.

    >>> nested({"cond.text": 1, "sizes.0": 2, "sizes.1": 3})
    {'cond': {'text': 1}, 'sizes': [2, 3]}
    """
    tree: dict[str, Any] = {}
    for path, item in items.items():
        *parents, last = path.split(".")
        level = tree
        for parent in parents:
            level = level.setdefault(parent, {})
            if not isinstance(level, dict):
                raise TraceError(f"--input {path}: {parent} already has a value of its own.")
        if last in level:
            raise TraceError(f"--input {path}: an input inside {path} was already given.")
        level[last] = item
    return {name: _with_lists(item) for name, item in tree.items()}


def _with_lists(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    elements = {name: _with_lists(element) for name, element in item.items()}
    indices = [str(index) for index in range(len(elements))]
    return [elements[index] for index in indices] if set(elements) == set(indices) else elements
