"""tracer/site/build/write_parts.py: the files that pages include."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from html import unescape
from pathlib import Path

from tests.example import example
from tests.site.toy_site import make_project, run_toy, toy_results
from tracer.site.build.write_parts import write_generated_files
from tracer.site.content.model_results import ModelResults
from tracer.site.content.site_config import LANGUAGES, SiteModel
from tracer.store import from_json


def files(root: Path, language: str = "en") -> dict[str, bytes]:
    folder = root / "docs" / language / "generated"
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_generating_twice_gives_the_same_bytes_and_writes_nothing(tmp_path: Path) -> None:
    make_project(tmp_path)
    assert write_generated_files(tmp_path, run_toy)
    before = {language: files(tmp_path, language) for language in LANGUAGES}
    assert write_generated_files(tmp_path, run_toy) == ()
    assert {language: files(tmp_path, language) for language in LANGUAGES} == before


def test_only_what_changed_is_written_again(tmp_path: Path) -> None:
    docs = make_project(tmp_path)
    write_generated_files(tmp_path, run_toy)
    text = (docs / "glossary.yaml").read_text(encoding="utf-8").replace("Sizes.", "The sizes.")
    (docs / "glossary.yaml").write_text(text, encoding="utf-8")
    changed = write_generated_files(tmp_path, run_toy)
    assert changed == (docs / "en" / "generated" / "parts" / "glossary.md",)


def test_a_file_that_is_no_longer_generated_is_removed(tmp_path: Path) -> None:
    docs = make_project(tmp_path)
    stale = docs / "ko" / "generated" / "parts" / "walk-old.md"
    stale.parent.mkdir(parents=True)
    stale.write_text("")
    assert stale in write_generated_files(tmp_path, run_toy)
    assert not stale.exists()


def test_both_languages_have_the_same_files_ids_and_shapes(tmp_path: Path) -> None:
    make_project(tmp_path)
    write_generated_files(tmp_path, run_toy)
    english, korean = (files(tmp_path, language) for language in LANGUAGES)
    assert list(english) == list(korean)
    for name in english:
        drawn = english[name].decode(), korean[name].decode()
        texts = [re.sub(r"(?<=>)(skip|스킵) (?=\d+: )", "", text) for text in drawn]
        for pattern in (r'id="([^"]*)"', r"\{: #(\S+) \}", r'ut-(?:shape|n|f)">([^<]*)<'):
            one, other = (Counter(re.findall(pattern, text)) for text in texts)
            assert one == other, (name, pattern)


def test_a_trace_and_its_table_can_be_downloaded(tmp_path: Path) -> None:
    make_project(tmp_path)
    write_generated_files(tmp_path, run_toy)
    found = files(tmp_path)
    assert from_json(found["data/toy.json"]) == example()
    assert json.loads(found["data/toy.json"])["format"] == "unet-trace/3"
    assert found["data/toy.csv"].decode().splitlines()[1].startswith("ToyUNet,ToyUNet,")


def test_both_can_be_downloaded_in_formulas_too(tmp_path: Path) -> None:
    make_project(tmp_path)
    write_generated_files(tmp_path, run_toy)
    found = files(tmp_path)
    assert from_json(found["data/toy.formulas.json"]) == toy_results().formulas
    assert "B × 16 × H/2 × W/2" in found["data/toy.formulas.csv"].decode()


def test_each_part_that_has_formulas_has_the_switch(tmp_path: Path) -> None:
    make_project(tmp_path)
    write_generated_files(tmp_path, run_toy)
    for name, text in files(tmp_path).items():
        part = text.decode() if name.startswith("parts/") else ""
        assert part.count("ut-both") == part.count('<fieldset class="ut-switch"'), name
        if 'class="ut-f"' in part and name != "parts/sheet.html":  # on paper there is none
            assert "ut-both" in part, name


def test_an_explorer_offers_the_models_that_run_what_its_page_shows(tmp_path: Path) -> None:
    docs = make_project(tmp_path)
    other = "  - {name: other, target: 'tests.toy_unet:ToyUNet', title: {en: A & B's, ko: 둘째}}\n"
    text = (docs / "site.yaml").read_text(encoding="utf-8").replace("walks:", f"{other}walks:")
    (docs / "site.yaml").write_text(text, encoding="utf-8")
    write_generated_files(tmp_path, run_toy)
    for name, up in (("map.md", ""), ("stack.md", ""), ("home.html", ""), ("walk-block.md", "../")):
        part = files(tmp_path)[f"parts/{name}"].decode()
        found = re.findall(r"<unet-explorer [^>]* choices='([^']*)'", part)
        assert len(found) == 1, name
        first, second = json.loads(unescape(found[0]))
        assert (first["name"], first["data"]) == ("toy", "#explorer-toy")
        assert (second["title"], second["data"]) == ("A & B's", "#explorer-other")
        assert second["script"] == f"{up}generated/data/other.explorer.js"


def test_the_diagram_has_numbers_and_formulas(tmp_path: Path) -> None:
    make_project(tmp_path)
    write_generated_files(tmp_path, run_toy)
    drawn = files(tmp_path)["parts/map.md"].decode()
    assert re.search(r'class="ut-n">Attention\s+1×16×8×8<', drawn)
    assert re.search(r'class="ut-f">Attention\s+B×16×H/2×W/2<', drawn)


def test_assets_are_copied_to_each_language(tmp_path: Path) -> None:
    make_project(tmp_path)
    write_generated_files(tmp_path, run_toy)
    for language in LANGUAGES:
        assert files(tmp_path, language)["assets/site.css"] == b"body { margin: 0 }\n"


def test_what_is_kept_gives_the_same_files_as_a_build_from_nothing(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for root in (old, new):
        make_project(root)
    write_generated_files(old, run_toy)
    for root in (old, new):
        note = root / "docs" / "notes" / "forward.yaml"
        text = note.read_text(encoding="utf-8")
        note.write_text(text.replace("en: ", "en: Again ", 1), encoding="utf-8")
        changed = write_generated_files(root, run_toy)
    assert "parts/walk-forward.md" in files(old)
    for language in LANGUAGES:
        assert files(old, language) == files(new, language)
    assert len(changed) == sum(len(files(new, language)) for language in LANGUAGES)


def test_a_changed_model_is_drawn_again(tmp_path: Path) -> None:
    make_project(tmp_path)
    write_generated_files(tmp_path, run_toy)

    def run_other(models: Iterable[SiteModel]) -> dict[str, ModelResults]:
        found = toy_results()
        return {one.name: replace(found, trace=replace(found.trace, torch="9")) for one in models}

    changed = {path.name for path in write_generated_files(tmp_path, run_other)}
    assert {"versions.md", "toy.json"} <= changed
