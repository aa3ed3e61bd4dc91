"""Every option on every command: taken and honored, or refused with the reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.option_page import SECTION, page_section
from tests.conftest import GOLDEN, ROOT, UPDATE
from tracer.cli import main
from tracer.cli.app import COMMANDS
from tracer.cli.option_table import COMMAND_NAMES, OPTION_TABLE
from tracer.store import load

TOY = str(GOLDEN / "toy_unet.json")
LOCK = str(GOLDEN / "toy_unet.shapes.yaml")
TAKES = {
    command.name: {word for one in command.options for word in one.words} for command in COMMANDS
}
HOLES = [(row.option.words[0], name) for row in OPTION_TABLE for name in row.reasons]

Capture = pytest.CaptureFixture[str]


def error(capsys: Capture, *words: str) -> str:
    assert main([*words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    return " ".join(err.split())


def test_the_table_is_about_the_commands_there_are() -> None:
    assert tuple(command.name for command in COMMANDS) == COMMAND_NAMES
    for row in OPTION_TABLE:
        assert sorted((*row.commands, *row.reasons)) == sorted(COMMAND_NAMES)
        assert all(row.reasons.values())


def test_no_command_has_an_option_twice() -> None:
    for command in COMMANDS:
        words = [word for one in command.options for word in one.words]
        assert len(words) == len(set(words)), command.name


def test_an_option_that_a_command_does_not_take_is_refused_with_the_reason(
    capsys: Capture,
) -> None:
    for flag, command in HOLES:
        if flag not in TAKES[command]:
            text = error(capsys, command, flag)
            assert re.search(f"Error: {command} has no {flag}: .+ ha(s|ve) it\\.$", text), text


@pytest.mark.parametrize(
    ("word", "hint"),
    [("--pth", " Did you mean '--path'?"), ("--zebra", ""), ("--sat", ""), ("--op", "")],
)
def test_only_a_similar_option_is_suggested(word: str, hint: str, capsys: Capture) -> None:
    assert error(capsys, "stack", TOY, word).endswith(f"Error: No such option '{word}'.{hint}")


@pytest.mark.parametrize(
    "words", [["stack"], ["show"], ["cost"], ["sizes"], ["verify"], ["trace"], ["explain"]]
)
def test_a_lock_file_is_called_one(words: list[str], capsys: Capture) -> None:
    text = error(capsys, *words, LOCK)
    assert text.startswith(f"Error: {LOCK} is a lock file, which only `check` and `diff` read")


def test_a_lock_file_is_known_by_what_is_in_it(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "shapes.json"
    file.write_bytes(Path(LOCK).read_bytes())
    assert "is a lock file" in error(capsys, "show", str(file))
    assert "is a lock file" in error(capsys, "checkpoint", str(file), LOCK)


@pytest.mark.parametrize("command", ["show", "stack", "cost", "presets"])
def test_a_suffix_that_names_no_format_is_refused_and_nothing_is_written(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    target = [] if command == "presets" else [TOY]
    for name, problem in (("s.tsv", 'Unknown format ".tsv"'), ("s", '"s" has no suffix')):
        text = error(capsys, command, *target, "-o", name)
        assert problem in text
        assert text.endswith("Use .txt, .md, .html, .csv or .json, or give --format.")
        assert main([command, *target, "-o", name, "--format", "plain"]) == 0
        assert capsys.readouterr() == ("", f"Wrote {name}.\n")
        assert Path(name).read_text(encoding="utf-8")


@pytest.mark.parametrize("by", ["level", "operation"])
def test_costs_by_level_and_by_operation_are_those_of_the_path(by: str, capsys: Capture) -> None:
    trace = load(Path(TOY))
    down = [block for block in trace.blocks.values() if block.path.startswith("down.")]
    outermost = [block for block in down if block.path.count(".") < 3]
    steps = [step for step in trace.steps if step.block.startswith("down.")]
    words = ("cost", TOY, "--path", "down", "--by", by, "--format")
    assert main([*words, "json"]) == 0
    record = json.loads(capsys.readouterr().out)
    rows = record["levels" if by == "level" else "operations"]
    flops = sum(step.flops or 0 for step in steps)
    assert record["total"]["flops"] == sum(row["flops"] for row in rows) == flops
    parameters = sum(block.parameters for block in outermost)
    assert record["total"]["parameters"] == parameters
    if by == "level":
        assert sum(row["parameters"] for row in rows) == parameters
        assert {row["part"] for row in rows} == {"encoder"}
    else:
        assert {row["operation"] for row in rows} == {step.op for step in steps}
    assert main([*words, "plain"]) == 0
    out = capsys.readouterr().out
    assert "Totals of down only:" in out
    assert "33,259" not in out


@pytest.mark.parametrize("option", [["--depth", "1"], ["--fold"]])
def test_options_of_rows_are_refused_where_no_rows_are_blocks(
    option: list[str], capsys: Capture
) -> None:
    text = error(capsys, "cost", TOY, "--by", "level", *option)
    assert text.endswith(f"add --by block, or drop {option[0]}.")


def test_operations_are_not_folded(capsys: Capture) -> None:
    assert error(capsys, "show", TOY, "--ops", "--fold").endswith("leave out --ops or --fold.")


def test_a_path_selects_the_tensors_that_its_blocks_push_or_pop(capsys: Capture) -> None:
    def sources(*words: str) -> list[str]:
        assert main(["stack", TOY, "--format", "csv", *words]) == 0
        return [line.split(",")[1] for line in capsys.readouterr().out.splitlines()[1:]]

    assert sources() == ["conv_in", "down.0.block", "down.0.downsample"]
    assert sources("--path", "down") == ["down.0.block", "down.0.downsample"]
    assert sources("--path", "up.1") == ["down.0.downsample"]
    assert main(["stack", TOY, "--path", "up.1"]) == 0
    assert "Listed: 1 of 3 tensors.\n" in capsys.readouterr().out
    assert 'matches "dwon"' in error(capsys, "stack", TOY, "--path", "dwon")


def pages() -> Iterator[tuple[str, Path]]:
    yield from ((language, ROOT / "docs" / language / "tool.md") for language in ("en", "ko"))


def test_the_pages_show_the_table(request: pytest.FixtureRequest) -> None:
    for language, path in pages():
        text = path.read_text(encoding="utf-8")
        section = page_section(language)
        wanted = SECTION.sub(lambda found, section=section: found[1] + section + found[3], text)
        if request.config.getoption(UPDATE):
            path.write_text(wanted, encoding="utf-8")
        assert SECTION.search(text)
        assert request.config.getoption(UPDATE) or text == wanted, f"run pytest {UPDATE}"
