"""tracer/cli/size_laws.py: the commands about sizes, and how they end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import GOLDEN
from tests.user_code import UNET, forgotten, write
from tracer.cli import main

TOY = str(GOLDEN / "toy_unet.json")
MODEL = "model.py:UNet"

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "model.py", UNET)
    with forgotten(tmp_path):
        yield tmp_path


def test_sizes_tells_the_law_and_each_reason(capsys: Capture) -> None:
    assert main(["sizes", MODEL, "--input", "x=1x3x8x8"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[:2] == [
        f"UNet ({MODEL} --input x=1x3x8x8)",
        "H and W: multiples of 2, at least 2; any B",
    ]
    assert out[5].split()[:5] == ["H", "or", "W", "=", "9"]
    assert "conv_in" in out[5]
    assert out[-3] == "sizes: x B × 3 × H × W"
    assert out[-1] == "In evaluation mode."


def test_sizes_names_axes_as_asked(capsys: Capture) -> None:
    assert main(["sizes", MODEL, "--input", "x=1x3x8x8", "--dims", "x=N,3,h,8"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "h: multiples of 2, at least 2; any N"


def test_sizes_as_json_holds_the_rules_with_their_causes(capsys: Capture) -> None:
    assert main(["sizes", MODEL, "--input", "x=1x3x8x8", "--format", "json"]) == 0
    law = json.loads(capsys.readouterr().out)
    batch, height, _ = law["rules"]
    assert (batch["multiple"], height["multiple"], height["minimum"]) == (1, 2, 2)
    assert height["causes"][0]["mismatch"]["pushed"]["block"] == "conv_in"


def test_sizes_of_a_model_that_fails_are_not_known(capsys: Capture) -> None:
    assert main(["sizes", MODEL, "--input", "x=1x3x9x8"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"To see which sizes work: unet-trace explain {MODEL} --input x=1x3x9x8\n" in err


def test_explain_ends_with_1_where_a_size_fails(capsys: Capture) -> None:
    assert main(["explain", MODEL, "--input", "x=1x3x9x8"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith(f"UNet ({MODEL}) fails at x 1×3×9×8\n")
    assert "Nearest sizes that work: H = 8 or 10 (H: multiples of 2, at least 2).\n" in out
    padded = "It works with padding: F.pad(x, (0, 0, 0, 1)), then [..., 0:9, 0:8] of the result.\n"
    assert padded in out
    assert err == ""


def test_explain_ends_with_0_where_it_works(capsys: Capture) -> None:
    assert main(["explain", MODEL, "--input", "x=1x3x8x8"]) == 0
    assert capsys.readouterr().out == (
        f"UNet ({MODEL}) works at x 1×3×8×8\n\nIn evaluation mode.\n"
    )


def test_explain_as_markdown_is_a_list(capsys: Capture) -> None:
    assert main(["explain", MODEL, "--input", "x=1x3x9x8", "--format", "markdown"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("**UNet (model.py:UNet) fails at x 1×3×9×8**\n\n- cat ")


def test_explain_is_written_to_a_file(here: Path) -> None:
    words = ["explain", MODEL, "--input", "x=1x3x9x8", "-o", "why.json"]
    assert main(words) == 1
    why = json.loads((here / "why.json").read_text())
    assert why["padding"][0]["pad"] == [0, 0, 0, 1]


@pytest.mark.parametrize("command", ["sizes", "explain"])
def test_a_saved_trace_cannot_be_run_at_other_sizes(command: str, capsys: Capture) -> None:
    assert main([command, TOY]) == 2
    assert "is a saved trace, and this command has to run the model" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--dims", "x"], '"x" is not of the form NAME=AXIS,...'),
        (["--dims", "x=B", "--dims", "x=B"], "x is given twice."),
        (["--dims", "y=B,3"], 'The model has no input "y" to name the axes of. Available: x.'),
        (["--dims", "x=B,3"], '"x" has 4 axes, but 2 are named.'),
    ],
)
def test_names_that_do_not_fit_are_told_so(words: list[str], says: str, capsys: Capture) -> None:
    assert main(["sizes", MODEL, "--input", "x=1x3x8x8", *words]) == 2
    assert says in capsys.readouterr().err
