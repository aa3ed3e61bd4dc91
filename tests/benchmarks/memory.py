"""How much memory a trace takes beyond PyTorch and the model's skeleton.

Run it by hand, a fresh process each time: ``python tests/benchmarks/memory.py [PRESET]``. It needs
Linux, where the kernel tells how much of a process is in memory. Nothing of this runs as a test.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

ROOT = Path(__file__).parents[2]
LIMIT = 40.0
MEBI = 1024.0


def in_memory(line: str = "VmRSS") -> float:
    """Memory of this process in MiB: now (``VmRSS``), or the most there ever was (``VmHWM``)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = next(row for row in status.splitlines() if row.startswith(f"{line}:"))
    return int(found.split()[1]) / MEBI


def main(preset: str = "ddpm-celebahq-256") -> int:
    """Trace one preset on ``meta``; 1 if that took more than `LIMIT`, else 0."""
    sys.path.insert(0, str(ROOT))
    from reference_model import build, example_inputs  # noqa: PLC0415

    with torch.device("meta"):
        model = build(preset)
    inputs = {name: given.to("meta") for name, given in example_inputs(model.config).items()}
    before = in_memory()

    from tracer.from_torch.api import trace  # noqa: PLC0415

    imported = in_memory()
    found = trace(model, inputs)
    after, peak = in_memory(), in_memory("VmHWM")
    rows = {
        "PyTorch and the skeleton": before,
        "importing the tracer": imported - before,
        f"the trace of {len(found.steps)} steps": after - imported,
        "at its peak": peak - after,
        "beyond PyTorch and the skeleton": peak - before,
        "limit": LIMIT,
    }
    sys.stdout.writelines(f"{name:40} {size:8.1f} MiB\n" for name, size in rows.items())
    return int(peak - before > LIMIT)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
