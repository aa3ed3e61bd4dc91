"""tracer/render/tables/memory_totals.py: parameters, buffers and memory below a table of shapes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import torch
from torch import Tensor, nn

import tracer
from tests.conftest import GOLDEN, ROOT
from tests.example import symbolic_example
from tracer.render.tables.block_shapes import shape_table
from tracer.render.tables.memory_totals import total_lines
from tracer.store import load


class Net(nn.Module):
    """16 parameters that train, 48 + 16 that do not, and 17 numbers in buffers."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Conv2d(4, 12, 1, bias=False).requires_grad_(False)
        self.norm = nn.BatchNorm2d(8)
        self.register_buffer("scale", torch.ones(12, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.norm((self.enter(x) * self.scale)[:, :8])


def test_the_totals_are_those_that_people_add_up() -> None:
    trace = tracer.trace(Net().eval(), (2, 4, 32, 32))
    weights = 4 * (
        48 + 8 + 8 + 8 + 8 + 12
    )  # batch normalization counts its batches only in training
    inputs, pixels = 4 * 2 * 4 * 32 * 32, 2 * 32 * 32
    written = 4 * pixels * (12 + 12 + 8)
    total = (weights + inputs + written) / 1024
    assert list(total_lines(trace)) == [
        "16 trainable, 48 frozen; 29 numbers in buffers",
        f"memory: weights {weights} bytes + inputs {inputs / 1024:.1f} KiB + activations "
        f"{written / 1024:.1f} KiB = {total:.1f} KiB",
        "(activations: all that the operations write, as training keeps it)",
    ]


def test_they_stand_below_the_table_of_shapes() -> None:
    trace = tracer.trace(Net().eval(), (2, 4, 32, 32))
    assert set(total_lines(trace)) < set(shape_table(trace).summary)


def test_what_is_not_known_is_left_out() -> None:
    assert not any("trainable" in line for line in total_lines(load(GOLDEN / "toy_unet.json")))
    assert not any("memory" in line for line in total_lines(symbolic_example()))
    trace = tracer.trace(Net(), (2, 4, 8, 8))
    odd = replace(trace, inputs=(replace(trace.inputs[0], dtype="odd"),))
    failed = replace(trace, outputs=())
    for one in (odd, failed):
        assert list(total_lines(one)) == ["16 trainable, 48 frozen; 29 numbers in buffers"]


def test_a_table_of_shapes_looks_for_no_skips() -> None:
    ask = (
        "import sys, tracer.render.tables.block_shapes, tracer.render.tables.chosen_columns;"
        "print({'tracer.analysis.costs', 'tracer.analysis.skips'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
