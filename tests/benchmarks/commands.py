"""How long commands take, as a person waits for them, beside what cannot be avoided.

All are processes of their own, run in turn. The yardsticks: importing the parts of rich that write
tables, and a script that runs the same model once on ``meta``.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.stopwatch import Timed, in_turn

ROUNDS = 9
MODEL = "ddpm-cifar10"
RICH = "import rich.console, rich.table"
BARE = """
import torch, reference_model
with torch.device("meta"):
    model = reference_model.build("ddpm-cifar10").eval()
inputs = reference_model.example_inputs(model.config, device="meta")
with torch.no_grad():
    model(**inputs)
"""
ROOT = Path(__file__).parents[2]


def waited() -> dict[str, float]:
    """Seconds by command."""
    with TemporaryDirectory() as folder:
        saved = str(Path(folder) / "trace.json")
        _run(_command("trace", MODEL, "-o", saved))
        return _medians(
            {
                "import rich": _python(RICH),
                "--help": _command("--help"),
                "show trace.json": _command("show", saved),
                "import torch": _python("import torch"),
                "script": _python(BARE),
                f"show {MODEL}": _command("show", MODEL),
            }
        )


def _python(script: str) -> list[str]:
    return [sys.executable, "-c", script]


def _command(*words: str) -> list[str]:
    return [str(Path(sys.executable).with_name("unet-trace")), *words]


def _medians(commands: dict[str, Sequence[str]]) -> dict[str, float]:
    times = in_turn({name: Timed(partial(_run, words)) for name, words in commands.items()}, ROUNDS)
    return {name: one.median for name, one in times.items()}


def _run(words: Sequence[str]) -> None:
    subprocess.run(words, cwd=ROOT, capture_output=True, check=True)
