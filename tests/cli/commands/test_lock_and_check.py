"""`unet-trace lock` and `unet-trace check`: what they write, say, and end with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import GOLDEN
from tests.user_code import UNET, forgotten, write
from tracer.cli import main

TOY = str(GOLDEN / "toy_unet.json")
LOCK = GOLDEN / "toy_unet.shapes.yaml"
UNSEEN = (
    f"The size rules were not checked: {TOY} is a saved trace, and they are found by running the "
    "model.\n"
)
ANY_SIZE = (
    UNET.replace("self.up(self.down(hs[-1]))", "self.fit(self.down(hs[-1]), hs[-1])")
    + """
        def fit(self, h, skip):
            return nn.functional.interpolate(h, size=skip.shape[2:])
    """
)
ATTENTION = "mid.attn: Attention([1 16 8 8]) -> [1 16 8 8]; 1,088 params; residual"

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    with forgotten(tmp_path):
        yield tmp_path


@pytest.fixture
def lock(here: Path) -> Path:
    """A lock file in which the attention is half as wide as it is."""
    text = LOCK.read_text(encoding="utf-8")
    assert ATTENTION in text
    path = here / "unet.shapes.yaml"
    narrow = ATTENTION.replace("-> [1 16", "-> [1 8").replace("1,088", "544")
    path.write_text(text.replace(ATTENTION, narrow), encoding="utf-8")
    return path


def test_a_lock_file_is_printed_or_written(here: Path, capsys: Capture) -> None:
    assert main(["lock", TOY]) == 0
    assert capsys.readouterr() == (LOCK.read_text(encoding="utf-8"), UNSEEN)
    assert main(["lock", TOY, "-o", "unet.shapes.yaml"]) == 0
    assert (here / "unet.shapes.yaml").read_bytes() == LOCK.read_bytes()
    wrote = "Wrote unet.shapes.yaml: 30 blocks, 3 skips.\n"
    assert capsys.readouterr() == ("", UNSEEN + wrote)


def test_a_model_that_has_its_shapes_passes(capsys: Capture) -> None:
    assert main(["check", TOY, str(LOCK)]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == (
        "Nothing differs: the same blocks, shapes, parameters, skips and joins."
    )
    assert err == ""


def test_a_model_that_has_not_fails_and_says_what(lock: Path, capsys: Capture) -> None:
    assert main(["check", TOY, lock.name]) == 1
    out, err = capsys.readouterr()
    assert [line.split() for line in out.splitlines()[4:6]] == [
        ["changed", "mid.attn", "outputs", "[1", "8", "8", "8]", "[1", "16", "8", "8]"],
        ["changed", "mid.attn", "parameters", "544", "1,088"],
    ]
    assert err == (
        "\nTo accept these differences, rewrite unet.shapes.yaml: the same command with --update.\n"
    )


def test_the_difference_comes_as_markdown_for_a_pull_request(lock: Path, capsys: Capture) -> None:
    assert main(["check", TOY, lock.name, "--format", "markdown"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"**{TOY.replace('_', chr(92) + '_')} against unet.shapes.yaml**"
    assert lines[4] == r"| changed | `mid.attn` | outputs | \[1 8 8 8\] | \[1 16 8 8\] |"


def test_the_difference_comes_as_json(lock: Path, capsys: Capture) -> None:
    assert main(["check", TOY, lock.name, "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["same"], found["same_shapes"]) == (False, False)
    assert found["differences"][0] == {
        "change": "changed",
        "part": "block",
        "name": "mid.attn",
        "what": "outputs",
        "before": "[1 8 8 8]",
        "after": "[1 16 8 8]",
        "begins": True,
        "blocks": 1,
        "old_name": "",
    }


def test_an_update_writes_the_file_and_passes(lock: Path, capsys: Capture) -> None:
    assert main(["check", TOY, lock.name, "--update"]) == 0
    assert lock.read_bytes() == LOCK.read_bytes()
    out, err = capsys.readouterr()
    assert "mid.attn" in out
    assert err == "Wrote unet.shapes.yaml: 30 blocks, 3 skips.\n"
    before = lock.stat().st_mtime_ns
    assert main(["check", TOY, lock.name, "--update"]) == 0
    assert lock.stat().st_mtime_ns == before


def test_an_update_writes_a_damaged_file_anew_but_never_another(
    lock: Path, here: Path, capsys: Capture
) -> None:
    whole = lock.read_bytes()
    lock.write_bytes(b"<<<<<<< ours\n" + whole)
    assert main(["check", TOY, lock.name]) == 2
    assert "unet.shapes.yaml, line 1: unresolved merge conflict" in capsys.readouterr().err
    assert main(["check", TOY, lock.name, "--update"]) == 0
    assert main(["check", TOY, lock.name]) == 0
    (here / "mkdocs.yml").write_bytes(b"site_name: ours\n")
    assert main(["check", TOY, "mkdocs.yml", "--update"]) == 2
    assert "mkdocs.yml: not a lock file" in capsys.readouterr().err
    assert (here / "mkdocs.yml").read_bytes() == b"site_name: ours\n"


def test_an_update_writes_a_file_that_was_not_there(here: Path) -> None:
    assert main(["check", TOY, "new.yaml", "--update"]) == 0
    assert (here / "new.yaml").read_bytes() == LOCK.read_bytes()


def test_names_of_classes_count_only_when_strict(here: Path, capsys: Capture) -> None:
    text = LOCK.read_text(encoding="utf-8").replace("Attention(", "Mixer(")
    (here / "unet.shapes.yaml").write_text(text, encoding="utf-8")
    words = ["check", TOY, "unet.shapes.yaml"]
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "class  Mixer   Attention" in out
    assert "Only names differ: all shapes, parameters, skips and joins are the same." in out
    assert main([*words, "--strict"]) == 1


def test_what_only_follows_is_listed_when_all_is_asked_for(here: Path, capsys: Capture) -> None:
    text = LOCK.read_text(encoding="utf-8").replace(" 8 16 16]", " 9 16 16]")
    (here / "unet.shapes.yaml").write_text(text, encoding="utf-8")
    assert main(["check", TOY, "unet.shapes.yaml"]) == 1
    short = capsys.readouterr().out
    assert main(["check", TOY, "unet.shapes.yaml", "--all"]) == 1
    every = capsys.readouterr().out
    assert "more differences are consequences of these; use --all to list them." in short
    assert "consequences of these" not in every
    assert len(every.splitlines()) > len(short.splitlines())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "check {toy} unet.shape.yaml",
            'There is no file "unet.shape.yaml". Did you mean "unet.shapes.yaml"?',
        ),
        (
            "check {toy} missing.yml",
            'There is no file "missing.yml". '
            "Write it with `unet-trace lock TARGET -o missing.yml`.",
        ),
        (
            "check {toy} {toy}",
            "{toy}: not a lock file; write one with `unet-trace lock TARGET -o FILE`.",
        ),
    ],
)
def test_what_cannot_be_compared_ends_with_2(
    words: str, said: str, lock: Path, capsys: Capture
) -> None:
    assert main(words.format(toy=TOY).split()) == 2
    assert capsys.readouterr() == ("", f"Error: {said.format(toy=TOY)}\n")


def test_a_lock_file_of_formulas_holds_for_every_size(here: Path, capsys: Capture) -> None:
    write(here, "model.py", UNET)
    assert main(["lock", "model.py:UNet", "--symbolic", "-o", "unet.shapes.yaml"]) == 0
    text = (here / "unet.shapes.yaml").read_text(encoding="utf-8")
    assert "  down: Conv2d([B 8 H W]) -> [B 8 H/2 W/2]; 584 params in [8 8 3 3], [8]\n" in text
    for size in ("1x3x8x8", "2x3x16x32"):
        assert main(["check", "model.py:UNet", "unet.shapes.yaml", "--input", f"x={size}"]) == 0
    capsys.readouterr()
    assert main(["check", "model.py:UNet", "unet.shapes.yaml", "--set", "ch=16"]) == 1
    assert "conv_in  outputs  [B 8 H W]       [B 16 H W]" in capsys.readouterr().out


def test_a_model_that_fails_has_no_lock_file(here: Path, capsys: Capture) -> None:
    write(here, "model.py", UNET)
    words = ["model.py:UNet", "--input", "x=1x3x9x9"]
    assert main(["lock", *words, "-o", "unet.shapes.yaml"]) == 2
    assert not (here / "unet.shapes.yaml").exists()
    assert main(["check", *words, str(LOCK)]) == 2
    assert "Operation: cat(" in capsys.readouterr().err


def law_of(text: str) -> list[str]:
    """The lines of a lock file about sizes."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("inputs:"))
    return lines[start + 1 : start + 6]


def test_a_lock_file_holds_the_law_of_sizes(here: Path, capsys: Capture) -> None:
    write(here, "model.py", UNET)
    assert main(["lock", "model.py:UNet"]) == 0
    assert law_of(capsys.readouterr().out) == [
        "  x: B 3 H W",
        "law:  # what these sizes have to be",
        "  B: any",
        "  H: multiples of 2, at least 2",
        "  W: multiples of 2, at least 2",
    ]


def test_a_rule_that_is_another_fails_the_check(here: Path, capsys: Capture) -> None:
    write(here, "model.py", UNET)
    assert main(["lock", "model.py:UNet", "-o", "unet.yaml"]) == 0
    assert main(["check", "model.py:UNet", "unet.yaml"]) == 0
    assert "the same blocks, shapes, parameters, skips, joins and size rules." in (
        capsys.readouterr().out
    )
    write(here, "other.py", ANY_SIZE)
    assert main(["check", "other.py:UNet", "unet.yaml"]) == 1
    assert (
        "(the model)  size rule for H, W  multiples of 2, at least 2  any"
        in capsys.readouterr().out
    )
    assert main(["check", "other.py:UNet", "unet.yaml", "--update"]) == 0
    assert "  H: any" in law_of((here / "unet.yaml").read_text(encoding="utf-8"))


def test_axes_keep_the_names_of_the_lock_file(here: Path, capsys: Capture) -> None:
    write(here, "model.py", UNET)
    names = ["--dims", "x=A,3,H,W"]
    assert main(["lock", "model.py:UNet", *names, "-o", "unet.yaml"]) == 0
    assert "  A: any" in law_of((here / "unet.yaml").read_text(encoding="utf-8"))
    assert main(["check", "model.py:UNet", "unet.yaml"]) == 0


def test_a_saved_trace_leaves_the_law_as_it_is(here: Path, capsys: Capture) -> None:
    law = "inputs:\n  x: B 3 H W\nlaw:\n  B: any\n  H: multiples of 2, at least 2\n  W: any\nskips:"
    text = LOCK.read_text(encoding="utf-8").replace("1,088 params", "1 params")
    path = here / "unet.yaml"
    path.write_text(text.replace("skips:", law, 1), encoding="utf-8")
    assert main(["check", TOY, "unet.yaml"]) == 1
    assert capsys.readouterr().err.startswith(UNSEEN)
    assert main(["check", TOY, "unet.yaml", "--update"]) == 0
    assert "  H: multiples of 2, at least 2" in law_of(path.read_text(encoding="utf-8"))


def test_a_file_without_a_law_gets_one_with_an_update(here: Path) -> None:
    write(here, "model.py", UNET)
    assert main(["trace", "model.py:UNet", "-o", "unet.json"]) == 0
    assert main(["lock", "unet.json", "-o", "unet.yaml"]) == 0
    assert main(["check", "model.py:UNet", "unet.yaml"]) == 0
    assert "law:" not in (here / "unet.yaml").read_text(encoding="utf-8")
    assert main(["check", "model.py:UNet", "unet.yaml", "--update"]) == 0
    assert "  B: any" in law_of((here / "unet.yaml").read_text(encoding="utf-8"))


def test_formulas_are_not_compared_with_numbers(here: Path, capsys: Capture) -> None:
    write(here, "model.py", UNET)
    assert main(["lock", "model.py:UNet", "--symbolic", "-o", "unet.yaml"]) == 0
    capsys.readouterr()
    assert main(["check", TOY, "unet.yaml"]) == 2
    assert f"Error: unet.yaml holds formulas, and {TOY} numbers" in capsys.readouterr().err
