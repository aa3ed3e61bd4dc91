"""docs/experiments/: the programs whose records stand on pages."""

from __future__ import annotations

import sys

import pytest

import tracer
from tests.conftest import ROOT
from tests.site.guide import snippets
from tracer.cli.app import COMMANDS
from tracer.site.content.breakages import RecordedChange, read_breakages
from tracer.site.content.site_config import Experiment
from tracer.site.models.run_experiments import recorded
from tracer.site.pages.views.reference_page import command_helps, public_names
from tracer.site.pages.views.torch_fx_page import side_by_side, torch_fx_view
from tracer.site.pages.words import WORDS

DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def breaks() -> dict[str, RecordedChange]:
    """What each change did, by its name."""
    record, _ = recorded(Experiment("breaks", "experiments/breaks.py:record"), DOCS)
    found = read_breakages(DOCS / "breaks.yaml", record)
    return {one.recorded.id: one.recorded for one in found}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        ("no-push", "shape [256] and input of shape [1, 128, 16, 16]", "down.1.block.1.norm1"),
        ("lost-downsample", "Expected size 64 but got size 32", "cat(conv2d"),
        ("odd-size", "Expected size 8 but got size 9", "conv2d made 4 of 9"),
        ("channels", "num_channels (48) must be divisible by num_groups (32)", ""),
    ],
)
def test_a_change_fails_as_its_text_says(
    breaks: dict[str, RecordedChange], change: str, error: str, told: str
) -> None:
    found = breaks[change]
    assert error in found.error
    assert told in found.note
    assert "altered_" not in f"{found.frames}{found.note}{found.trace}"
    assert 'File "reference_model/' in found.frames


@pytest.mark.slow
@pytest.mark.parametrize("change", ["swapped-cat", "even-pad"])
def test_a_silent_change_keeps_every_shape_and_changes_the_output(
    breaks: dict[str, RecordedChange], change: str
) -> None:
    found = breaks[change]
    assert found.error == ""
    assert found.outputs is not None
    assert found.outputs.shape == (1, 3, 32, 32)
    assert found.outputs.differ > 0.9 * found.outputs.count
    assert found.outputs.most > found.outputs.spread / 2


def test_the_changes_are_made_where_the_code_says() -> None:
    sys.path.insert(0, str(DOCS / "experiments"))
    try:
        from altered_copy import Edit
    finally:
        sys.path.pop(0)
    edit = Edit("model.py", "a", "b")
    assert edit.apply("cat") == "cbt"
    with pytest.raises(ValueError, match="2 times, not once"):
        edit.apply("aha")


@pytest.mark.slow
def test_torch_fx_is_stopped_by_questions_about_values_and_sizes() -> None:
    record, _ = recorded(Experiment("torch-fx", "experiments/torch_fx.py:record"), DOCS)
    found = torch_fx_view(record, WORDS["en"]).record
    errors = {stop.name: stop.error for stop in found.stops}
    assert "'len' is not supported in symbolic tracing" in errors["RankCheck"]
    assert "not 'Proxy'" in errors["ScaleByChannels"]
    assert "cannot be used as inputs to control flow" in errors["SizeCheck"]
    silent = next(stop for stop in found.stops if stop.name == "TensorOrDict")
    assert (silent.error, "x['sample']" in silent.made) == ("", True)
    pairs = list(side_by_side(found.symbolic, found.recorded))
    alone = [one.target for one, two in pairs if one is not None and two is None]
    assert alone == ["dropout"]
    assert all(one is None or two is None or one.shape == two.shape for one, two in pairs)
    assert all(one is not None for one, _ in pairs)


def test_the_code_on_the_page_about_torch_fx_runs() -> None:
    english, korean = (snippets(f"{language}/torch-fx.md") for language in ("en", "ko"))
    assert [kind for kind, _ in english] == [kind for kind, _ in korean]
    names: dict[str, object] = {"__name__": "page"}
    blocks = [code for kind, code in english if kind == "python"]
    assert len(blocks) == 4
    for code in blocks:
        exec(compile(code, "torch-fx.md", "exec"), names)


def test_the_pages_about_commands_and_names_have_all_of_them() -> None:
    record, _ = recorded(Experiment("commands", "experiments/reference.py:commands"), DOCS)
    commands = {one.name: one for one in command_helps(record)}
    assert list(commands) == [one.name for one in COMMANDS]
    shown = dict(commands["show"].options)
    assert shown["--ops"] == "Show every operation, not the blocks."
    assert sum(bool(one.examples) for one in commands.values()) > 10

    record, _ = recorded(Experiment("api", "experiments/reference.py:functions"), DOCS)
    names = {one.name: one for one in public_names(record)}
    assert names.keys() <= set(tracer.__all__)
    assert {"trace", "graph", "diff", "report", "Trace", "TraceError"} <= names.keys()
    arguments = dict(names["trace"].sections[0].entries)
    assert arguments["symbolic"].startswith("Whether sizes are formulas")
    assert names["graph"].example.startswith(">>> import torch")
    assert names["cost"].example.startswith(">>> from tracer.record import Block")
    told = [text for one in names.values() for part in one.sections for _, text in part.entries]
    assert not [text for text in told if ">>>" in text]
    assert names["annotate"].remark == "PyTorch's own files are not the model's:"
    assert "target: str = ''" in names["trace"].signature
