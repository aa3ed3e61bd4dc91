"""A block as one line of a lock file.

ResnetBlock([1 128 32 32], [1 512]) -> [1 256 32 32]; 1,050,368 params; residual
Conv2d([1 128 32 32]) -> [1 256 32 32]; 295,168 params in [256 128 3 3], [256]
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tracer.notation import shape_text
from tracer.notation.dtypes import DTYPES_BY_SHORT_NAME
from tracer.record import Dim
from tracer.snapshot.specs import BlockSpec, TensorSpec

SIZE = r"[\w+\-*/()·]+"
TENSOR = rf"\w*\[(?:{SIZE}(?: {SIZE})*)?\]"
TENSORS = rf"(?:{TENSOR}(?:, )?)*"
MAX_DIM_DIGITS = 20
COUNT = r"\d[\d,]{0,60}"
NO_OUTPUTS = "nothing"
BLOCK_PATTERN = re.compile(
    rf"(?P<kind>.*)\((?P<inputs>{TENSORS})\) -> (?P<outputs>{TENSORS}|{NO_OUTPUTS})"
    rf"(?:; (?P<parameters>{COUNT}) params(?: in (?P<weights>{TENSORS}))?)?"
    r"(?P<residual>; residual(?: x(?P<residuals>\d{1,9}))?)?",
    re.DOTALL,
)


def format_block(block: BlockSpec) -> str:
    """Return a block as one line, without its name.

    >>> image = TensorSpec((1, 8, 32, 32), "float32")
    >>> format_block(BlockSpec("mid", "ResnetBlock", (image,), (image,), 1224, residuals=1))
    'ResnetBlock([1 8 32 32]) -> [1 8 32 32]; 1,224 params; residual'
    """
    inputs, outputs = format_tensors(block.inputs), format_tensors(block.outputs)
    text = f"{block.kind}({inputs}) -> {outputs or NO_OUTPUTS}"
    if block.parameters:
        text += f"; {block.parameters:,} params"
        text += f" in {format_tensors(block.weights)}" if block.weights else ""
    if block.residuals:
        text += "; residual" + (f" x{block.residuals}" if block.residuals > 1 else "")
    return text


def parse_block(call: str, text: str) -> BlockSpec | None:
    """Return the block that a line describes, with `call` as its name; None for another line."""
    match = BLOCK_PATTERN.fullmatch(text)
    if match is None:
        return None
    return BlockSpec(
        call=call,
        kind=match["kind"],
        inputs=parse_tensors(match["inputs"]),
        outputs=parse_tensors(match["outputs"]),
        parameters=int((match["parameters"] or "0").replace(",", "")),
        weights=parse_tensors(match["weights"] or ""),
        residuals=int(match["residuals"] or 1) if match["residual"] else 0,
    )


def format_tensors(tensors: Iterable[TensorSpec]) -> str:
    """Return shapes separated by commas: ``[1 128 32 32], i64[1]``."""
    return ", ".join(shape_text(tensor.shape, tensor.dtype) for tensor in tensors)


def parse_tensors(text: str) -> tuple[TensorSpec, ...]:
    """Return all tensors whose shapes are in a text."""
    return tuple(map(_parse_tensor, re.findall(TENSOR, text)))


def _parse_tensor(text: str) -> TensorSpec:
    prefix, _, axes = text.removesuffix("]").partition("[")
    dtype = DTYPES_BY_SHORT_NAME.get(prefix, prefix) or "float32"
    return TensorSpec(tuple(map(_parse_dim, axes.split())), dtype)


def _parse_dim(text: str) -> Dim:
    return int(text) if text.isdecimal() and len(text) <= MAX_DIM_DIGITS else text
