"""Columns of the table of shapes that are chosen by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import tracer
from tests.conftest import GOLDEN
from tracer.cli import main
from tracer.cli.commands.show import COLUMN_NAMES
from tracer.errors import TraceError
from tracer.record import Trace
from tracer.render.tables.chosen_columns import COLUMNS, chosen_table, require_columns
from tracer.store import load

Capture = pytest.CaptureFixture[str]


class Grouped(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 8, (3, 1), stride=(2, 1), groups=2, bias=False)
        self.pool = nn.MaxPool2d(2)
        self.norm = nn.BatchNorm2d(8)
        self.mix = Mix()
        self.conv.weight.requires_grad_(False)

    def forward(self, image: Tensor, scale: Tensor) -> Tensor:
        h = self.norm(self.pool(self.conv(image)))
        return self.mix([h, h], other=scale)


class Mix(nn.Module):
    def forward(self, pair: list[Tensor], *, other: Tensor) -> Tensor:
        return (pair[0] + pair[1]) * other


@pytest.fixture(scope="module")
def trace() -> Trace:
    return tracer.trace(Grouped().eval(), (torch.empty(2, 4, 9, 8), torch.empty(())))


def column(trace: Trace, name: str) -> dict[str, str]:
    table = chosen_table(trace, [name])
    return dict(zip(table.columns[0].cells, table.columns[1].cells, strict=True))


def test_the_command_knows_the_columns() -> None:
    assert tuple(COLUMNS) == COLUMN_NAMES
    assert require_columns(["all"]) == COLUMN_NAMES
    assert require_columns(["out", "in", "out"]) == ("out", "in")
    with pytest.raises(TraceError, match=r'no column "kernal". Did you mean "kernel"\\?'):
        require_columns(["kernal"])


def test_convolutions_and_poolings_have_a_kernel_and_a_stride(trace: Trace) -> None:
    assert column(trace, "kernel") == {
        "Grouped": "",
        "conv": "3×1",
        "pool": "2",
        "norm": "",
        "mix": "",
    }
    assert column(trace, "stride")["conv"] == "2×1"
    assert column(trace, "groups") == {
        "Grouped": "",
        "conv": "2",
        "pool": "",
        "norm": "",
        "mix": "",
    }


def test_parameters_are_trainable_or_frozen(trace: Trace) -> None:
    assert column(trace, "parameters")["Grouped"] == "64"
    assert column(trace, "trainable") == {
        "Grouped": "16",
        "conv": "",
        "pool": "",
        "norm": "16",
        "mix": "",
    }
    assert column(trace, "frozen")["conv"] == "48"
    assert column(trace, "percent")["norm"] == "25.0"


def test_inputs_have_the_names_of_arguments(trace: Trace) -> None:
    names = column(trace, "arguments")
    assert names["Grouped"] == "image 2×4×9×8, scale scalar"
    assert names["conv"] == "input 2×4×9×8"
    assert names["mix"] == "pair 2×8×2×4, pair 2×8×2×4, other scalar"


def test_outputs_have_a_dtype_and_bytes(trace: Trace) -> None:
    assert column(trace, "dtype")["mix"] == "float32"
    assert column(trace, "bytes")["conv"] == "2.0 KiB"
    assert [block.outputs[0].shape for block in trace.root.children][:2] == [
        (2, 8, 4, 8),
        (2, 8, 2, 4),
    ]
    model = nn.Conv2d(3, 8, 3, padding=1)
    symbolic = tracer.trace(model, torch.empty(1, 3, 8, 8), symbolic=True)
    assert column(symbolic, "bytes") == {"Conv2d": "32·B·H·W"}


def test_a_trace_of_an_older_version_says_what_it_does_not_know(capsys: Capture) -> None:
    old = load(GOLDEN / "toy_unet.json")
    assert column(old, "trainable")["ToyUNet"] == "?"
    assert column(old, "frozen")["conv_in"] == "?"
    assert column(old, "arguments")["conv_in"] == "1×3×16×16"
    assert chosen_table(old, ["frozen"]).summary[-1].startswith("(?: this trace does not say")
    assert "(?" not in " ".join(chosen_table(old, ["out"]).summary)


def test_a_file_without_the_new_fields_is_read(trace: Trace, tmp_path: Path) -> None:
    document = tmp_path / "old.json"
    root = trace.root
    bare = replace(
        trace,
        root=replace(
            root,
            trainable=None,
            arguments=(),
            children=tuple(
                replace(one, trainable=None, arguments=(), kernel=(), stride=(), groups=0)
                for one in root.children
            ),
        ),
    )
    tracer.save(bare, document)
    old = document.read_text(encoding="utf-8")
    for field in (
        ',"trainable":null',
        ',"arguments":[]',
        ',"kernel":[]',
        ',"stride":[]',
        ',"groups":0',
    ):
        assert field in old
        old = old.replace(field, "")
    document.write_text(old, encoding="utf-8")
    assert tracer.load(document) == bare


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("--columns out --ops", "--columns is for rows of blocks: leave out --ops or --columns."),
        ("--columns out --format json", "--columns is for tables: JSON has every field."),
        ("--columns outt", 'There is no column "outt". Did you mean "out"?'),
    ],
)
def test_columns_are_refused_where_there_are_none(
    words: str, problem: str, capsys: Capture
) -> None:
    assert main(["show", str(GOLDEN / "toy_unet.json"), *words.split()]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert problem in err


def test_the_columns_are_those_of_the_csv(capsys: Capture) -> None:
    words = ["show", str(GOLDEN / "toy_unet.json"), "--columns", "out, percent", "--format", "csv"]
    assert main(words) == 0
    assert capsys.readouterr().out.startswith("block,out,% params\nToyUNet,1×3×16×16,100\n")
