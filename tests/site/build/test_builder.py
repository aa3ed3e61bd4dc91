"""tracer/site/build/builder.py: from the sources to the finished site."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.site.toy_site import make_project, run_toy
from tracer.errors import SiteError
from tracer.site.build import builder
from tracer.site.build.builder import CONFIGS, build_site
from tracer.site.build.write_parts import write_generated_files

MKDOCS = """\
site_name: toy
docs_dir: docs/{language}
theme: {{name: material, font: false}}
use_directory_urls: false
plugins: {{search: {{}}}}
exclude_docs: /generated/parts/
markdown_extensions: [attr_list, tables, md_in_html]
validation: {{links: {{anchors: warn}}}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The toy with a page in each language."""
    monkeypatch.setattr(
        builder, "write_generated_files", partial(write_generated_files, run_models=run_toy)
    )
    docs = make_project(tmp_path)
    for language, config in CONFIGS.items():
        (docs / language).mkdir()
        (docs / language / "index.md").write_text("# Toy {#top}\n")
        (tmp_path / config).write_text(MKDOCS.format(language=language))
    return tmp_path


def write(project: Path, text: str) -> None:
    (project / "docs" / "ko" / "index.md").write_text(text)


def test_each_language_has_a_folder_and_the_root_a_page(project: Path) -> None:
    told: list[str] = []
    build_site(project / "site", project, told.append)
    names = sorted(path.name for path in (project / "site").iterdir())
    assert names == ["404.html", "en", "index.html", "ko"]
    assert not (project / "site" / "en" / "404.html").exists()
    assert told == [
        "Tracing the models, writing the generated parts ...",
        "Building en/ and ko/ ...",
    ]


def test_a_warning_of_mkdocs_is_an_error_that_names_the_configuration(project: Path) -> None:
    write(project, "# Toy {#top}\n\n[nowhere](no.md)\n")
    with pytest.raises(SiteError, match=r"mkdocs\.ko\.yml: Doc file 'index\.md' contains a link"):
        build_site(project / "site", project)


def test_the_warnings_of_both_languages_are_reported_at_once(project: Path) -> None:
    write(project, "# Toy {#top}\n\n[nowhere](no.md)\n")
    (project / "docs" / "en" / "index.md").write_text("# Toy {#top}\n\n[away](away.md)\n")
    with pytest.raises(SiteError) as caught:
        build_site(project / "site", project)
    first, second = str(caught.value).splitlines()
    assert first.startswith("mkdocs.yml: ")
    assert "away.md" in first
    assert second.startswith("mkdocs.ko.yml: ")
    assert "no.md" in second


def test_a_dead_link_in_raw_html_is_an_error(project: Path) -> None:
    write(project, '# Toy {#top}\n\n<p><a href="no.html">x</a></p>\n')
    with pytest.raises(SiteError) as caught:
        build_site(project / "site", project)
    assert str(caught.value) == "ko/index.html: links to no.html, but there is no such page"


def test_a_failure_leaves_the_old_site_unchanged(project: Path) -> None:
    build_site(project / "site", project)
    before = (project / "site" / "ko" / "index.html").read_bytes()
    write(project, "# Toy {#top}\n\n[nowhere](no.md)\n")
    with pytest.raises(SiteError):
        build_site(project / "site", project)
    assert (project / "site" / "ko" / "index.html").read_bytes() == before
    assert [path.name for path in project.iterdir() if path.name.startswith(".")] == [".cache"]


def test_a_folder_with_other_things_in_it_is_not_replaced(project: Path) -> None:
    (project / "home").mkdir()
    (project / "home" / "letter.txt").write_text("dear")
    with pytest.raises(SiteError, match="home was not overwritten because it contains other files"):
        build_site(project / "home", project)
    assert (project / "home" / "letter.txt").read_text() == "dear"


def test_a_broken_configuration_is_reported_without_a_traceback(project: Path) -> None:
    (project / "mkdocs.yml").write_text("site_name: toy\nplugins: [no-such-plugin]\n")
    with pytest.raises(SiteError, match=r"mkdocs\.yml: .*no-such-plugin"):
        build_site(project / "site", project)
