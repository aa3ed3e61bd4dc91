"""How long the picture of a big model and the site of this project take.

The site is made in a copy of this checkout that holds nothing that was made before.
``python -m tests.benchmarks.pictures FOLDER`` makes one language as `mkdocs serve` does, changes a
word of a note, and prints the seconds of making it again.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import tracer
from tests.benchmarks.stopwatch import Timed, in_turn
from tests.benchmarks.subjects import subject
from tracer.render.diagram.dot import digraph
from tracer.render.diagram.graphviz_program import BUNDLED_PROGRAM, Program, programs, run_program
from tracer.render.tables.visible_rows import RowSelection
from tracer.site.build.builder import CONFIGS

ROUNDS, SITES = 5, 3
BIG = "stable-diffusion-xl"
ROOT = Path(__file__).parents[2]
PARTS = ("docs", *CONFIGS.values())
NOTE = "docs/notes/model_forward.yaml"


def drawn() -> dict[str, float]:
    """Seconds for the ladder of SDXL: its text, and its picture by the bundled Graphviz."""
    one = subject(BIG)
    trace = tracer.trace(one.model, one.inputs)
    view = RowSelection(fold=True)
    dot = digraph(trace, view=view).source
    timed = {
        "text": Timed(partial(digraph, trace, view=view)),
        "picture": Timed(partial(run_program, dot, "svg", _bundled())),
    }
    return {name: times.median for name, times in in_turn(timed, ROUNDS).items()}


def _bundled() -> Program:
    return next(one for one in programs({"PATH": os.defpath}) if one.name == BUNDLED_PROGRAM)


def built() -> dict[str, float]:
    """Seconds for the site: from nothing, again after a note has changed, and as it is served."""
    found: dict[str, list[float]] = {}
    for _ in range(SITES):
        with _checkout() as folder:
            found.setdefault("site", []).append(_site(folder))
            _change(folder)
            found.setdefault("note", []).append(_site(folder))
            found.setdefault("served", []).append(_served(folder))
    return {name: statistics.median(times) for name, times in found.items()}


def _site(folder: Path) -> float:
    command = [str(Path(sys.executable).with_name("unet-trace")), "site"]
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return time.perf_counter() - start


def _served(folder: Path) -> float:
    words = [sys.executable, "-m", "tests.benchmarks.pictures", str(folder)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def _change(folder: Path) -> None:
    """Add a word to the first note of a file of notes."""
    note = folder / NOTE
    text = note.read_text("utf-8")
    note.write_text(text.replace('en: "', 'en: "Again: ', 1), "utf-8")


@contextmanager
def _checkout() -> Iterator[Path]:
    """A folder with what the site is made from, and nothing that was made before."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for part in PARTS:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, folder / part, ignore=_generated)
            else:
                shutil.copy(ROOT / part, folder)
        yield folder


def _generated(folder: str, names: list[str]) -> set[str]:
    return {"generated"} & set(names)


def main(root: str) -> None:
    """Make a language, change a note, and print the seconds of making it again."""
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    os.chdir(root)
    _make()
    _change(Path())
    start = time.perf_counter()
    _make()
    sys.stdout.write(f"\n{time.perf_counter() - start}\n")


def _make() -> None:
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    config = load_config(CONFIGS["ko"])
    config.plugins.on_startup(command="serve", dirty=False)
    build(config)


if __name__ == "__main__":
    main(*sys.argv[1:])
