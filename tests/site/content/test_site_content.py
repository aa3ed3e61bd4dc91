"""tracer/site/content/glossary.py: docs/glossary.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.site.toy_site import GLOSSARY
from tracer.errors import SiteError
from tracer.site.content.site_content import read_glossary


def test_a_term_in_each_language(docs: Path) -> None:
    (term,) = read_glossary(docs / "glossary.yaml")
    assert (term.of("en"), term.of("ko"), term.definition.of("ko")) == ("shape", "형상", "크기.")


def test_an_id_is_used_once(tmp_path: Path) -> None:
    path = tmp_path / "glossary.yaml"
    path.write_text(GLOSSARY + GLOSSARY.splitlines()[1] + "\n", encoding="utf-8")
    with pytest.raises(SiteError, match=r"glossary\.yaml: more than one term has the id shape\."):
        read_glossary(path)
