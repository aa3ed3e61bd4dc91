"""The hand-built trace of tests/example.py says what the model in tests/toy_unet.py does."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from tests.example import SOURCE, example, links, symbolic_example
from tests.toy_unet import ToyUNet
from tracer.analysis.skips import skips
from tracer.api import trace
from tracer.record import Trace
from tracer.store import to_json

DETAILS = {"trainable", "arguments", "kernel", "stride", "groups"}
"""Fields of blocks that are for one table, and that the hand-built trace leaves out."""


def unnamed(found: Trace) -> Any:
    """The document of a trace with its values numbered as they come, whatever they are called."""
    numbers: dict[str, int] = {}

    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            named = "dtype" in node
            return {
                key: numbers.setdefault(item, len(numbers))
                if (named and key == "name") or (key == "memory_of" and item)
                else walk(item)
                for key, item in node.items()
                if key not in DETAILS
            }
        return [walk(item) for item in node] if isinstance(node, list) else node

    return walk(json.loads(to_json(found)))


def test_it_is_what_the_tracer_records_of_the_model() -> None:
    inputs = (torch.empty(1, 3, 16, 16), torch.tensor(5))
    found = trace(ToyUNet(), inputs, target=example().target)
    assert unnamed(found) == unnamed(example()) | {"torch": torch.__version__}


@pytest.mark.parametrize("build", [example, symbolic_example])
def test_every_value_is_an_input_or_was_put_out_before(build: Any) -> None:
    found = build()
    known = {value.name for value in found.inputs}
    for step in found.steps:
        assert {value.name for value in step.inputs} <= known
        known |= {value.name for value in step.outputs}
    assert {value.name for value in found.outputs} <= known


def test_the_steps_of_a_block_lie_within_those_of_its_caller() -> None:
    for block in example().root.walk():
        for child in block.children:
            assert block.first <= child.first <= child.last <= block.last


def test_each_line_stands_in_the_source() -> None:
    for line in example().lines:
        for change in line.changes:
            assert change.name in SOURCE[line.line - 1]


def test_its_skips_are_those_of_the_data_flow() -> None:
    assert skips(example()) == links(example())
