"""What a site of one's own explores in tests: the toy UNet with its source, and a variant."""

from __future__ import annotations

from dataclasses import replace

from tests.example import FILE, SOURCE
from tests.render.laws import LAW
from tests.render.symbolic_costs import symbolic_trace
from tracer.render.explorer.document import ExplorerContent
from tracer.target_spec import TargetSpec

TEXT = "\n".join(SOURCE) + "\n"


def toy_explored(target: str = "tests/toy_unet.py:ToyUNet") -> ExplorerContent:
    """The toy UNet in formulas, with its size rules."""
    trace = replace(symbolic_trace(), spec=TargetSpec.from_text(target))
    return ExplorerContent(trace, {FILE: TEXT}, LAW, version="1.2")
