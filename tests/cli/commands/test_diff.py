"""`unet-trace diff`: two models, and what tells them from each other."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import GOLDEN
from tests.user_code import UNET, forgotten, write
from tracer.cli import main

TOY = str(GOLDEN / "toy_unet.json")
LOCK = str(GOLDEN / "toy_unet.shapes.yaml")

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "model.py", UNET)
    with forgotten(tmp_path):
        yield tmp_path


def rows(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_a_model_is_what_it_is(capsys: Capture) -> None:
    assert main(["diff", TOY, TOY]) == 0
    assert capsys.readouterr().out.startswith(f"A: {TOY}\nB: {TOY}\n\nNothing differs")


def test_a_lock_file_stands_for_its_model(capsys: Capture) -> None:
    assert main(["diff", LOCK, TOY]) == 0
    assert "Nothing differs" in capsys.readouterr().out


def test_each_model_has_its_own_arguments_and_inputs(capsys: Capture) -> None:
    words = ["model.py:UNet", "model.py:UNet", "--set-b", "ch=16"]
    images = ["--input-a", "x=1x3x8x8", "--input-b", "x=1x3x8x8"]
    assert main(["diff", *words, *images]) == 1
    found = rows(capsys.readouterr().out)
    assert "changed conv_in outputs [1 8 8 8] [1 16 8 8]" in found
    assert "changed conv_in weights [8 3 3 3], [8] [16 3 3 3], [16]" in found
    assert not [line for line in found if " FLOPs 27,648 " in line]
    assert any(line.startswith("1,243 parameters -> ") for line in found)


def test_an_option_for_both_models_reaches_both_and_one_for_a_side_comes_first(
    capsys: Capture,
) -> None:
    both = ["model.py:UNet", "model.py:UNet", "--set", "ch=16", "--input", "x=1x3x8x8"]
    assert main(["diff", *both]) == 0
    assert "A: model.py:UNet --set ch=16 --input x=1x3x8x8" in capsys.readouterr().out
    assert main(["diff", *both, "--set-b", "ch=24", "--vary-a", "ch"]) == 1
    found = rows(capsys.readouterr().out)
    assert found[0] == "A: model.py:UNet --set ch=16 --input x=1x3x8x8 --vary ch"
    assert found[1].startswith("B: model.py:UNet --set ch=24 --input x=1x3x8x8")


def test_an_option_of_models_is_refused_where_both_are_files(capsys: Capture) -> None:
    for words in (["--set", "ch=16"], ["--train"]):
        assert main(["diff", TOY, LOCK, *words]) == 2
        assert f"are files and are not run. Drop {' '.join(words)}." in capsys.readouterr().err


def test_a_different_size_of_the_image_is_said_first(capsys: Capture) -> None:
    images = ["--input-a", "x=1x3x8x8", "--input-b", "x=1x3x16x16"]
    assert main(["diff", "model.py:UNet", "model.py:UNet", *images]) == 1
    found = rows(capsys.readouterr().out)
    assert "changed (the model) inputs [1 3 8 8] [1 3 16 16]" in found
    assert not [line for line in found if "parameters" in line]


def test_in_formulas_another_size_of_the_image_is_no_difference(capsys: Capture) -> None:
    images = ["--input-a", "x=1x3x8x8", "--input-b", "x=2x3x16x32"]
    assert main(["diff", "model.py:UNet", "model.py:UNet", *images, "--symbolic"]) == 0
    assert "Nothing differs" in capsys.readouterr().out


def test_channels_and_costs_differ_in_formulas_too(capsys: Capture) -> None:
    words = ["diff", "model.py:UNet", "model.py:UNet", "--set-b", "ch=16", "--symbolic"]
    assert main(words) == 1
    found = rows(capsys.readouterr().out)
    assert "changed conv_in outputs [B 8 H W] [B 16 H W]" in found
    assert " 1,584·B·H·W FLOPs -> 3,744·B·H·W" in found[-1]


def test_axes_have_the_names_that_they_are_given(capsys: Capture) -> None:
    words = ["diff", "model.py:UNet", "model.py:UNet", "--set-b", "ch=16"]
    names = ["--dims-a", "x=N,3,H,W", "--dims-b", "x=N,3,H,W"]
    assert main([*words, *names, "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)["differences"]
    outputs = next(one for one in found if one["what"] == "outputs")
    assert (outputs["before"], outputs["after"]) == ("[N 8 H W]", "[N 16 H W]")


def test_what_is_compared_with_formulas_is_in_formulas(capsys: Capture) -> None:
    assert main(["lock", "model.py:UNet", "--dims", "x=N,3,H,W", "-o", "unet.yaml"]) == 0
    assert main(["trace", "model.py:UNet", "--dims", "x=N,3,H,W", "-o", "unet.json"]) == 0
    for written in ("unet.yaml", "unet.json"):
        assert main(["diff", "model.py:UNet", written]) == 0
        assert main(["diff", written, "model.py:UNet", "--input-b", "x=3x3x4x4"]) == 0
    capsys.readouterr()
    assert main(["diff", TOY, "unet.json"]) == 2
    said = "A holds numbers, and B formulas: trace both with --symbolic, or both without."
    assert capsys.readouterr() == ("", f"Error: {said}\n")


def test_the_difference_comes_as_json_and_markdown(capsys: Capture) -> None:
    words = ["diff", "model.py:UNet", "model.py:UNet", "--set-b", "bias=false"]
    assert main([*words, "--format", "json"]) == 1
    out = capsys.readouterr().out
    begins = [one["what"] for one in json.loads(out)["differences"] if one["begins"]]
    assert begins == ["weights"]
    assert main([*words, "--format", "markdown"]) == 1
    row = r"| changed | `conv_in` | weights | \[8 3 3 3\], \[8\] | \[8 3 3 3\] |"
    assert row in capsys.readouterr().out


def test_settings_are_not_for_a_lock_file(capsys: Capture) -> None:
    assert main(["diff", LOCK, TOY, "--set-a", "ch=1"]) == 2
    assert "is a lock file: settings, inputs, --symbolic, --train and --eval apply to" in (
        capsys.readouterr().err
    )


def test_a_model_that_fails_is_not_compared(capsys: Capture) -> None:
    assert main(["diff", "model.py:UNet", TOY, "--input-a", "x=1x3x9x9"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Operation: cat(" in err


def test_both_are_drawn_side_by_side(here: Path, capsys: Capture) -> None:
    words = ["diff", "model.py:UNet", "model.py:UNet", "--set-b", "ch=16", "--diagram"]
    assert main([*words, "both.svg"]) == 1
    picture = html.unescape((here / "both.svg").read_text(encoding="utf-8"))
    assert 'class="node unit convolution encoder skip-1 changed"' in picture
    starts = {"pdf": b"%PDF", "png": b"\x89PNG", "dot": b"digraph comparison"}
    for suffix, start in starts.items():
        assert main([*words, f"both.{suffix}"]) == 1
        assert (here / f"both.{suffix}").read_bytes().startswith(start)
    said = [line for line in capsys.readouterr().err.splitlines() if "Wrote" in line]
    assert said == [f"Wrote both.{suffix}." for suffix in ("svg", *starts)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (f"{TOY} {TOY} --diagram both.jpg", 'Unknown format ".jpg". Use .svg, .png, .pdf or .dot.'),
        (f"{LOCK} {TOY} --diagram both.svg", "is a lock file and cannot be drawn: leave out"),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_anything_is_printed(
    words: str, said: str, capsys: Capture
) -> None:
    assert main(["diff", *words.split()]) == 2
    output = capsys.readouterr()
    assert said in " ".join(output.err.split())
    assert output.out == ""


def test_a_graphviz_that_cannot_draw_is_passed_over_with_one_line_for_both(
    here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["diff", TOY, TOY, "--diagram", "usual.svg"]) == 0
    as_usual = capsys.readouterr().err.replace("usual", "both")
    dot = here / "dot"
    dot.write_text("#!/bin/sh\necho hello\n")
    dot.chmod(0o755)
    monkeypatch.setenv("UNET_TRACE_DOT", str(dot))
    assert main(["diff", TOY, TOY, "--diagram", "both.svg"]) == 0
    line, *others = capsys.readouterr().err.splitlines()
    assert line.startswith(f"UNET_TRACE_DOT ({dot}) drew no svg: what it wrote is not")
    assert line.endswith("graphviz-pure drew instead.")
    assert "\n".join(others) + "\n" * bool(others) == as_usual
    assert (here / "both.svg").read_bytes() == (here / "usual.svg").read_bytes()
