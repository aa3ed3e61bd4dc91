"""tracer/site/models/cache.py: cached results of models."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.site.toy_site import toy_results
from tracer.site.content.site_config import Experiment, SiteModel
from tracer.site.models.cache import CachedRecord, CachedResults, ResultCache
from tracer.site.models.file_dependencies import file_state

TOY = SiteModel("toy", "tests.toy_unet:ToyUNet", set={"ch": "8"}, inputs={"x": "1x3x16x16"})


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "model.py"
    path.write_text("width = 3\n")
    return path


@pytest.fixture
def cache(tmp_path: Path, source: Path) -> ResultCache[CachedResults]:
    """One that knows what was found of the toy, whose run read one file."""
    cache = ResultCache(tmp_path / "kept", CachedResults)
    cache.put(TOY, CachedResults(toy_results(), {str(source): file_state(str(source))}))
    return cache


def test_cached_results_are_equal_to_the_stored_ones(cache: ResultCache[CachedResults]) -> None:
    cached = cache.get(TOY)
    assert cached is not None
    found = cached.results
    assert found == toy_results()
    expected = toy_results().size_rules.rules
    assert [type(one) for one in found.size_rules.rules] == [type(one) for one in expected]


def test_a_changed_dependency_invalidates_the_cache(
    cache: ResultCache[CachedResults], source: Path
) -> None:
    source.write_text("width = 4\n")
    assert cache.get(TOY) is None


@pytest.mark.parametrize(
    "other",
    [
        SiteModel("toy", "tests.toy_unet:Other", set=TOY.set, inputs=TOY.inputs),
        SiteModel("toy", TOY.target, set={"ch": "16"}, inputs=TOY.inputs),
        SiteModel("toy", TOY.target, set=TOY.set, inputs={"x": "1x3x32x32"}),
        SiteModel("toy", TOY.target, inputs=TOY.inputs),
        SiteModel("other", TOY.target, set=TOY.set, inputs=TOY.inputs),
    ],
)
def test_another_request_is_not_in_the_cache(
    cache: ResultCache[CachedResults], other: SiteModel
) -> None:
    assert cache.get(other) is None


def test_titles_are_not_part_of_a_request(cache: ResultCache[CachedResults]) -> None:
    hidden = SiteModel("toy", TOY.target, shown=False, set=TOY.set, inputs=TOY.inputs)
    assert cache.get(hidden) is not None


def test_another_environment_is_not_in_the_cache(
    cache: ResultCache[CachedResults], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTORCH_JIT", "0")
    assert cache.get(TOY) is None


@pytest.mark.parametrize("text", ["", "{}", "[1", '{"results": 3, "dependencies": {}}'])
def test_a_damaged_cache_file_is_ignored(
    cache: ResultCache[CachedResults], tmp_path: Path, text: str
) -> None:
    (kept,) = (tmp_path / "kept").iterdir()
    kept.write_text(text)
    assert cache.get(TOY) is None


def test_the_record_of_an_experiment_is_cached_until_what_it_read_changes(
    tmp_path: Path, source: Path
) -> None:
    experiment = Experiment("breaks", "experiments/breaks.py:record")
    cache = ResultCache(tmp_path / "kept", CachedRecord)
    cache.put(experiment, CachedRecord(msgspec.Raw(b"[1]"), {str(source): file_state(str(source))}))
    found = cache.get(experiment)
    assert found is not None
    assert bytes(found.record) == b"[1]"
    assert cache.get(Experiment("breaks", "experiments/breaks.py:other")) is None
    source.write_text("width = 4\n")
    next_build = ResultCache(tmp_path / "kept", CachedRecord)
    assert next_build.get(experiment) is None
