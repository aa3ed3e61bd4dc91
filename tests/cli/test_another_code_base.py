"""Is this the paper's UNet? `unet-trace diff` answers, whoever wrote it, in whatever way."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT
from tests.user_code import forgotten
from tracer.cli import main

FILE = ROOT / "tests" / "another_code_base.py"
MINE = f"{FILE}:net"

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def leave_no_trace() -> Iterator[None]:
    with forgotten(FILE):
        yield


def answer(capsys: Capture, *settings: str) -> list[str]:
    """What is said below the titles, each line without its blanks."""
    words = [word for setting in settings for word in ("--set-a", setting)]
    assert main(["diff", MINE, "ddpm-cifar10", *words]) == 1
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()[3:]]


@pytest.mark.slow
def test_the_papers_unet_is_known_under_other_names(capsys: Capture) -> None:
    assert answer(capsys) == [
        "The same structure: all 164 layers and 12 skips.",
        "Their shapes and parameters, what feeds each of them, and the joins are the same.",
        "Only names and the grouping into modules differ.",
        "198 blocks have other names; use --all to list them.",
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("setting", "rows"),
    [
        (
            "attention_at=[2]",
            [
                "added down.1.attn.0 and 4 more block AttnBlock, 6 blocks",
                "removed downs.2.0.0.1 and 4 more block Attention, 6 blocks",
            ],
        ),
        ("middle=false", ["added mid.attn_1 block AttnBlock, 6 blocks"]),
        (
            "blocks=3",
            [
                "removed downs.0.0.1.0 and 3 more block ResBlock, 9 blocks",
                "removed downs.1.0.0.1 and 1 more block Attention, 6 blocks",
                "removed ups.0.0.2.0 and 3 more block ResBlock, 10 blocks",
            ],
        ),
        (
            "skip_first=true",
            [
                "changed skip into ups.3.0.2.0 and 1 more skip into up.0.block.2 and 1 more join "
                "cat(skip 128, h 128) cat(h 128, skip 128)",
                "changed skip into ups.3.0.0.0 and 1 more skip into up.0.block.0 and 1 more join "
                "cat(skip 128, h 256) cat(h 256, skip 128)",
                "changed skip into ups.2.0.1.0 and 7 more skip into up.1.block.1 and 7 more join "
                "cat(skip 256, h 256) cat(h 256, skip 256)",
            ],
        ),
    ],
)
def test_what_is_not_the_papers_is_told_and_nothing_else(
    setting: str, rows: list[str], capsys: Capture
) -> None:
    found = answer(capsys, setting)
    assert found[2 : found.index("", 2)] == rows


def test_a_program_is_told_that_only_names_differ(capsys: Capture) -> None:
    assert main(["diff", MINE, "ddpm-cifar10", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["same"], found["same_but_for_names"]) == (False, True)
    assert found["layers"] == {"paired": 164, "before": 164, "after": 164}
