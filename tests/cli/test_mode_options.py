"""`--train` and `--eval`: the mode that a model runs in, and where it is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import tracer
from tests.user_code import forgotten, write
from tracer.cli import main
from tracer.cli.app import COMMANDS
from tracer.cli.options import MODE

Capture = pytest.CaptureFixture[str]

POOLED = """
import torch
from torch import nn


class Pooled(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 3, padding=1)
        self.p = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 8, 1), nn.BatchNorm2d(8))
        self.drop = nn.Dropout()

    def forward(self, x):
        h = self.a(x)
        return h + self.drop(self.p(h))


there = Pooled()
"""
ONE, TWO = ("--input", "x=1x3x16x16"), ("--input", "x=2x3x16x16")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    with forgotten(tmp_path):
        write(tmp_path, "pooled.py", POOLED)
        yield tmp_path


def test_a_failure_in_training_mode_says_how_to_run_in_evaluation_mode(capsys: Capture) -> None:
    assert main(["show", "pooled.py:Pooled", *ONE, "--train"]) == 2
    assert "To run it in evaluation mode: --eval." in capsys.readouterr().err
    assert main(["show", "pooled.py:Pooled", "--input", "x=1x4x16x16"]) == 2
    assert "--eval" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [("show",), ("show", "--ops"), ("stack",), ("cost",), ("sizes",)]
)
def test_a_class_runs_in_evaluation_and_the_table_says_so(
    command: tuple[str, ...], capsys: Capture
) -> None:
    assert main([command[0], "pooled.py:Pooled", *ONE, *command[1:]]) == 0
    assert "In evaluation mode.\n" in capsys.readouterr().out
    assert main([command[0], "pooled.py:Pooled", *TWO, *command[1:], "--train"]) == 0
    assert "In training mode.\n" in capsys.readouterr().out


def test_a_model_that_is_there_keeps_its_mode(capsys: Capture) -> None:
    assert main(["show", "pooled.py:there", *TWO]) == 0
    assert "In training mode.\n" in capsys.readouterr().out
    assert main(["show", "pooled.py:there", *ONE, "--eval"]) == 0
    assert "In evaluation mode.\n" in capsys.readouterr().out


def test_dropout_is_an_operation_in_training_alone(capsys: Capture) -> None:
    def ops(*words: str) -> list[str]:
        assert main(["show", "pooled.py:Pooled", *TWO, "--ops", "--format", "json", *words]) == 0
        return [step["op"] for step in json.loads(capsys.readouterr().out)]

    assert "dropout" in ops("--train")
    assert "dropout" not in ops()


def test_training_needs_a_batch_of_two_and_the_rules_say_so(capsys: Capture) -> None:
    assert main(["sizes", "pooled.py:Pooled", *TWO, "--train"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[1] == "B: at least 2; any H and W"
    assert main(["explain", "pooled.py:Pooled", *ONE, "--train"]) == 1
    assert "Expected more than 1 value per channel when training" in capsys.readouterr().out


def test_the_mode_is_printed_in_what_was_asked_only_if_it_was(capsys: Capture) -> None:
    assert main(["show", "pooled.py:Pooled", *TWO]) == 0
    assert capsys.readouterr().out.startswith("Pooled (pooled.py:Pooled --input x=2x3x16x16)\n")
    assert main(["show", "pooled.py:Pooled", *TWO, "--train"]) == 0
    assert capsys.readouterr().out.startswith(
        "Pooled (pooled.py:Pooled --input x=2x3x16x16 --train)\n"
    )


def test_every_command_that_runs_a_model_takes_the_mode() -> None:
    without = {"checkpoint", "presets", "schema"}
    for command in COMMANDS:
        flags = {flag for option in command.options for flag in option.flags}
        assert (MODE.flags[0] in flags) == (command.name not in without), command.name


def test_every_command_that_runs_a_model_takes_a_time_limit() -> None:
    without = {"presets", "schema"}
    for command in COMMANDS:
        flags = {flag for option in command.options for flag in option.flags}
        assert ("--time-limit" in flags) == (command.name not in without), command.name


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "soon"])
def test_a_time_limit_is_a_positive_number(seconds: str, capsys: Capture) -> None:
    assert main(["show", "pooled.py:Pooled", "--time-limit", seconds]) == 2
    assert "--time-limit" in capsys.readouterr().err


def test_a_saved_trace_says_its_mode_and_has_no_other(capsys: Capture) -> None:
    assert main(["trace", "pooled.py:Pooled", *TWO, "--train", "-o", "t.json"]) == 0
    assert tracer.load("t.json").mode == "training"
    assert main(["show", "t.json"]) == 0
    assert "In training mode.\n" in capsys.readouterr().out
    assert main(["show", "t.json", "--eval"]) == 2
    assert "--train and --eval apply to models that are run" in capsys.readouterr().err


# ------------------------------------------------------------------------------------ lock files


def lock(name: str, *words: str) -> str:
    assert main(["lock", "pooled.py:Pooled", *TWO, *words, "-o", name]) == 0
    return Path(name).read_text(encoding="utf-8")


def test_a_lock_file_says_the_mode(capsys: Capture) -> None:
    assert "\nmode: evaluation\n" in lock("eval.yaml")
    assert "\nmode: training\n" in lock("train.yaml", "--train")


def test_a_check_runs_in_the_mode_that_was_asked_for_when_the_file_was_written(
    capsys: Capture,
) -> None:
    lock("train.yaml", "--train")
    capsys.readouterr()
    assert main(["check", "pooled.py:Pooled", "train.yaml", *TWO]) == 0
    assert "mode" not in capsys.readouterr().out
    assert main(["check", "pooled.py:Pooled", "train.yaml", *TWO, "--eval"]) in (0, 1)
    assert "locked: training mode; now: evaluation mode.\n" in capsys.readouterr().out


def test_an_update_writes_the_mode(capsys: Capture) -> None:
    lock("a.yaml")
    assert main(["check", "pooled.py:Pooled", "a.yaml", *TWO, "--train", "--update"]) == 0
    assert "\nmode: training\n" in Path("a.yaml").read_text(encoding="utf-8")


def older(name: str, *changes: tuple[str, str]) -> Path:
    """A lock file as version 0.1 wrote it, with other findings."""
    text = lock(name).replace("unet-trace-lock/2", "unet-trace-lock/1")
    for old, new in (("mode: evaluation\n", ""), *changes):
        assert old in text
        text = text.replace(old, new)
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def test_an_older_lock_file_that_is_right_passes(capsys: Capture) -> None:
    older("a.yaml")
    assert main(["check", "pooled.py:Pooled", "a.yaml", *TWO]) == 0
    assert "older version" not in capsys.readouterr().out


OTHER_RULES = ("H: any", 'H: "multiples of 2, at least 2"')


def test_what_an_older_version_found_otherwise_is_told_in_one_line(capsys: Capture) -> None:
    older("a.yaml", OTHER_RULES)
    words = ["check", "pooled.py:Pooled", "a.yaml", *TWO]
    capsys.readouterr()
    assert main(words) == 1
    assert capsys.readouterr().out == (
        "pooled.py:Pooled --input x=2x3x16x16 against a.yaml\n\n"
        "This lock file was written by an older version of unet-trace; 1 difference may come from "
        "that: rewrite it with `unet-trace check pooled.py:Pooled --input x=2x3x16x16 a.yaml "
        "--update`.\n"
    )
    assert main([*words, "--all"]) == 1
    assert "size rule for H" in capsys.readouterr().out
    assert main([*words, "--update"]) == 0
    assert main(words) == 0
    assert "format: unet-trace-lock/2\n" in Path("a.yaml").read_text(encoding="utf-8")


def test_a_model_that_changed_is_told_as_ever(capsys: Capture) -> None:
    older("a.yaml", ("parameters: 312", "parameters: 313"))
    assert main(["check", "pooled.py:Pooled", "a.yaml", *TWO]) == 1
    out = capsys.readouterr().out
    assert "changed" in out
    assert "some of the differences may come from that." in out
