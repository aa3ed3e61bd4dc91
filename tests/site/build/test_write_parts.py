"""tracer/site/build/write_parts.py: the files that pages include."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

from tests.example import example
from tests.site.toy_site import make_project, run_toy, toy_results
from tracer.site.build.write_parts import write_generated_files
from tracer.site.content.site_config import LANGUAGES
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
        if 'class="ut-f"' in part:
            assert "ut-both" in part, name


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
