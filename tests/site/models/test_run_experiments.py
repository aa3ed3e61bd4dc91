"""tracer/site/models/run_experiments.py: programs of the docs, run and cached."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.errors import SiteError
from tracer.site.content.site_config import Experiment
from tracer.site.models.run_experiments import recorded, running_experiments

PROGRAM = """
from pathlib import Path

def record():
    return {"text": Path(__file__).with_name("data.txt").read_text(), "runs": count()}

def count():
    log = Path(__file__).with_name("log")
    log.open("a").write(".")
    return 1

def fail():
    raise KeyError("a\\nb")
"""


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs" / "experiments"
    folder.mkdir(parents=True)
    (folder / "a_program_of_this_test.py").write_text(PROGRAM)
    (folder / "data.txt").write_text("one")
    return folder.parent


def experiment(function: str = "record") -> Experiment:
    return Experiment("toy", f"experiments/a_program_of_this_test.py:{function}")


@pytest.mark.slow
def test_an_experiment_runs_again_only_after_a_file_that_it_read_has_changed(
    docs: Path, tmp_path: Path
) -> None:
    cache, log = tmp_path / "kept", docs / "experiments" / "log"
    for text in ("one", "two"):
        (docs / "experiments" / "data.txt").write_text(text)
        for _ in range(2):
            with running_experiments([experiment()], docs, cache) as records:
                found = records()
            assert found == {"toy": f'{{"text":"{text}","runs":1}}'.encode()}
    assert log.read_text() == ".."


@pytest.mark.parametrize(
    ("function", "reason"), [("fail", "KeyError"), ("missing", "AttributeError")]
)
def test_an_experiment_that_fails_is_named(docs: Path, function: str, reason: str) -> None:
    with pytest.raises(SiteError, match=rf"The experiment toy, .*:{function}, fails: {reason}"):
        recorded(experiment(function), docs)
