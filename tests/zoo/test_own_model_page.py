"""The trace of diffusers' `UNet2DModel` on the page on one's own model is what diffusers gives."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from importlib.metadata import version

import pytest

from tests.conftest import ROOT
from tracer.algebra.substitute import resize
from tracer.session import Session
from tracer.site.content.site_config import read_config
from tracer.snapshot import snapshot_of
from tracer.snapshot.diff import compare
from tracer.store import load
from tracer.target_spec import TargetSpec

PAGES = ("docs/en/own-model.md", "docs/ko/own-model.md")
COMMAND = re.compile(r"\$ unet-trace trace (diffusers:.*?)\n```", re.DOTALL)
OUTPUT = ("-o", "docs/models/unet2d.json.gz")


def target_on(page: str) -> TargetSpec:
    """What the command on a page traces."""
    found = COMMAND.search((ROOT / page).read_text(encoding="utf-8"))
    assert found
    words = shlex.split(found[1].replace("\\\n", " "))
    at = words.index(OUTPUT[0])
    assert tuple(words[at : at + 2]) == OUTPUT
    return TargetSpec.parse(shlex.join(words[:at] + words[at + 2 :]))


@pytest.mark.zoo
@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_command_on_the_page_gives_the_saved_trace(page: str) -> None:
    saved = load(ROOT / OUTPUT[1])
    made = Session.open(target_on(page)).trace
    assert made.target == saved.target
    assert compare(snapshot_of(saved), snapshot_of(made)).same
    assert replace(made, torch=saved.torch).symbols == saved.symbols
    (compared,) = read_config(ROOT / "docs/site.yaml").compared
    assert (compared.package, compared.version) == ("diffusers", version("diffusers"))


def test_the_saved_trace_has_the_layers_of_the_reference_model() -> None:
    """Its target is that of the page, and `diff` pairs every layer."""
    saved = load(ROOT / OUTPUT[1])
    ours = Session.open("ddpm-cifar10", lines=False).trace
    assert {str(target_on(page)) for page in PAGES} == {saved.target}
    layers = compare(snapshot_of(ours), snapshot_of(resize(saved))).layers
    assert layers is not None
    assert layers.paired == layers.before == layers.after
