"""The record of every model agrees with itself, is the same each time, and survives being saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import _disable_current_modes

import tracer
from tests.from_torch.registry import built, filled
from tests.from_torch.zoo import CASES, UNETS, Case, each_case, each_unet, quiet, traced
from tracer.from_torch.capture.convert import to_trace
from tracer.from_torch.capture.recording import record
from tracer.record import Block, Line, Trace, Value

pytestmark = quiet

DECIDED_BY_DATA = {
    *("ChecksItsNumbers", "SelectsByData", "NormalisesBatches", "Spectrogram"),
    *("TensorOfTensors", "Distributions", "NumbersFromNumPy", "AsksWhereItsDataIs"),
}
BEYOND_FAKES = {"OwnOperator", "OwnClassOfTensors"}
WITHOUT_OPERATIONS = {"ReturnsItsState"}
OF_LAYERS = {"einops/layers/torch.py"}


def test_the_hand_checked_models_are_all_there() -> None:
    assert len(UNETS) > 30
    assert len(CASES) > len(UNETS) + 70


@each_case
def test_the_record_agrees_with_itself(one: Case) -> None:
    trace = traced(one.name)
    assert [complaint for check in CHECKS for complaint in check(trace)] == []


def one_value_a_name(trace: Trace) -> Iterator[str]:
    by_name: dict[str, Value] = {}
    for value in all_values(trace):
        if by_name.setdefault(value.name, value) != value:
            yield f"{value} and {by_name[value.name]} have one name"
    made = [value.name for value in (*trace.inputs, *outputs(trace))]
    yield from (f"{name} was made twice" for name in set(made) if made.count(name) > 1)
    read = {value.name for step in trace.steps for value in step.weights}
    yield from (f"{name} is a weight and flows" for name in read & set(made))


def all_values(trace: Trace) -> Iterator[Value]:
    """Every mention of a value: one value is mentioned in many places."""
    yield from (*trace.inputs, *trace.outputs)
    for step in trace.steps:
        yield from (*step.inputs, *step.weights, *step.outputs)
    for block in trace.root.walk():
        yield from (*block.inputs, *block.outputs)
    for line in trace.lines:
        yield from (value for _, value in line.names)
        yield from (change.value for change in line.changes)


def outputs(trace: Trace) -> Iterator[Value]:
    for step in trace.steps:
        yield from step.outputs


def what_is_read_was_there(trace: Trace) -> Iterator[str]:
    known = {value.name for value in trace.inputs}
    for number, step in enumerate(trace.steps):
        for value in step.inputs:
            if value.name not in known:
                yield f"step {number} ({step.op}) reads {value.name}, which nothing made"
        known |= {value.name for value in step.outputs}
        held = {value.name for value in step.weights} | known
        if step.memory_of is not None and step.memory_of not in held:
            yield f"step {number} ({step.op}) lies in {step.memory_of}, which nothing made"
        if not step.outputs and not step.weights:  # a change of a buffer puts nothing out
            yield f"step {number} ({step.op}) made nothing"


def blocks_nest(trace: Trace) -> Iterator[str]:
    root = trace.root
    if (root.call, root.path, root.first, root.last) != ("", "", 0, len(trace.steps)):
        yield "the root is not the whole"
    if (root.inputs, root.outputs) != (trace.inputs, trace.outputs):
        yield "the root has other inputs or outputs than the trace"
    if len(trace.blocks) != len(list(root.walk())):
        yield "two blocks have one name"
    for block in root.walk():
        at = block.first
        for child in block.children:
            if not at <= child.first <= child.last <= block.last:
                yield f"{child.call} is not where it ought to be in {block.call}"
            at = child.last


def steps_belong_to_the_innermost_block(trace: Trace) -> Iterator[str]:
    for number, step in enumerate(trace.steps):
        if step.block != innermost(trace.root, number).call:
            yield f"step {number} ({step.op}) says {step.block}"


def innermost(block: Block, number: int) -> Block:
    for child in block.children:
        if child.first <= number < child.last:
            return innermost(child, number)
    return block


def lines_nest(trace: Trace) -> Iterator[str]:
    around: list[Line] = []
    for line in trace.lines:
        while around and around[-1].last <= line.first < line.last:
            around.pop()
        if not 0 <= line.first <= line.last <= len(trace.steps):
            yield f"{line} is outside"
        if line.first < line.last:
            if around and line.last > around[-1].last:
                yield f"{line} began within {around[-1]}, and ended after it"
            around.append(line)


def steps_stand_on_lines(trace: Trace) -> Iterator[str]:
    covered = {number for line in trace.lines for number in range(line.first, line.last)}
    for number, step in enumerate(trace.steps):
        if step.file is not None and number not in covered:
            yield f"step {number} ({step.op}) ran on no line"
        if (step.file is None) != (step.line is None):
            yield f"step {number} ({step.op}) has half a place"


CHECKS: tuple[Callable[[Trace], Iterator[str]], ...] = (
    one_value_a_name,
    what_is_read_was_there,
    blocks_nest,
    steps_belong_to_the_innermost_block,
    lines_nest,
    steps_stand_on_lines,
)


@each_case
def test_places_are_in_the_file_of_the_model(one: Case) -> None:
    own = f"{one.module.replace('.', '/')}.py"
    trace = traced(one.name)
    assert {line.file for line in trace.lines} <= {own} | OF_LAYERS
    assert {step.file for step in trace.steps} <= {own, None} | OF_LAYERS


@each_unet
def test_a_step_stands_on_the_innermost_line_around_it(one: Case) -> None:
    trace = traced(one.name)
    for number, step in enumerate(trace.steps):
        around = [line for line in trace.lines if line.first <= number < line.last]
        assert (step.file, step.line) == (around[-1].file, around[-1].line)


@pytest.mark.slow
@each_case
def test_lines_can_be_left_out(one: Case) -> None:
    full = traced(one.name)
    bare = tracer.trace(built(one.build), filled(one), lines=False)
    steps = tuple(replace(step, file=None, line=None) for step in full.steps)
    assert bare == replace(full, lines=(), steps=steps, notes=bare.notes)
    assert len(bare.notes) == len(full.notes)


@pytest.mark.slow
@each_case
def test_two_traces_are_equal_and_survive_being_saved(one: Case, tmp_path: Path) -> None:
    tracer.save(tracer.trace(built(one.build), filled(one)), tmp_path / "trace.json")
    assert tracer.load(tmp_path / "trace.json") == traced(one.name)


@each_case
def test_parameters_and_buffers_are_counted_as_pytorch_lists_them(one: Case) -> None:
    modules = dict(built(one.plain).named_modules())
    for block in traced(one.name).root.walk():
        module = modules.get(block.path)
        if module is None or isinstance(module, torch.jit.ScriptModule):
            continue
        own = sum(parameter.numel() for parameter in module.parameters(recurse=False))
        assert block.own_parameters == own
        assert block.parameters == sum(parameter.numel() for parameter in module.parameters())
        assert block.buffers == sum(buffer.numel() for buffer in module.buffers())


def test_a_shared_parameter_is_counted_once() -> None:
    conv = 4 * 4 * 9 + 4
    assert traced("TiedWeights").root.parameters == conv + 4 + 4 + 1
    assert traced("CalledTwice").root.parameters == conv


def test_the_record_names_the_class_the_target_and_the_torch_that_ran() -> None:
    trace = tracer.trace(nn.Linear(2, 2), torch.ones(1, 2), target="unet.py:UNet")
    assert (trace.model, trace.target, trace.torch) == ("Linear", "unet.py:UNet", torch.__version__)


@pytest.mark.parametrize("name", sorted(DECIDED_BY_DATA))
def test_a_model_that_data_decides_is_run_on_real_numbers_and_says_so(name: str) -> None:
    (note,) = traced(name).notes
    assert note.startswith("The model reads the values of a tensor (")
    assert note.endswith(
        "so it was run on real numbers. With other numbers it may take another path, or have other "
        "shapes or constants."
    )


@pytest.mark.slow
def test_other_models_are_run_without_data() -> None:
    noted = {name for name in CASES if name not in DECIDED_BY_DATA and traced(name).notes}
    assert noted == BEYOND_FAKES | WITHOUT_OPERATIONS
    for name in WITHOUT_OPERATIONS:
        assert traced(name).steps == ()
        assert traced(name).notes[0].startswith("No operation ran")


class Hides(nn.Module):
    """Makes a tensor behind the back of every mode."""

    def forward(self, x: Tensor) -> Tensor:
        with torch._C.DisableTorchFunction(), _disable_current_modes():
            hidden = x * 2
        return hidden + 1


def test_what_ran_unseen_is_counted_and_told() -> None:
    trace = to_trace(record(Hides(), torch.ones(2, 3)))
    assert ([step.op for step in trace.steps], trace.missed) == (["add"], 1)
    assert "(2, 3), was made where it could not be recorded, at " in trace.notes[0]


def test_a_whole_run_misses_nothing() -> None:
    assert to_trace(record(nn.ReLU(), torch.ones(2))).missed == 0
