"""The command on models that print, exit, crash, fork or never end: a message, the right status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.conftest import ROOT, Golden
from tests.robustness import hostile_models
from tests.robustness.robustness_figures import check_figures
from tests.robustness.run_models import SECONDS
from tracer.store import from_json

FILE = Path(hostile_models.__file__)
CLASSES = {
    name
    for name, found in vars(hostile_models).items()
    if isinstance(found, type) and issubclass(found, hostile_models.Model)
}
AT = f"\n  at {FILE}:"
NO_TEXT = "its text cannot be shown, since __str__ raised"

FINE = {
    "Model": "",
    "Prints": "by print\nby its buffer\nby its number\nby a process\n",
    "PrintsAtExit": "",
    "Warns": "UserWarning: by a warning",
    "ClosesOutput": "",
    "ClosesErrors": "",
    "ClosesNumbers": "",
    "RemovesStreams": "",
    "ChangesFolder": "{target} changed the working folder; it was changed back.\n",
    "RemovesFolder": "{target} changed the working folder; it was changed back.\n",
    "Forks": "",
    "ForksAndWaits": "",
    "ForksAndFails": "",
    "ForksAndExits": "",
    "Spawns": "",
    "LeavesAProcess": "",
    "LeavesAThread": "The target left threads running; they end with the command.\n",
    "LeavesABriefThread": "",
}
"""Models that are traced as any other, and what is said of them."""

FAILING = {
    "Exits": (2, f"Error: The target called sys.exit(3).{AT}"),
    "ExitsWithText": (2, f"Error: The target called sys.exit('no more').{AT}"),
    "ExitsAtOnce": (2, f"Error: The target called os._exit(7).{AT}"),
    "ExitsInAThread": (2, "Error: A thread of the target called os._exit(7).\n"),
    "ExitsWhenBuilt": (
        2,
        f"ExitsWhenBuilt cannot be built: ModelExit: os._exit(0) was called\n  {FILE}:",
    ),
    "RaisesABase": (2, f"Error: The target raised Stop: enough{AT}"),
    "RaisesABaseWhenBuilt": (2, f"Error: The target raised Stop: enough{AT}"),
    "RaisesGeneratorExit": (2, f"Error: The target raised GeneratorExit: enough{AT}"),
    "RaisesSpeechless": (2, f"\nSpeechlessError: {NO_TEXT} RuntimeError\n"),
    "RaisesSpeechlessForGood": (2, f"\nSpeechlessForGoodError: {NO_TEXT} SystemExit\n"),
    "RaisesSpeechlessWhenBuilt": (2, f"cannot be built: SpeechlessError: {NO_TEXT} RuntimeError"),
    "RaisesSpeechlessBase": (2, f"Error: The target raised Base: {NO_TEXT} RuntimeError{AT}"),
    "Recurs": (2, "\nRecursionError: maximum recursion depth exceeded"),
    "Crashes": (-11, "Fatal Python error: Segmentation fault\n"),
    "Aborts": (-6, "Fatal Python error: Aborted\n"),
    "Interrupts": (130, "Interrupted.\n"),
    "Terminates": (143, "Terminated.\n"),
    "CatchesASignal": (143, "Terminated.\n"),
}
"""Models that end the command: its status, and what is said."""

ENDLESS = {
    "Sleeps": "in act.",
    "Spins": "in act.",
    "CatchesEverything": "and could not be interrupted.",
    "NeverBuilt": "in __init__.",
    "WaitsForALock": "in act.",
    "WaitsForAProcess": "in act.",
}
"""Models that never end, and what is said when the time is over."""


@cache
def runs() -> dict[str, dict[str, Any]]:
    """What the command did with each model."""
    with TemporaryDirectory() as folder:
        names = ",".join([*FINE, *FAILING])
        done = subprocess.run(
            [sys.executable, "-m", "tests.robustness.run_models", folder, names, ",".join(ENDLESS)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
    return {run["name"]: run for run in map(json.loads, done.stdout.splitlines())}


def test_every_hostile_model_is_tried(golden: Golden) -> None:
    assert {*FINE, *FAILING, *ENDLESS} == CLASSES
    check_figures(golden, "faults", {"hostile_models": len(CLASSES) - len({"Model"})})


@pytest.mark.parametrize("name", FINE)
def test_a_model_cannot_spoil_the_result_of_the_command(name: str) -> None:
    done = runs()[name]
    assert (done["status"], done["stdout"]) == (0, ""), done["stderr"]
    assert FINE[name].format(target=f"{FILE}:{name}") in done["stderr"]
    assert "Wrote out.json: 2 blocks, 1 operation.\n" in done["stderr"]
    assert "Traceback" not in done["stderr"]
    assert from_json(done["result"].encode()).model == name
    assert done["files"] == ["out.json"]


@pytest.mark.parametrize("name", FAILING)
def test_a_model_that_ends_is_one_message_with_the_right_status(name: str) -> None:
    status, said = FAILING[name]
    done = runs()[name]
    assert (done["status"], done["stdout"]) == (status, ""), done["stderr"]
    assert said in done["stderr"]
    assert "Traceback" not in done["stderr"]
    assert "Internal error" not in done["stderr"]
    assert done["files"] == (["out.json"] if "Wrote" in done["stderr"] else [])


@pytest.mark.parametrize("name", ENDLESS)
def test_a_model_that_never_ends_is_ended_by_the_time_limit(name: str) -> None:
    done = runs()[name]
    assert (done["status"], done["stdout"], done["files"]) == (2, "", []), done["stderr"]
    (line,) = [line for line in done["stderr"].splitlines() if not line.startswith("Assumed")]
    assert line.startswith(f"Error: {FILE}:{name} did not finish within {SECONDS:g} seconds")
    assert ENDLESS[name] in line
