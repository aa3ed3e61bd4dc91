"""Bad files and options are refused with one message, at once, and before torch is imported."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Golden
from tests.example import example, symbolic_example
from tests.robustness import test_hostile_options as options
from tests.robustness import test_mutated_checkpoints as checkpoints
from tests.robustness import test_mutated_locks as locks
from tests.robustness import test_mutated_traces as traces
from tracer.cli import main
from tracer.record import Block, Trace, Value
from tracer.snapshot import LockFileError, from_lock, snapshot_of, to_lock
from tracer.store import MAX_TRACE_BYTES, TraceFileError, from_json, load, to_json
from tracer.trace_checks import MAX_BLOCK_NESTING

Document = dict[str, Any]


def document(trace: Trace) -> Document:
    return dict(json.loads(to_json(trace)))


def nested_trace(depth: int) -> Trace:
    """A trace of blocks inside each other; the model itself is the first."""
    x = Value("x", (1, 3, 8, 8), "float32")
    block: tuple[Block, ...] = ()
    for number in range(depth - 1, -1, -1):
        call = ".".join(f"b{one}" for one in range(1, number + 1)) if number < 3 else f"b{number}"
        block = (Block(call, call, "Net", (x,), (x,), 0, 0, 0, 0, block),)
    return Trace("Net", (x,), (x,), (), block[0])


SPOILT: dict[str, tuple[Callable[[Document], object], str]] = {
    "negative size": (lambda d: d["inputs"][0].update(shape=[1, -3]), ".inputs: the size -3 of"),
    "negative depth": (
        lambda d: next(one for one in d["lines"] if one["changes"])["changes"][0].update(depth=-5),
        "the depth -5 is out of range",
    ),
    "made twice": (
        lambda d: d["steps"][5].update(outputs=d["steps"][4]["outputs"]),
        ".steps[5]: ",
    ),
    "dangling": (lambda d: d["steps"][0]["inputs"][0].update(name="nobody"), "nothing made"),
    "overlap": (
        lambda d: d["root"]["children"][2].update(first=0),
        "its steps overlap those of other blocks",
    ),
    "no symbol": (lambda d: d["steps"][3].update(flops="H"), '"H" is not among the symbols'),
    "power": (lambda d: d["steps"][3].update(flops="H**99999999"), "an exponent is at most 64"),
    "sum": (lambda d: d["steps"][3].update(flops="(B+H+W)**200"), "is not a formula"),
    "zero": (lambda d: d["inputs"][0].update(shape=["1/0"]), "it divides by zero"),
    "brackets": (lambda d: d["inputs"][0].update(shape=["(" * 9_000]), "parentheses are nested"),
    "dtype": (lambda d: d["inputs"][0].update(dtype="object"), '"object" is not a dtype'),
    "memory": (lambda d: d["steps"][3].update(memory_of="nobody"), 'no value is called "nobody"'),
    "two shapes": (lambda d: d["root"]["outputs"][0].update(shape=[7]), "has two shapes or dtypes"),
}


@pytest.mark.parametrize("kind", SPOILT)
def test_a_trace_that_contradicts_itself_is_refused_with_the_place(kind: str) -> None:
    spoil, said = SPOILT[kind]
    spoilt = document(example())
    spoil(spoilt)
    with pytest.raises(TraceFileError) as caught:
        from_json(json.dumps(spoilt).encode(), "x.json")
    assert str(caught.value).startswith("x.json: ")
    assert said in str(caught.value)


def test_a_formula_of_a_size_that_is_not_among_the_symbols_is_refused() -> None:
    spoilt = document(replace(symbolic_example(), symbols=traces.SYMBOLS))
    spoilt["inputs"][0]["shape"] = ["Q"]
    with pytest.raises(TraceFileError, match='"Q" is not among the symbols'):
        from_json(json.dumps(spoilt).encode())


def test_three_hundred_nested_blocks_are_read_and_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = nested_trace(300)
    assert to_json(from_json(to_json(trace))) == to_json(trace)
    (tmp_path / "x.json").write_bytes(to_json(trace))
    for words in traces.commands(tmp_path / "x.json", tmp_path / "x.json", tmp_path):
        assert main(words) == 0, capsys.readouterr().err


@pytest.mark.parametrize("depth", [MAX_BLOCK_NESTING + 1, 900])
def test_blocks_that_are_nested_too_deeply_are_refused(depth: int) -> None:
    data = b'{"format":"unet-trace/3","model":"","inputs":[],"outputs":[],"steps":[],"root":'
    block = (
        b'{"call":"%s","path":"","kind":"","inputs":[],"outputs":[],"parameters":0,'
        b'"own_parameters":0,"first":0,"last":0,"children":['
    )
    names = [b"" if not number else b"b%d" % number for number in range(depth)]
    data += b"".join(block % name for name in names) + b"]}" * depth + b"}"
    with pytest.raises(TraceFileError, match=f"nested more than {MAX_BLOCK_NESTING} deep"):
        from_json(data)


def test_a_file_that_is_too_large_for_a_trace_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    with path.open("wb") as file:
        file.write(b"{")
        file.truncate(MAX_TRACE_BYTES + 2)  # takes no room on the disk
    with pytest.raises(TraceFileError, match="a trace has at most 256 MiB"):
        load(path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("  flops: -1", "totals.flops: Expected"),
        ('  flops: "H**99999999"', "an exponent is at most 64"),
        ('  flops: "(B+H+W)**200"', "is not a formula"),
        ("zz: " + "[" * 100, "nested more than 32 deep"),
        ("zz: &a [x]", "anchors and aliases are not read here"),
        ("zz: !!timestamp x", "tags are not read here"),
        ("skips: []", "skips occurs twice"),
    ],
)
def test_a_lock_file_of_a_stranger_is_refused_with_the_place(line: str, said: str) -> None:
    lines = to_lock(snapshot_of(example())).splitlines()
    number = next(number for number, one in enumerate(lines) if one.startswith("  flops"))
    lines[number : number + line.startswith("  flops")] = [line]
    if not line.startswith(" "):
        lines = [*to_lock(snapshot_of(example())).splitlines(), line]
    with pytest.raises(LockFileError) as caught:
        from_lock("\n".join(lines), "x.yaml")
    assert str(caught.value).startswith("x.yaml")
    assert said in str(caught.value)


@pytest.mark.parametrize("rule", ["0 to 99999999999 only", "1 to 6; also 7 to 99999999999"])
def test_a_rule_that_lists_more_sizes_than_memory_holds_is_refused(rule: str) -> None:
    text = to_lock(locks.BASE).replace("8 or 16 only", rule)
    with pytest.raises(LockFileError, match="law: W: cannot parse"):
        from_lock(text)


def test_a_skip_of_a_block_that_does_not_exist_is_refused() -> None:
    snapshot = snapshot_of(example())
    skips = (replace(snapshot.skips[0], source="nobody"), *snapshot.skips[1:])
    with pytest.raises(LockFileError, match='no block has the name "nobody"'):
        from_lock(to_lock(replace(snapshot, skips=skips)))


BEFORE_TORCH = """
import sys
from tracer.cli import main
for words in {commands!r}:
    assert main(words) == 2, words
    assert "torch" not in sys.modules, words
"""


@pytest.mark.slow
def test_bad_options_and_bad_lock_files_are_refused_before_torch_is_imported(
    tmp_path: Path,
) -> None:
    brackets, model = tmp_path / "x.yaml", "tests/toy_unet.py:ToyUNet"
    brackets.write_text(to_lock(snapshot_of(example())) + "zz: " + "[" * 30_000 + "]" * 30_000)
    commands = [
        ["check", model, str(brackets)],
        ["diff", model, str(brackets)],
        ["show", model, "--input", "x=1x3x99999999999999999999x8"],
        ["show", model, "--input", "x=1x3x9223372036854775807x8"],
        ["show", model, "--input", "x=1x3:int65"],
        ["show", model, "--input", f"{'a.' * 3_000}b=1"],
        ["stack", model, "--set", f"ch={'-' * 20_000}"],
        ["cost", model, "--dims", "x=B,3,H/0,W"],
        ["sizes", model, "--dims", "x=B,3,H**99999999,W"],
        ["checkpoint", model, "x.safetensors", "--set", f"ch={'9' * 20_000}"],
    ]
    done = subprocess.run(
        [sys.executable, "-c", BEFORE_TORCH.format(commands=commands)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    errors = done.stderr.splitlines()
    assert len(errors) == len(commands)
    assert all(line.startswith("Error: ") and len(line) < 600 for line in errors)
    assert "line 47: nested more than 32 deep" in errors[0]


def test_the_figures_of_what_was_tried_are_those_of_the_tests(
    golden: Golden, tmp_path: Path
) -> None:
    from tests.robustness.test_bounded_work import write_hostile_files  # which imports this one

    figures = {
        "mutated traces": sum(len(traces.corpus(base)) for base in traces.BASES),
        "commands run on traces that are read": len([*traces.commands(Path(), Path(), Path())]),
        "mutated lock files": len(locks.corpus()),
        "mutated checkpoints": len(checkpoints.corpus()),
        "texts of options, shapes and formulas": len(options.TRIED),
        "readers of such texts": len(options.READERS),
        "commands with limited time and memory": len(write_hostile_files(tmp_path)),
    }
    golden("../../docs/robustness/fuzzing.json", json.dumps(figures, indent=2) + "\n")
