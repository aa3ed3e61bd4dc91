"""A hostile file or option is refused within the time and memory of a good one, and a little more.

The processor's time is limited, not that of a clock, so that a busy machine makes no difference.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.example import symbolic_example
from tests.robustness import test_mutated_traces as traces
from tests.robustness.test_hostile_files import Document, document
from tracer.cli import main
from tracer.snapshot import snapshot_of, to_lock
from tracer.store import MAX_TRACE_BYTES

SECONDS = 8
"""Of a processor. One is what is promised, and the faults that were found took 20 and more."""
MEGABYTES = 200
"""Beyond what was needed before, and the file itself."""
GOOD = replace(symbolic_example(), symbols=traces.SYMBOLS)
MODEL = "tests/toy_unet.py:ToyUNet"

POWER, SUM, BRACKETS = "H**99999999", "(B+H+W)**200", "(" * 100_000

TRACES: dict[str, Callable[[Document], object]] = {
    "a power in a shape": lambda d: d["inputs"][0].update(shape=[POWER]),
    "a power in the FLOPs": lambda d: d["steps"][3].update(flops=POWER),
    "a sum in the FLOPs": lambda d: d["steps"][3].update(flops=SUM),
    "brackets in a shape": lambda d: d["inputs"][0].update(shape=[BRACKETS]),
    "a division by zero": lambda d: d["inputs"][0].update(shape=["1/0"]),
    "a product": lambda d: d["inputs"][0].update(shape=["*".join(["(B+H+W)"] * 3_000)]),
    "a size of many digits": lambda d: d["inputs"][0].update(shape=["9" * 1_000_000]),
    "a dtype of many letters": lambda d: d["inputs"][0].update(dtype="a" * 1_000_000),
    "lists in lists": lambda d: d.update(zz="LISTS"),
    "blocks in blocks": lambda d: d["root"].update(children="BLOCKS"),
}
LOCKS = {
    "a power": f'  flops: "{POWER}"',
    "a sum": f'  flops: "{SUM}"',
    "lists in lists": "zz: " + "[" * 30_000 + "]" * 30_000,
    "lists in lines": "zz:\n" + "- " * 30_000,
    "keys in keys": "zz: " + "{a: " * 30_000,
    "a number of many digits": "  flops: " + "9" * 1_000_000,
    "a tag": "zz: !!timestamp x: 1",
    "a long rule": "law: {W: 1 to 6; also 7 to 99999999999}",
}
OPTIONS = (
    ("sizes", "--dims", f"x=B,3,{POWER},W"),
    ("sizes", "--dims", f"x=B,3,{SUM},W"),
    ("cost", "--dims", "x=B,3,H/0,W"),
    ("show", "--input", "x=1x3x99999999999999999999x8"),
    ("show", "--input", "x=1x3x9223372036854775807x8"),
    ("show", "--input", f"x=1x3x{'9' * 50_000}x8"),
    ("show", "--input", f"{'a.' * 3_000}b=1"),
    ("stack", "--set", f"ch={'-' * 50_000}"),
    ("stack", "--set", f"ch={'9' * 50_000}"),
)


def write_hostile_files(folder: Path) -> list[tuple[str, ...]]:
    """Write the files beside good ones, and return commands that have to refuse one of them."""
    block = '{"call":"b","path":"","kind":"","inputs":[],"outputs":[],"parameters":0,"children":['
    texts = {
        '"LISTS"': "[" * 100_000 + "]" * 100_000,
        '"BLOCKS"': f"[{block * 900}{']}' * 900}]",
    }
    commands = []
    for number, spoil in enumerate(TRACES.values()):
        spoilt = document(GOOD)
        spoil(spoilt)
        text = json.dumps(spoilt)
        for mark, long in texts.items():
            text = text.replace(mark, long)
        path = folder / f"t{number}.json"
        path.write_text(text, encoding="utf-8")
        commands += [(name, str(path)) for name in ("show", "stack", "cost", "diagram")]
    good = str(folder / "good.json")
    for number, line in enumerate(LOCKS.values()):
        path = folder / f"l{number}.yaml"
        path.write_text(lock_with(line), encoding="utf-8")
        commands += [("check", good, str(path)), ("diff", good, str(path))]
    with (folder / "large.json").open("wb") as file:
        file.write(b"{")
        file.truncate(MAX_TRACE_BYTES - 1)  # takes no room on the disk
    commands += [("show", str(folder / "large.json"))]
    return commands + [(name, MODEL, *rest) for name, *rest in OPTIONS]


def lock_with(line: str) -> str:
    """A lock file with another line for that of the FLOPs, or with one line more."""
    lines = to_lock(snapshot_of(GOOD)).splitlines()
    if line.startswith(" "):
        number = next(number for number, one in enumerate(lines) if one.startswith("  flops"))
        lines[number] = line
    else:
        lines.append(line)
    return "\n".join(lines) + "\n"


def measure(folder: Path) -> dict[str, Any]:
    """Run good commands, then hostile ones: what each of those took, beyond the good ones."""
    from tracer.store import save

    commands = write_hostile_files(folder)
    good, lock = folder / "good.json", folder / "good.yaml"
    save(GOOD, good)
    lock.write_text(to_lock(snapshot_of(GOOD)), encoding="utf-8")
    for words in [[one, str(good)] for one in ("show", "stack", "cost", "diagram")]:
        assert main(words) == 0
    assert main(["check", str(good), str(lock)]) == 0
    assert main(["diff", str(good), str(lock)]) == 0
    taken = {}
    for words in commands:
        before, start = peak_megabytes(), time.process_time()
        # the process is killed if it works for longer
        resource.setrlimit(resource.RLIMIT_CPU, (int(start) + 2 * SECONDS, resource.RLIM_INFINITY))
        status = main([*words])
        shown = " ".join(word[-30:] for word in words)
        taken[shown] = status, time.process_time() - start, peak_megabytes() - before
    return taken


def peak_megabytes() -> float:
    """The most memory that this process has had until now."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1_000_000 if sys.platform == "darwin" else 1_000)


@pytest.mark.slow
def test_what_is_hostile_is_refused_at_once_and_takes_little_memory(tmp_path: Path) -> None:
    code = (
        "import json, pathlib, sys\n"
        "from tests.robustness.test_bounded_work import measure\n"
        f"taken = measure(pathlib.Path({str(tmp_path)!r}))\n"
        f"pathlib.Path({str(tmp_path)!r}, 'taken').write_text(json.dumps(taken))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    taken = json.loads((tmp_path / "taken").read_text())
    assert len(taken) == len(write_hostile_files(tmp_path))
    file = MAX_TRACE_BYTES / 1_000_000
    bad = {
        words: (status, seconds, megabytes)
        for words, (status, seconds, megabytes) in taken.items()
        if status != 2
        or seconds > SECONDS
        or megabytes > MEGABYTES + file * words.endswith("large.json")
    }
    assert bad == {}
    errors = done.stderr.splitlines()
    assert len([line for line in errors if line.startswith("Error: ")]) == len(taken)
    assert not any("Internal error" in line for line in errors)
