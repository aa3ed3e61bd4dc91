"""How much memory a trace takes beyond PyTorch and the model's skeleton.

Run it by hand, in a fresh process each time: ``python tests/benchmarks/memory.py [PRESET]``. It
needs Linux, where the kernel tells how much of a process is in memory. Nothing here runs as a test.

PyTorch loads a part of itself (the algebra of symbolic sizes) at its first operation without data,
whether or not anyone traces: that is a row of its own, and counts as PyTorch.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

ROOT = Path(__file__).parents[2]
LIMIT = 40.0
MEBI = 1024.0


def in_memory(line: str = "VmRSS") -> float:
    """Memory of this process in MiB: now (``VmRSS``), or the most there ever was (``VmHWM``)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = next(row for row in status.splitlines() if row.startswith(f"{line}:"))
    return int(found.split()[1]) / MEBI


def load_pytorch() -> None:
    """Make PyTorch load what one convolution without data needs, and not its compiler."""
    from tracer.from_torch.no_compiler import no_compiler

    with no_compiler(), FakeTensorMode(), torch.no_grad():
        nn.Conv2d(1, 1, 1)(torch.empty(1, 1, 1, 1))


def main(preset: str = "ddpm-celebahq-256") -> int:
    """Trace one preset on ``meta``; 1 if that took more than `LIMIT`, else 0."""
    sys.path.insert(0, str(ROOT))
    from reference_model import build, example_inputs

    with torch.device("meta"):
        model = build(preset)
    inputs = {name: given.to("meta") for name, given in example_inputs(model.config).items()}
    skeleton = in_memory()
    load_pytorch()
    before = in_memory()

    from tracer.from_torch.api import trace

    found = trace(model, inputs)
    peak = in_memory("VmHWM")
    rows = {
        "PyTorch and the skeleton": skeleton,
        "what PyTorch loads without data": before - skeleton,
        f"the tracer, and {len(found.steps)} steps": peak - before,
        "limit": LIMIT,
    }
    sys.stdout.writelines(f"{name:36} {size:8.1f} MiB\n" for name, size in rows.items())
    return int(peak - before > LIMIT)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
