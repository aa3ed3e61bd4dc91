"""tracer/site/content/site_config.py: docs/site.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.site.toy_site import SITE
from tracer.errors import SiteError
from tracer.site.content.site_config import read_config


def planned(folder: Path, text: str) -> Path:
    path = folder / "site.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_upstream_lines_have_an_address(docs: Path) -> None:
    plan = read_config(docs / "site.yaml")
    assert plan.upstream_url((3, 9)) == "https://example.org/model.py#L3-L9"


def test_a_trace_that_only_checks_notes_is_not_shown(tmp_path: Path) -> None:
    more = SITE.replace("walks:", "  - {name: other, target: o, shown: false}\nwalks:")
    plan = read_config(planned(tmp_path, more))
    assert [traced.name for traced in plan.traces] == ["toy", "other"]
    assert [traced.name for traced in plan.shown] == ["toy"]


def test_a_walk_of_an_unknown_trace_is_an_error(tmp_path: Path) -> None:
    path = planned(tmp_path, SITE.replace("page: walk/block, trace: toy", "page: p, trace: tay"))
    with pytest.raises(SiteError) as caught:
        read_config(path)
    assert str(caught.value) == (
        f"{path}: the walk block shows the trace 'tay', which is not one of the traces: toy."
    )


def test_a_shown_trace_without_size_rules_is_an_error(tmp_path: Path) -> None:
    path = planned(tmp_path, SITE.replace("{name: toy,", "{name: toy, sizes: false,"))
    with pytest.raises(SiteError, match="toy is shown with its size rules, so remove `sizes: fa"):
        read_config(path)


def test_a_shown_trace_without_a_title_is_an_error(tmp_path: Path) -> None:
    path = planned(tmp_path, SITE.replace(", title: {en: The toy, ko: 장난감}", ""))
    with pytest.raises(SiteError, match="the trace toy is shown, so give it a title"):
        read_config(path)


def test_a_title_without_one_language_is_an_error(tmp_path: Path) -> None:
    path = planned(tmp_path, SITE.replace(", ko: 장난감", ""))
    with pytest.raises(SiteError, match="traces 'toy' title: Object missing required field `ko`"):
        read_config(path)


def test_a_compared_configuration_is_a_trace_without_settings(tmp_path: Path) -> None:
    more = "  - {name: other, target: o, shown: false, set: {a: '1'}}\nwalks:"
    compared = "\nconfigurations: [toy, other, toi]\n"
    path = planned(tmp_path, SITE.replace("walks:", more) + compared)
    with pytest.raises(
        SiteError, match="configurations other, toi, name traces without `set`: toy"
    ):
        read_config(path)
