"""tracer/site/blocks/block_extension.py: explorers on pages of Markdown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown

from tests.conftest import GOLDEN
from tests.site.own_toy import toy_explored
from tests.user_code import UNET, write
from tracer.errors import SiteError
from tracer.render.explorer.document import ExplorerContent
from tracer.site.blocks import block_extension
from tracer.target_spec import TargetSpec

BLOCK = "```unet-trace\ntarget: toy:net\nshow: {show}\n```"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The targets that were asked for; the toy UNet stands for each."""
    targets: list[str] = []

    def explored(spec: TargetSpec, folder: Path, cache: Path) -> ExplorerContent:
        targets.append(str(spec))
        return toy_explored()

    monkeypatch.setattr(block_extension, "explored_target", explored)
    return targets


def html(text: str, *extensions: str, **settings: Any) -> str:
    configs = {"unet_trace.markdown": settings}
    names = ["unet_trace.markdown", *extensions]
    return Markdown(extensions=names, extension_configs=configs).convert(text)


def elements(page: str) -> list[str]:
    return re.findall(r"<unet-explorer [^>]*>", page)


def test_a_block_is_an_explorer_with_its_data_and_what_needs_no_script(asked: list[str]) -> None:
    page = html(f"Before.\n\n{BLOCK.format(show='map')}\n\nAfter.")
    (element,) = elements(page)
    assert 'data="#unet-trace-1"' in element
    assert 'panes="map"' in element
    assert page.count('id="unet-trace-1"') == 1
    assert "<svg" in page.partition('class="still"')[2]
    assert page.startswith("<p>Before.</p>")
    assert page.endswith("<p>After.</p>")
    assert asked == ["toy:net"]


def test_the_script_and_the_data_of_a_model_are_on_a_page_once(asked: list[str]) -> None:
    page = html("\n\n".join(BLOCK.format(show=show) for show in ("map", "stack", "tables")))
    assert len(elements(page)) == 3
    assert page.count('customElements.define("unet-explorer"') == 1
    assert page.count('<script type="application/vnd.unet-trace"') == 1


def test_the_next_page_has_its_own_script(asked: list[str]) -> None:
    md = Markdown(extensions=["unet_trace.markdown"])
    first = md.convert(BLOCK.format(show="map"))
    second = md.reset().convert(BLOCK.format(show="map"))
    assert first == second


def test_a_block_inside_another_fence_is_left_alone(asked: list[str]) -> None:
    page = html(f"````markdown\n{BLOCK.format(show='map')}\n````", "pymdownx.superfences")
    assert elements(page) == []
    assert "target: toy:net" in page
    assert asked == []


def test_a_block_stands_in_lists_and_notes_too(asked: list[str]) -> None:
    block = "\n".join(f"    {line}" for line in BLOCK.format(show="stack").splitlines())
    page = html(f"!!! note\n\n    Look:\n\n{block}\n", "admonition", "pymdownx.superfences")
    assert len(elements(page)) == 1
    assert page.index("admonition") < page.index("<unet-explorer") < page.rindex("</div>")


def test_the_language_of_the_pages_is_a_setting(asked: list[str]) -> None:
    page = html(BLOCK.format(show="stack"), lang="ko")
    assert 'lang="ko"' in elements(page)[0]
    assert "스킵 스택" in page


@pytest.mark.parametrize(
    ("line", "message"),
    [("show: map\ncolour: red", '"colour: red" has no known key.'), ("call: x", 'call is "x"')],
)
def test_a_wrong_block_ends_the_build_and_is_quoted(
    asked: list[str], line: str, message: str
) -> None:
    block = f"```unet-trace\ntarget: toy:net\n{line}\n```"
    with pytest.raises(Exception, match="the block at line 3 of the text: ") as caught:
        html(f"Text.\n\n{block}")
    assert message in str(caught.value)
    for quoted in block.splitlines():
        assert f"    {quoted}" in str(caught.value).splitlines()


def test_outside_mkdocs_the_error_is_that_of_this_package(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(block_extension.sys.modules, "mkdocs.exceptions", raising=False)
    with pytest.raises(SiteError):
        html("```unet-trace\n```")


@pytest.mark.slow
def test_a_model_is_run_once_until_its_file_changes(tmp_path: Path) -> None:
    write(tmp_path, "net.py", UNET)
    block = "```unet-trace\ntarget: net.py:UNet\ninput: x=1x3x8x8\nshow: stack\n```"

    def cached() -> dict[Path, int]:
        files = (tmp_path / ".cache").rglob("*.json")
        return {path: path.stat().st_mtime_ns for path in files}

    assert "1×8×8×8" in html(block, folder=str(tmp_path))
    first = cached()
    assert len(first) == 1
    assert "1×8×8×8" in html(block, folder=str(tmp_path))
    assert cached() == first
    write(tmp_path, "net.py", UNET.replace("ch: int = 8", "ch: int = 4"))
    assert "1×4×8×8" in html(block, folder=str(tmp_path))


@pytest.mark.slow
def test_a_saved_trace_and_a_model_that_does_not_exist(tmp_path: Path) -> None:
    saved = f"```unet-trace\ntarget: {GOLDEN / 'toy_unet.json'}\nshow: tables\n```"
    assert "conv_in" in html(saved, folder=str(tmp_path))
    with pytest.raises(Exception, match=r"nothing\.py"):
        html("```unet-trace\ntarget: nothing.py:Net\n```", folder=str(tmp_path))
