"""Parses the text of one input, ``--input x=1x3x256x256``: a tensor without data, or a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Final

from tracer.errors import SHOWN_LENGTH, TraceError, shortened, suggestion
from tracer.option_text.literals import MAX_OPTION_LENGTH, parse_literal

INPUT_EXAMPLES = (
    "x=1x3x256x256, t=1:int64, t=:int64 (no dimensions), guidance=7.5, return_dict=false"
)
SHAPE_PATTERN = re.compile(r"\d+(?:[x×,]\d+)*,?")
INPUT_CONSTANTS = {"true": True, "false": False, "none": None}
INPUT_DTYPES: Final = (
    *("float32", "float64", "float16", "bfloat16", "float", "double", "half"),
    *("int64", "int32", "int16", "int8", "long", "int", "short"),
    *("uint8", "uint16", "uint32", "uint64", "bool"),
    *("complex64", "complex128", "complex32", "cfloat", "cdouble", "chalf"),
    *("float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu"),
    "float4_e2m1fn_x2",
)
"""The names of PyTorch's dtypes that an input may have; known here so that torch is not needed."""
MAX_INPUT_RANK: Final = 64
MAX_INPUT_ELEMENTS: Final = 2**56
"""The bytes of an input are a number of 64 bits in PyTorch."""
MAX_SIZE_LENGTH: Final = 20
MAX_NAME_DEPTH: Final = 16


@dataclass(frozen=True, slots=True)
class TensorSpelling:
    """A tensor as the user wrote it. Without a dtype, its name or the model decides."""

    sizes: tuple[int, ...]
    dtype: str | None


def parse_input(name: str, text: str) -> Any:
    """Return a `TensorSpelling`, or the number, constant or quoted string in `text`.

    A single integer is the size of a tensor with one dimension.

    Args:
        name: The name of the input, for messages.
        text: ``"1x3x64x64"``, ``"1:int64"``, ``"7.5"``, ``"false"`` ...

    Raises:
        TraceError: The text is none of these, the tensor is too large, or torch has no dtype with
            that name.

    >>> parse_input("t", "1:int64"), parse_input("guidance", "7.5")
    (TensorSpelling(sizes=(1,), dtype='int64'), 7.5)
    """
    option = shortened(f"--input {name}={text}")
    if len(name) + len(text) > MAX_OPTION_LENGTH:
        raise TraceError(f"{option} is longer than {MAX_OPTION_LENGTH:,} characters.")
    word = text.strip()
    sizes, colon, dtype_name = word.partition(":")
    if SHAPE_PATTERN.fullmatch(sizes) or (colon and not sizes):
        return TensorSpelling(_sizes(option, sizes), _dtype(name, dtype_name))
    if word.lower() in INPUT_CONSTANTS:
        return INPUT_CONSTANTS[word.lower()]
    try:
        value = parse_literal(word)
    except ValueError:
        value = None
    if isinstance(value, (bool, int, float, str)):
        return value
    raise TraceError(
        f'{option}: "{shortened(text)}" is not a valid shape, number or word. Use {INPUT_EXAMPLES}.'
    )


def _sizes(option: str, text: str) -> tuple[int, ...]:
    """The sizes in a shape. Raises TraceError for a tensor that no machine holds."""
    words = re.findall(r"\d+", text)
    is_short = len(words) <= MAX_INPUT_RANK and all(len(word) < MAX_SIZE_LENGTH for word in words)
    sizes = tuple(map(int, words)) if is_short else ()
    if not is_short or prod(filter(None, sizes)) > MAX_INPUT_ELEMENTS:
        raise TraceError(
            f"{option}: the tensor is too large. It may have at most {MAX_INPUT_RANK} dimensions, "
            "and 2**56 elements."
        )
    return sizes


def _dtype(name: str, dtype_name: str) -> str | None:
    dtype = dtype_name.removeprefix("torch.")
    if dtype_name and dtype not in INPUT_DTYPES:
        common = [known for known in INPUT_DTYPES if re.search(r"\d", known)]
        shown, hint = shortened(dtype_name), suggestion(dtype_name[:SHOWN_LENGTH], common)
        raise TraceError(f'--input {shortened(name)}: torch has no dtype "{shown}". {hint}')
    return dtype or None


def nested(items: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same items with dotted names as nested dictionaries.

    Names 0, 1, 2 ... on one level make a list.

    Raises:
        TraceError: A name is both an item and a dictionary, or has too many dots.

    >>> nested({"cond.text": 1, "sizes.0": 2, "sizes.1": 3})
    {'cond': {'text': 1}, 'sizes': [2, 3]}
    """
    tree: dict[str, Any] = {}
    for path, item in items.items():
        *parents, last = path.split(".")
        if len(parents) > MAX_NAME_DEPTH:
            raise TraceError(
                f"--input {shortened(path)}: the name has more than {MAX_NAME_DEPTH} dots."
            )
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
