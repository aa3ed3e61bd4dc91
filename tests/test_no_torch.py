"""A saved trace is read and drawn without torch, which takes seconds to import."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

import tracer.render
from tests.conftest import GOLDEN, ROOT

pytestmark = pytest.mark.slow

READERS = (
    *(
        "tracer",
        "tracer.store",
        "tracer.analysis.skip_stack",
        "tracer.analysis.skips",
        "tracer.analysis.levels",
    ),
    *("tracer.notation", "tracer.testing.expectations", "tracer.testing.shape_assertions"),
    *("tracer.sizing.symbolic", "tracer.sizing.explainer", "tracer.sizing.rule_lock"),
    *("unet_trace", "unet_trace.pytest_plugin", "unet_trace.reference_presets"),
    "tracer.session",
    *(
        "tracer.snapshot",
        "tracer.snapshot.diff",
        "tracer.testing.shape_locks",
        "tracer.testing.traced_targets",
    ),
)
RENDERERS = tuple(
    found.name for found in pkgutil.walk_packages(tracer.render.__path__, "tracer.render.")
)

DRAW = f"""
from tracer.render.tables.block_shapes import shape_table
from tracer.render.tables.skip_stack import skip_stack_table
from tracer.render.formats.terminal import to_rich
from tracer.analysis.skip_stack import ledger
from tracer.store import load
trace = load({str(GOLDEN / "toy_unet.json")!r})
to_rich(shape_table(trace), 80), to_rich(skip_stack_table(ledger(trace)), 80)
"""


def imports_torch(code: str) -> bool:
    """Whether a fresh interpreter has imported torch after running `code`."""
    ask = "import sys; print('torch' in sys.modules)"
    run = [sys.executable, "-c", f"{code}\n{ask}"]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    return {"True\n": True, "False\n": False}[done.stdout]


def test_reading_and_rendering_do_not_import_torch() -> None:
    assert not imports_torch(f"import {', '.join((*READERS, *RENDERERS))}")


def test_drawing_a_saved_trace_does_not_import_torch() -> None:
    assert not imports_torch(DRAW)


def test_the_check_would_notice() -> None:
    assert imports_torch("import tracer.from_torch.capture.recording")
