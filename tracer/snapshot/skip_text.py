"""A skip as one line of text, and back.

down.0.block.1 -> up.0.block.0; [1 128 32 32]; cat(h 256, skip 128)
"""

from __future__ import annotations

import re

from tracer.snapshot.block_text import TENSOR, tensors_of, tensors_text
from tracer.snapshot.model import SkipSpec

NOWHERE, OUTSIDE = "(not joined)", "(the model)"
"""What stands for an empty name: where a skip ends, and where one begins."""

SKIP_PATTERN = re.compile(
    rf"(?P<source>\S.*) -> (?P<target>\S.*?); (?P<tensor>{TENSOR})"
    r"(?:; via (?P<via>[^;]+))?(?:; (?P<join>\w+)(?:\((?P<operands>.*)\))?)?"
)


def skip_text(skip: SkipSpec) -> str:
    """A skip in one line."""
    target = NOWHERE if skip.join is None else skip.target or OUTSIDE
    parts = [f"{skip.source or OUTSIDE} -> {target}", tensors_text([skip.tensor])]
    if skip.via:
        parts.append(f"via {', '.join(skip.via)}")
    if skip.join is not None:
        parts.append(join_text(skip))
    return "; ".join(parts)


def join_text(skip: SkipSpec) -> str:
    """``cat(h 256, skip 128)``, ``add``."""
    inside = ", ".join(skip.operands)
    return f"{skip.join or 'none'}({inside})" if inside else skip.join or "none"


def skip_of(text: str) -> SkipSpec | None:
    """The skip that a line tells of; None where the line does not."""
    found = SKIP_PATTERN.fullmatch(text)
    if found is None:
        return None
    return SkipSpec(
        source=_name_of(found["source"]),
        target=_name_of(found["target"]),
        tensor=tensors_of(found["tensor"])[0],
        join=found["join"],
        operands=_listed(found["operands"]),
        via=_listed(found["via"]),
    )


def _name_of(text: str) -> str:
    return "" if text in {NOWHERE, OUTSIDE} else text


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(", ")) if text else ()
