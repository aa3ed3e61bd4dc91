"""A copy of a package that is first on the search path, for tests that write into its source."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.conftest import ROOT

LINE_LENGTH = 100
"""The lines of the copies: neither that of every package, nor the default of the formatter."""

RUN = """\
import sys, torch
from copied_net import net
from tests.from_torch.registry import run, tensors
from tracer.cli import main

torch.manual_seed(0)
model, inputs = net()
for weight in model.parameters():  # also of layers that begin with zeros
    torch.nn.init.normal_(weight, std=0.1)
with torch.no_grad():
    torch.save([*tensors(run(model, inputs))], sys.argv[1] + ".pt")
status = main(["trace", "copied_net:net", *sys.argv[3:], "-o", sys.argv[1] + ".json"])
for words in sys.argv[2].split():
    status = status or main(["annotate", "copied_net:net", *sys.argv[3:], words])
sys.exit(status)
"""
"""Runs the model of a copy, with and without the tracer, and then `annotate` with some words."""


@dataclass(frozen=True)
class CopiedPackage:
    """A folder with a copy of a package, and a module `copied_net` that builds a model of it."""

    folder: Path
    name: str

    @staticmethod
    def into(folder: Path, name: str, net: str) -> CopiedPackage:
        """Copy a package, and format it; `net` is the source of a function that builds a model."""
        spec = find_spec(name)
        assert spec
        assert spec.origin
        leave_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(Path(spec.origin).parent, folder / name, ignore=leave_out)
        (folder / "copied_net.py").write_text(net)
        (folder / "ruff.toml").write_text(f"line-length = {LINE_LENGTH}\n")
        copied = CopiedPackage(folder, name)
        copied.format()
        return copied

    def format(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the formatter on the copy, with its own configuration."""
        command = [sys.executable, "-m", "ruff", "format", "--no-cache", "-q", *words, self.name]
        return subprocess.run(command, cwd=self.folder, check=False, capture_output=True, text=True)

    def run(self, result: str, annotate: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the model, writing what it did to `<result>.json` and `<result>.pt`; annotate it.

        Args:
            result: The name of the files.
            annotate: What to run `annotate` with afterwards, one after the other.
            words: Options of the target.
        """
        path = os.pathsep.join((str(self.folder), str(ROOT)))
        return subprocess.run(
            [sys.executable, "-W", "ignore", "-c", RUN, result, annotate, *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path},
            check=False,
            capture_output=True,
            text=True,
        )

    def text(self) -> dict[str, str]:
        """The text of every source file of the copy."""
        found = sorted((self.folder / self.name).rglob("*.py"))
        return {str(path.relative_to(self.folder)): path.read_text("utf-8") for path in found}
