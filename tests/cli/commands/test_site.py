"""tracer/cli/commands/site.py: a site of models, written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.user_code import UNET, forgotten, write
from tracer.cli import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    with forgotten(tmp_path):
        yield tmp_path


@pytest.mark.slow
def test_models_with_options_of_their_own_and_of_all_share_a_site(
    here: Path, capsys: Capture
) -> None:
    write(here, "net.py", UNET)
    targets = ["net.py:UNet", "net.py:UNet --set ch=4"]
    words = ["site", *targets, "--input", "x=1x3x16x16", "--lang", "ko", "-o", "out"]
    assert main([*words, "--notes", "notes"]) == 0
    out, err = capsys.readouterr()
    assert out == "Open out/index.html\n"
    assert "Notes to fill in: notes" in err
    assert {path.name for path in (here / "out").iterdir()} == {"index.html", "404.html", "ko"}
    assert "1×4×16×16" in (here / "out/ko/net-unet-ch-4-x-1x3x16x16/stack.html").read_text("utf-8")
    notes = (here / "notes/net.UNet.forward.yaml").read_text(encoding="utf-8")
    assert '    ko: ""' in notes
    assert '    en: ""' not in notes


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["net.py:UNet", "--lang", "fr"], 'there is no language "fr": give en and ko'),
        (["net.py:UNet", "-o", "."], "was not overwritten because it contains other files"),
        (["net.py:Nut"], 'net.py has no "Nut". Available: UNet.'),
        (
            ["--notes", "n"],
            "Name the models of the site: `unet-trace site my_unet.py:UNet",
        ),
        ([], "has no docs/site.yaml. Name the models of the site"),
        (["net.py:UNet --sat ch=1"], "is not understood"),
    ],
)
def test_a_request_that_cannot_be_carried_out_leaves_nothing(
    words: list[str], message: str, here: Path, capsys: Capture
) -> None:
    write(here, "net.py", UNET)
    assert main(["site", *words]) == 2
    assert message in " ".join(capsys.readouterr().err.split())
    assert {path.name for path in here.iterdir()} <= {"net.py", "__pycache__"}


def test_a_model_that_fails_is_reported_and_nothing_is_built(here: Path, capsys: Capture) -> None:
    write(here, "net.py", UNET)
    assert main(["site", "net.py:UNet", "--input", "x=1x3x7x7", "-o", "out"]) == 2
    assert "raised in the model itself (UNet)" in capsys.readouterr().err
    assert not (here / "out").exists()
