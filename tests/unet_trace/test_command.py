"""The command from its first line to the last: a signal that comes before it was imported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tracer.cli import signals
from unet_trace import command

SIGNALED = """
import os, signal, sys

signal.signal(signal.SIGHUP, signal.{hangup})


class SignalsWhenImported:
    def find_spec(self, name, path=None, target=None):
        if name == "{module}":
            try:
                os.kill(os.getpid(), signal.{signal})
                for _ in range(1000):
                    pass
            except BaseException:  # as an extension may do
                pass


sys.meta_path.insert(0, SignalsWhenImported())
from unet_trace.command import main

sys.argv = ["unet-trace", "schema"]
sys.exit(main())
"""
MODULES = ("unet_trace.own_packages", "tracer.cli", "tracer.cli.entry_point", "tracer.cli.signals")
NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


def run(module: str, name: str, folder: Path, hangup: str) -> subprocess.CompletedProcess[str]:
    """Run the command; it gets a signal while it imports a module."""
    return subprocess.run(
        [sys.executable, "-c", SIGNALED.format(module=module, signal=name, hangup=hangup)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("name", NAMES)
def test_a_signal_while_the_command_is_imported_is_one_message(
    module: str, name: str, tmp_path: Path
) -> None:
    done = run(module, name, tmp_path, "SIG_DFL")
    number = getattr(signal, name)
    expected = (128 + number, "", f"{command.EARLY_SENTENCES[name]}\n")
    assert (done.returncode, done.stdout, done.stderr) == expected


def test_a_signal_that_is_ignored_does_not_end_the_command(tmp_path: Path) -> None:
    done = run("tracer.cli", "SIGHUP", tmp_path, "SIG_IGN")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_sentences_and_statuses_are_those_of_the_command_itself() -> None:
    assert command.EARLY_SENTENCES == signals.SIGNAL_SENTENCES
    assert command.EARLY_STATUS == signals.SIGNAL_STATUS
