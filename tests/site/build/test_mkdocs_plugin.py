"""tracer/site/build/mkdocs_plugin.py: the MkDocs plugin."""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest
from jinja2 import DictLoader, Environment
from mkdocs.exceptions import PluginError

from tests.site.toy_site import make_project, run_toy
from tracer.site.build import mkdocs_plugin
from tracer.site.build.mkdocs_plugin import SitePlugin
from tracer.site.build.write_parts import write_generated_files


def config(root: Path) -> Any:
    """The configuration of a project with a site like that of this one."""
    (root / "docs").mkdir(exist_ok=True)
    (root / "docs" / "site.yaml").touch()
    return foreign_config(root)


def foreign_config(root: Path) -> Any:
    return SimpleNamespace(
        config_file_path=str(root / "mkdocs.yml"),
        docs_dir=str(root / "docs" / "en"),
        markdown_extensions=["toc", "unet_trace.markdown"],
        site_dir=str(root / "site"),
        mdx_configs={"pymdownx.snippets": {"base_path": "docs/en/generated/parts"}},
    )


def page(url: str) -> Any:
    return cast("Any", SimpleNamespace(url=url))


def test_a_foreign_project_is_left_as_it_is_and_told_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    project = foreign_config(tmp_path)
    project.mdx_configs = {}
    plugin = SitePlugin()
    with caplog.at_level("INFO", "mkdocs.plugins.unet-trace"):
        plugin.on_startup(command="build", dirty=False)
        assert plugin.on_config(project).mdx_configs == {}
    assert "does nothing here" in caplog.text
    link = '<a href="/ko/" hreflang="ko">'
    assert plugin.on_post_page(link, page=page("a.html"), config=project) == link
    plugin.on_post_build(config=project)
    watched: list[str] = []
    plugin.on_serve(cast("Any", SimpleNamespace(watch=watched.append)), config=project)
    assert watched == []
    assert list(tmp_path.iterdir()) == []


def test_templates_are_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project, texts = config(tmp_path), {"page.html": "{{ 1 + 1 }}"}

    def rendered() -> str:
        made = Environment(loader=DictLoader(texts))
        env = SitePlugin().on_env(made, config=project, files=cast("Any", None))
        return env.get_template("page.html").render()

    assert rendered() == "2"
    with monkeypatch.context() as patch:
        patch.setattr(Environment, "_compile", None)  # fails if it is called
        assert rendered() == "2"
    texts["page.html"] = "{{ 1 + 2 }}"
    assert rendered() == "3"


def test_the_templates_of_a_foreign_project_are_not_kept(tmp_path: Path) -> None:
    made = Environment(loader=DictLoader({}))
    env = SitePlugin().on_env(made, config=foreign_config(tmp_path), files=cast("Any", None))
    assert env.bytecode_cache is None
    assert list(tmp_path.iterdir()) == []


def test_blocks_name_files_from_the_folder_of_the_project(tmp_path: Path) -> None:
    found = SitePlugin().on_config(config(tmp_path))
    assert found.mdx_configs["unet_trace.markdown"] == {"folder": str(tmp_path)}


@pytest.mark.parametrize(
    ("url", "address"), [("map.html", "../ko/map.html"), ("walk/a.html", "../../ko/walk/a.html")]
)
def test_the_other_language_is_the_same_page(tmp_path: Path, url: str, address: str) -> None:
    html = '<link rel="alternate" href="/ko/" hreflang="ko"><a href="/ko/" hreflang="ko" class="c">'
    out = SitePlugin().on_post_page(html, page=page(url), config=config(tmp_path))
    assert out == f'<a href="{address}" hreflang="ko" class="c">'


SETTING = '[tool.hatch.metadata.hooks.custom]\nsite = "https://example.org/unet"\n'


def test_with_the_address_of_the_site_the_head_names_both_languages(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(SETTING)
    made, settings = SitePlugin(), config(tmp_path)
    assert made.on_config(settings).site_url == "https://example.org/unet/en/"
    html = '<link rel="alternate" href="/ko/" hreflang="ko">'
    out = made.on_post_page(html, page=page("walk/a.html"), config=settings)
    address = "https://example.org/unet/ko/walk/a.html"
    assert out == f'<link rel="alternate" href="{address}" hreflang="ko">'


def test_a_site_that_is_served_while_it_is_written_has_no_address(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(SETTING)
    made, settings = SitePlugin(), config(tmp_path)
    made.serves = True
    assert not hasattr(made.on_config(settings), "site_url")


def test_a_command_of_mkdocs_generates_the_parts_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        mkdocs_plugin, "write_generated_files", partial(write_generated_files, run_models=run_toy)
    )
    docs = make_project(tmp_path)
    made = SitePlugin()
    made.on_config(config(tmp_path))
    assert not (docs / "en").exists()
    made.on_startup(command="serve", dirty=False)
    made.on_config(config(tmp_path))
    assert (docs / "en" / "generated" / "parts" / "map.md").is_file()


def test_parts_are_found_from_any_folder(tmp_path: Path) -> None:
    found = SitePlugin().on_config(config(tmp_path))
    folder = str(tmp_path / "docs" / "en" / "generated" / "parts")
    assert found.mdx_configs["pymdownx.snippets"]["base_path"] == folder


def test_a_wrong_note_is_reported_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        mkdocs_plugin, "write_generated_files", partial(write_generated_files, run_models=run_toy)
    )
    docs = make_project(tmp_path)
    (docs / "notes" / "block.yaml").unlink()
    made = SitePlugin()
    made.on_startup(command="build", dirty=False)
    with pytest.raises(PluginError, match=r"block\.yaml: there is no such file"):
        made.on_config(config(tmp_path))


def test_code_that_changed_while_serving_requires_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("some_model")
    module.__file__ = str(tmp_path / "some_model.py")
    Path(module.__file__).write_text("")
    later = time.time() + 60
    os.utime(module.__file__, (later, later))
    monkeypatch.setitem(sys.modules, "some_model", module)
    made = SitePlugin()
    made.on_startup(command="serve", dirty=False)
    with pytest.raises(PluginError) as caught:
        made.on_config(config(tmp_path))
    assert str(caught.value) == "some_model.py has changed: restart `mkdocs serve`."


def test_the_search_index_is_also_a_script(tmp_path: Path) -> None:
    folder = tmp_path / "site" / "search"
    folder.mkdir(parents=True)
    (folder / "search_index.json").write_text('{"docs":["형상"]}', encoding="utf-8")
    SitePlugin().on_post_build(config=config(tmp_path))
    script = (folder / "search_index.js").read_text(encoding="utf-8")
    assert script == 'var __index = {"docs":["형상"]};\n'


def test_every_source_of_the_pages_is_watched(tmp_path: Path) -> None:
    served = config(tmp_path)
    for name in ("en", "ko", "notes"):
        (tmp_path / "docs" / name).mkdir()
    (tmp_path / "docs" / "breaks.yaml").touch()
    watched: list[str] = []
    server = cast("Any", SimpleNamespace(watch=watched.append))
    SitePlugin().on_serve(server, config=served)
    names = [Path(path).name for path in watched]
    assert names == ["breaks.yaml", "notes", "site.yaml"]
