"""A block as one line of text, and back.

ResnetBlock([1 128 32 32], [1 512]) -> [1 256 32 32]; 1,050,368 params; residual
Conv2d([1 128 32 32]) -> [1 256 32 32]; 295,168 params in [256 128 3 3], [256]
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tracer.notation import shape_text
from tracer.notation.dtypes import DTYPE_SHORT_NAMES
from tracer.record import Dim
from tracer.snapshot.model import BlockSpec, TensorSpec

SIZE = r"[\w+\-*/()·]+"
TENSOR = rf"\w*\[(?:{SIZE}(?: {SIZE})*)?\]"
TENSORS = rf"(?:{TENSOR}(?:, )?)*"
NO_SHAPES = "nothing"
BLOCK_PATTERN = re.compile(
    rf"(?P<kind>.*)\((?P<inputs>{TENSORS})\) -> (?P<outputs>{TENSORS}|{NO_SHAPES})"
    rf"(?:; (?P<parameters>[\d,]+) params(?: in (?P<weights>{TENSORS}))?)?"
    r"(?:; residual(?: x(?P<residuals>\d+))?)?(?P<end>$)"
)
RESIDUAL = re.compile(r"; residual( x\d+)?$")


def block_text(block: BlockSpec) -> str:
    """A block in one line, without its name."""
    text = (
        f"{block.kind}({tensors_text(block.inputs)}) -> {tensors_text(block.outputs) or NO_SHAPES}"
    )
    if block.parameters:
        text += f"; {block.parameters:,} params"
        text += f" in {tensors_text(block.weights)}" if block.weights else ""
    if block.residuals:
        text += "; residual" + (f" x{block.residuals}" if block.residuals > 1 else "")
    return text


def block_of(call: str, text: str) -> BlockSpec | None:
    """The block of that name that a line tells of; None where the line does not."""
    found = BLOCK_PATTERN.fullmatch(text)
    if found is None:
        return None
    return BlockSpec(
        call=call,
        kind=found["kind"],
        inputs=tensors_of(found["inputs"]),
        outputs=tensors_of(found["outputs"]),
        parameters=int((found["parameters"] or "0").replace(",", "")),
        weights=tensors_of(found["weights"] or ""),
        residuals=int(found["residuals"] or 1) if RESIDUAL.search(text) else 0,
    )


def tensors_text(tensors: Iterable[TensorSpec]) -> str:
    """``[1 128 32 32], i64[1]``."""
    return ", ".join(shape_text(tensor.shape, tensor.dtype) for tensor in tensors)


def tensors_of(text: str) -> tuple[TensorSpec, ...]:
    """The tensors that a text tells of."""
    return tuple(map(_tensor_of, re.findall(TENSOR, text)))


def _tensor_of(text: str) -> TensorSpec:
    prefix, _, axes = text.removesuffix("]").partition("[")
    dtype = DTYPE_SHORT_NAMES.get(prefix, prefix) or "float32"
    return TensorSpec(tuple(map(_dim_of, axes.split())), dtype)


def _dim_of(text: str) -> Dim:
    return int(text) if text.isdecimal() else text
