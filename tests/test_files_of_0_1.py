"""Files that version 0.1 wrote are read, and hold what they held."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

import tracer
from tests.conftest import GOLDEN
from tracer.algebra.polynomial import parse
from tracer.record import Dim, Symbol, Trace
from tracer.snapshot import (
    BlockSpec,
    Snapshot,
    TensorSpec,
    from_lock,
    read_lock,
    snapshot_of,
    to_lock,
)
from tracer.snapshot.diff import compare
from tracer.store import to_json

FOLDER = GOLDEN / "files_of_0_1"
TRACES = sorted(path.name for path in FOLDER.glob("*.json"))
LOCKS = sorted(path.name for path in FOLDER.glob("*.yaml"))


@dataclass(frozen=True)
class Facts:
    """What a saved trace holds, read off its file."""

    model: str
    target: str
    blocks: int
    steps: int
    lines: int
    pushes: int
    parameters: int
    inputs: dict[str, tuple[Dim, ...]]
    outputs: dict[str, tuple[Dim, ...]]
    symbols: tuple[Symbol, ...] = ()
    notes: tuple[str, ...] = ()
    missed: int = 0


FACTS = {
    "ddpm_cifar10.trace.json": Facts(
        model="Model",
        target="ddpm-cifar10",
        blocks=221,
        steps=482,
        lines=480,
        pushes=12,
        parameters=35_746_307,
        inputs={"x": (1, 3, 32, 32), "t": (1,)},
        outputs={"conv2d_88": (1, 3, 32, 32)},
    ),
    "small_failed.trace.json": Facts(
        model="Small",
        target="small_unet.py:Small --input x=1x3x31x32",
        blocks=4,
        steps=4,
        lines=5,
        pushes=1,
        parameters=4_363,
        inputs={"x": (1, 3, 31, 32)},
        outputs={},
        notes=(
            "the model failed after these operations: RuntimeError: Sizes of tensors must match "
            "except in dimension 1. Expected 32 in dimension 2 but got 31 for tensor number 1 in "
            "the list",
        ),
        missed=1,
    ),
    "small_vary_ch.trace.json": Facts(
        model="Small",
        target="small_unet.py:Small --set ch=8 --input x=1x3x64x64 --vary ch",
        blocks=5,
        steps=6,
        lines=5,
        pushes=1,
        parameters=4_363,
        inputs={"x": ("B", 3, "H", "W")},
        outputs={"conv2d_3": ("B", 3, "H", "W")},
        symbols=(Symbol("B", 1), Symbol("H", 64, 2), Symbol("W", 64, 2), Symbol("ch", 8)),
        notes=("Parameters are counted for ch = 8.",),
    ),
    "tiny_symbolic.trace.json": Facts(
        model="Model",
        target="tiny --symbolic",
        blocks=122,
        steps=258,
        lines=256,
        pushes=6,
        parameters=1_113_955,
        inputs={"x": ("B", 3, "H", "W"), "t": ("B",)},
        outputs={"conv2d_50": ("B", 3, "H", "W")},
        symbols=(Symbol("B", 1), Symbol("H", 16, 4), Symbol("W", 16, 4)),
    ),
}


def saved(name: str) -> Trace:
    return tracer.load(FOLDER / name)


def shapes(tensors: tuple[tracer.Value, ...]) -> dict[str, tuple[Dim, ...]]:
    return {value.name: value.shape for value in tensors}


def test_every_file_is_tried() -> None:
    assert sorted(FACTS) == TRACES
    assert LOCKS == ["ddpm_cifar10_symbolic.lock.yaml", "small_vary_ch.lock.yaml", "tiny.lock.yaml"]


# ---------------------------------------------------------------------------------- saved traces


@pytest.mark.parametrize("name", TRACES)
def test_a_saved_trace_is_loaded(name: str) -> None:
    trace = saved(name)
    pushes = [one for line in trace.lines for one in line.changes if one.kind == "push"]
    assert FACTS[name] == Facts(
        model=trace.model,
        target=trace.target,
        blocks=len(trace.blocks),
        steps=len(trace.steps),
        lines=len(trace.lines),
        pushes=len(pushes),
        parameters=trace.root.parameters,
        inputs=shapes(trace.inputs),
        outputs=shapes(trace.outputs),
        symbols=trace.symbols,
        notes=trace.notes,
        missed=trace.missed,
    )
    assert trace.torch == "2.13.0+cpu"


def contains(new: Any, old: Any) -> bool:
    """Whether a JSON value has everything that an older one has; it may have more fields."""
    if isinstance(old, dict):
        return all(key in new and contains(new[key], item) for key, item in old.items())
    if isinstance(old, list):
        return len(new) == len(old) and all(map(contains, new, old))
    return bool(new == old)


@pytest.mark.parametrize("name", TRACES)
def test_nothing_of_a_saved_trace_is_lost(name: str) -> None:
    old, trace = json.loads((FOLDER / name).read_bytes()), saved(name)
    del old["format"]
    assert old.pop("target") == trace.target
    assert contains(json.loads(to_json(trace)), old)


def test_single_steps_and_lines_are_as_they_were() -> None:
    step = saved("ddpm_cifar10.trace.json").steps[3]
    assert (step.op, step.file, step.line) == ("float", "reference_model/embedding.py", 37)
    assert sum(step.flops or 0 for step in saved("small_failed.trace.json").steps) == 2_198_016
    line = saved("small_vary_ch.trace.json").lines[-1]
    assert (line.function, line.line, line.first, line.last) == ("Small.forward", 15, 4, 6)
    (pop,) = line.changes
    assert (pop.kind, pop.name, pop.value.shape, pop.depth) == (
        "pop",
        "hs",
        ("B", "ch", "H", "W"),
        0,
    )


# ------------------------------------------------------------------------------------ lock files


def locked(name: str) -> Snapshot:
    return read_lock(FOLDER / name)


def test_a_lock_file_holds_what_it_held() -> None:
    found = locked("tiny.lock.yaml")
    assert (found.target, found.model.kind, len(found.blocks)) == ("tiny", "Model", 121)
    assert (found.model.parameters, found.model.flops, found.buffers) == (1_113_955, 131_956_736, 0)
    assert found.size_rules is not None
    assert found.size_rules.axes == {"x": ("B", "3", "H", "W"), "t": ("B",)}
    assert found.size_rules.rules == {
        "B": "any",
        "H": "multiples of 4, at least 4",
        "W": "multiples of 4, at least 4",
    }
    assert [(skip.source, skip.target, skip.operands) for skip in found.skips[:2]] == [
        ("conv_in", "up.0.block.1", ("h 32", "skip 32")),
        ("down.0.block.0", "up.0.block.0", ("h 64", "skip 32")),
    ]
    up = locked("small_vary_ch.lock.yaml").by_call["up"]
    assert up == BlockSpec(
        call="up",
        kind="Conv2d",
        inputs=(TensorSpec(("B", "3*ch", "H", "W"), "float32"),),
        outputs=(TensorSpec(("B", 3, "H", "W"), "float32"),),
        parameters=651,
        weights=(TensorSpec((3, "3*ch", 3, 3), "float32"), TensorSpec((3,), "float32")),
    )


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_would_be_written_the_same_today_but_for_its_format(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    found = from_lock(text)
    assert found.older
    assert found.mode is None
    assert to_lock(found) == text.replace("unet-trace-lock/1", "unet-trace-lock/2")


def at(snapshot: Snapshot, **sizes: int) -> Snapshot:
    """A snapshot of formulas at these sizes, without the FLOPs of the model."""

    def number(dim: Dim) -> Dim:
        return dim if isinstance(dim, int) else int(parse(dim).evaluate(sizes))

    def tensors(specs: tuple[TensorSpec, ...]) -> tuple[TensorSpec, ...]:
        return tuple(replace(one, shape=tuple(map(number, one.shape))) for one in specs)

    def block(one: BlockSpec) -> BlockSpec:
        inputs, outputs = tensors(one.inputs), tensors(one.outputs)
        return replace(one, inputs=inputs, outputs=outputs, flops=None)

    skips = (replace(skip, tensor=tensors((skip.tensor,))[0]) for skip in snapshot.skips)
    return replace(
        snapshot,
        model=block(snapshot.model),
        blocks=tuple(map(block, snapshot.blocks)),
        skips=tuple(skips),
    )


def test_a_lock_file_equals_the_trace_of_the_same_model() -> None:
    trace = saved("small_vary_ch.trace.json")
    assert compare(locked("small_vary_ch.lock.yaml"), snapshot_of(trace)).same
    tiny = tracer.at(saved("tiny_symbolic.trace.json"), {"B": 1, "H": 16, "W": 16})
    assert compare(locked("tiny.lock.yaml"), snapshot_of(tiny)).same
    lock = at(locked("ddpm_cifar10_symbolic.lock.yaml"), B=1, H=32, W=32)
    assert compare(lock, snapshot_of(saved("ddpm_cifar10.trace.json"))).same


def test_a_lock_file_differs_from_the_trace_of_another_size() -> None:
    tiny = tracer.at(saved("tiny_symbolic.trace.json"), {"B": 2, "H": 16, "W": 16})
    (cause, *_) = compare(locked("tiny.lock.yaml"), snapshot_of(tiny)).root_causes
    assert (cause.part, cause.what) == ("model", "inputs")
