"""`annotate --write` in copies of whole packages: their files run the same, and stay as written."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.zoo.copied_package import CopiedPackage
from tests.zoo.table import SPECIMENS
from tracer.annotation.shape_comments import find_comments, without_comments

REFERENCE = """\
import torch
from reference_model import Model


def net():
    model = Model(
        ch=32, out_ch=3, ch_mult=(1, 2), num_res_blocks=1, attn_resolutions=(8,), in_channels=3,
        resolution=16,
    )
    return model.eval(), {"x": torch.randn(2, 3, 16, 16), "t": torch.tensor([3, 7])}
"""
OF_THE_ZOO = """\
from tests.zoo.table import SPECIMENS


def net():
    one = SPECIMENS["{}"]
    return one.build().eval(), one.inputs()
"""
CHOSEN = ("diffusers.unet_2d", "monai.diffusion_unet_2d", "x-unet.xunet")
"""Large, with a library of attention, and small: packages written by different people."""


def without_lines(part: Any) -> Any:
    """The JSON of a trace without the numbers of lines, which comments of their own change."""
    if isinstance(part, dict):
        counted = part | {"before": len(part["before"])} if "before" in part else part
        return {key: without_lines(one) for key, one in counted.items() if key != "line"}
    return [without_lines(one) for one in part] if isinstance(part, list) else part


def results(folder: Path, name: str) -> tuple[Any, list[torch.Tensor]]:
    trace = json.loads((folder / f"{name}.json").read_text("utf-8"))
    return without_lines(trace), torch.load(folder / f"{name}.pt")


def annotate_and_compare(copied: CopiedPackage, *words: str) -> dict[str, int]:
    """Write comments into a copy, and return how many there are by file."""
    before = copied.text()
    first = copied.run("before", "--write", *words)
    assert first.returncode == 0, first.stderr
    written = copied.text()
    assert {name: without_comments(text) for name, text in written.items()} == before
    assert all(
        ast.dump(ast.parse(written[name])) == ast.dump(ast.parse(before[name])) for name in before
    )

    second = copied.run("after", "--check --write", *words)
    assert second.returncode == 0, second.stdout + second.stderr
    assert "Wrote " not in second.stderr.replace("Wrote after.json", "")
    assert copied.text() == written
    formatted = copied.format("--check")
    assert formatted.returncode == 0, formatted.stdout

    trace, numbers = results(copied.folder, "before")
    trace_after, numbers_after = results(copied.folder, "after")
    assert trace_after == trace
    assert numbers
    assert all(map(torch.equal, numbers, numbers_after))
    assert any(float(one.std()) > 0 for one in numbers)
    counts = {name: len(find_comments(text)) for name, text in written.items()}
    return {name: count for name, count in counts.items() if count}


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("--symbolic",)], ids=["numbers", "formulas"])
def test_the_reference_model_runs_the_same_with_comments(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    copied = CopiedPackage.into(tmp_path, "reference_model", REFERENCE)
    counts = annotate_and_compare(copied, *words)
    assert {"reference_model/model.py", "reference_model/blocks.py"} <= set(counts)
    assert sum(counts.values()) > 50
    comment = "(B, ?, ?, ?)" if words else "(2, ?, ?, ?)"
    assert f"# shape: {comment}" in copied.text()["reference_model/blocks.py"]


@pytest.mark.zoo
@pytest.mark.parametrize("name", CHOSEN)
def test_a_published_package_runs_the_same_with_comments(name: str, tmp_path: Path) -> None:
    package = SPECIMENS[name].package.replace("-", "_")
    copied = CopiedPackage.into(tmp_path, package, OF_THE_ZOO.format(name))
    counts = annotate_and_compare(copied)
    assert sum(counts.values()) > 20
    assert all(file.startswith(f"{package}/") for file in counts)
