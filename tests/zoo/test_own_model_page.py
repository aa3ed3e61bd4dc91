"""The trace of diffusers' `UNet2DModel` on the page on one's own model is what diffusers gives."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from importlib.metadata import version

import pytest

from tests.conftest import ROOT
from tracer.algebra.substitute import resize
from tracer.annotation.source_texts import read_texts
from tracer.session import Session
from tracer.site.content.site_config import read_config
from tracer.snapshot import snapshot_of
from tracer.snapshot.diff import compare
from tracer.store import load
from tracer.target_spec import TargetSpec

PAGES = ("docs/en/own-model.md", "docs/ko/own-model.md")
COMMAND = r"\$ unet-trace {name} (diffusers:.*?)\n```"
SAVED = "docs/models/unet2d.json.gz"


def target_on(page: str, name: str, output: str) -> TargetSpec:
    """The target of a command on a page."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.search(COMMAND.format(name=name), text, re.DOTALL)
    assert found
    words = shlex.split(found[1].replace("\\\n", " "))
    at = words.index("-o")
    assert words[at + 1] == output
    return TargetSpec.parse(shlex.join(words[:at] + words[at + 2 :]))


@pytest.mark.zoo
@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_command_on_the_page_gives_the_saved_trace(page: str) -> None:
    saved = load(ROOT / SAVED)
    made = Session.open(target_on(page, "trace", SAVED)).trace
    assert made.target == saved.target
    assert compare(snapshot_of(saved), snapshot_of(made)).same
    assert replace(made, torch=saved.torch).symbols == saved.symbols
    (compared,) = read_config(ROOT / "docs/site.yaml").compared
    assert (compared.package, compared.version) == ("diffusers", version("diffusers"))


@pytest.mark.zoo
def test_the_source_of_a_saved_trace_is_read_where_the_package_is_installed() -> None:
    texts = read_texts(load(ROOT / SAVED))
    assert "class UNet2DModel" in texts["diffusers/models/unets/unet_2d.py"]
    assert all(texts.values())


@pytest.mark.parametrize("page", PAGES)
def test_the_command_that_shows_the_source_is_about_the_same_model(page: str) -> None:
    symbolic = f"{target_on(page, 'report', 'unet2d.html')} --symbolic"
    assert TargetSpec.parse(symbolic) == target_on(page, "trace", SAVED)


def test_the_saved_trace_has_the_layers_of_the_reference_model() -> None:
    """Its target is that of the page, and `diff` pairs every layer."""
    saved = load(ROOT / SAVED)
    ours = Session.open("ddpm-cifar10", lines=False).trace
    assert {str(target_on(page, "trace", SAVED)) for page in PAGES} == {saved.target}
    layers = compare(snapshot_of(ours), snapshot_of(resize(saved))).layers
    assert layers is not None
    assert layers.paired == layers.before == layers.after
