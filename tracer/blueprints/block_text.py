"""A block or a skip as one line of text, and back.

    ResnetBlock([1 128 32 32], [1 512]) -> [1 256 32 32]; 1,050,368 params; residual
    down.0.block.1 -> up.0.block.0; [1 128 32 32]; cat(h 256, skip 128)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tracer.blueprints.parts import BlockSpec, SkipSpec, TensorSpec
from tracer.notation import shape_text
from tracer.notation.dtypes import SHORT
from tracer.record import Dim

NOWHERE, OUTSIDE = "(not joined)", "(the model)"
"""What stands for the empty name of a block, as the target of a skip and as its source."""

TENSOR = r"\w*\[[^\]]*\]"
BLOCK = re.compile(
    rf"(?P<kind>.*)\((?P<inputs>(?:{TENSOR}(?:, )?)*)\) -> (?P<outputs>(?:{TENSOR}(?:, )?)*)"
    r"(?P<more>(?:; .*)?)"
)
SKIP = re.compile(rf"(?P<source>\S.*) -> (?P<target>\S.*); (?P<tensor>{TENSOR})(?P<more>(?:; .*)?)")
VIA, PARAMETERS = "via ", " params"
RESIDUAL = re.compile(r"residual(?: ×(\d+))?")
CAT = re.compile(r"cat\((.*)\)")


def block_text(block: BlockSpec) -> str:
    """A block in one line, without its name."""
    parts = [f"{block.kind}({_tensors(block.inputs)}) -> {_tensors(block.outputs)}".rstrip()]
    if block.parameters:
        parts.append(f"{block.parameters:,}{PARAMETERS}")
    if block.residuals:
        parts.append("residual" if block.residuals == 1 else f"residual ×{block.residuals}")
    return "; ".join(parts)
