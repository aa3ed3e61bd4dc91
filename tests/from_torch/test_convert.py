"""The record of every model agrees with itself, is the same each time, and survives being saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

import tracer
from tests.from_torch.registry import built, filled
from tests.from_torch.zoo import CASES, Case, each_case, quiet, traced
from tracer.record import Block, Line, Trace, Value

pytestmark = quiet


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


@each_case
def test_a_name_belongs_to_one_value(one: Case) -> None:
    trace = traced(one.name)
    by_name: dict[str, Value] = {}
    for value in all_values(trace):
        assert by_name.setdefault(value.name, value) == value
    made = [*trace.inputs, *(value for step in trace.steps for value in step.outputs)]
    assert len({value.name for value in made}) == len(made)
    read = {value.name for step in trace.steps for value in step.weights}
    assert not read & {value.name for value in made}


@each_case
def test_what_a_step_takes_in_was_there_before(one: Case) -> None:
    trace = traced(one.name)
    known = {value.name for value in trace.inputs}
    for step in trace.steps:
        assert {value.name for value in step.inputs} <= known
        known |= {value.name for value in step.outputs}
    state = {value.name for step in trace.steps for value in step.weights}
    if one.name != "ReturnsItsState":
        assert {value.name for value in trace.outputs} <= known | state


@each_case
def test_the_steps_of_blocks_nest(one: Case) -> None:
    trace = traced(one.name)
    root = trace.root
    assert (root.call, root.path, root.first, root.last) == ("", "", 0, len(trace.steps))
    assert (root.inputs, root.outputs) == (trace.inputs, trace.outputs)
    for block in root.walk():
        at = block.first
        for child in block.children:
            assert at <= child.first <= child.last <= block.last
            at = child.last
    assert len(trace.blocks) == len(list(root.walk()))


@each_case
def test_a_step_belongs_to_the_innermost_block_that_ran_it(one: Case) -> None:
    trace = traced(one.name)
    for number, step in enumerate(trace.steps):
        assert step.block == innermost(trace.root, number).call


def innermost(block: Block, number: int) -> Block:
    for child in block.children:
        if child.first <= number < child.last:
            return innermost(child, number)
    return block


@each_case
def test_the_steps_of_lines_nest(one: Case) -> None:
    trace = traced(one.name)
    around: list[Line] = []
    for line in trace.lines:
        while around and around[-1].last <= line.first < line.last:
            around.pop()
        assert 0 <= line.first <= line.last <= len(trace.steps)
        if around and line.first < line.last:
            assert line.last <= around[-1].last
        if line.first < line.last:
            around.append(line)


@each_case
def test_every_step_stands_on_a_line_of_the_models_own(one: Case) -> None:
    trace = traced(one.name)
    own = [step for step in trace.steps if step.file is not None]
    assert {step.file for step in own} <= {
        "tests/from_torch/trap_models.py",
        "tests/from_torch/unet_models.py",
        None,
    }
    places = {(line.file, line.line) for line in trace.lines}
    # a statement over several lines is several lines; the body of a lambda has none of its own
    assert all((step.file, step.line) in places for step in own) or one.name in LAMBDAS


LAMBDAS = {"HooksThatKeep", "Generates", "Vectorised"}


@each_case
def test_lines_can_be_left_out(one: Case) -> None:
    full = traced(one.name)
    bare = tracer.trace(built(one.build), filled(one), lines=False)
    assert bare == replace(
        full,
        lines=(),
        steps=tuple(replace(step, file=None, line=None) for step in full.steps),
        notes=bare.notes,
    )
    assert len(bare.notes) == len(full.notes)


@each_case
def test_two_traces_are_equal(one: Case) -> None:
    assert tracer.trace(built(one.build), filled(one)) == traced(one.name)


@each_case
def test_a_trace_survives_being_saved(one: Case, tmp_path: Path) -> None:
    tracer.save(traced(one.name), tmp_path / "trace.json")
    assert tracer.load(tmp_path / "trace.json") == traced(one.name)


@each_case
def test_parameters_and_buffers_are_counted_as_pytorch_lists_them(one: Case) -> None:
    model = built(one.plain)
    modules = dict(model.named_modules())
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


def test_the_record_names_the_class_and_the_torch_that_ran_it() -> None:
    trace = tracer.trace(nn.Linear(2, 2), torch.ones(1, 2), target="a target")
    assert (trace.model, trace.target, trace.torch) == ("Linear", "a target", torch.__version__)


@pytest.mark.parametrize("name", ["ChecksItsNumbers", "SelectsByData"])
def test_a_model_that_data_decides_is_run_on_real_numbers_and_says_so(name: str) -> None:
    trace = traced(name)
    (note,) = trace.notes
    assert note.startswith("The values of a tensor decide what runs (")
    assert note.endswith(
        "so the model was run on real numbers. With other numbers it may take another path, or "
        "have other shapes."
    )


def test_other_models_are_run_without_data() -> None:
    decided = {"ChecksItsNumbers", "SelectsByData", "lazy"}
    assert {name for name in CASES if name not in decided and traced(name).notes} == set()
