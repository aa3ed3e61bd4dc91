"""Where results lie: a step says in whose memory, and a real run shows that it is so."""

from __future__ import annotations

from typing import Any

import pytest
from torch import Tensor, fx

import tracer
from tests.from_torch.registry import built, filled, run, tensors
from tests.from_torch.zoo import TRAPS, Case, quiet, traced
from tracer.from_torch.capture.op_recorder import RecordedOp
from tracer.from_torch.capture.value_table import storage_of

pytestmark = quiet


class Memories(fx.Interpreter):
    """Runs a graph on real numbers, and notes in which memory each value lies."""

    def __init__(self, graph: fx.GraphModule) -> None:
        super().__init__(graph)
        self.places: dict[str, int] = {}
        self.complaints: list[str] = []
        self._alive: list[Tensor] = []

    def run_node(self, n: fx.Node) -> Any:
        result = super().run_node(n)
        found = list(tensors(result))
        self._alive += found  # or another tensor could get the same memory
        operation = n.meta.get("operation")
        if n.op == "placeholder" and isinstance(result, Tensor):
            self.places[str(n.target)] = storage_of(result)
        if isinstance(operation, RecordedOp):
            self._look(operation, [storage_of(one) for one in found])
        return result

    def _look(self, operation: RecordedOp, places: list[int]) -> None:
        names = [value.name for value in operation.writes]
        if operation.memory_of in self.places:
            place = self.places[operation.memory_of]
            if places and place not in places:
                self.complaints.append(f"{operation.op} does not lie in {operation.memory_of}")
            if len(set(places)) < 2:  # a step that writes to several tensors names only one
                self.places |= dict.fromkeys(names, place)
        elif operation.memory_of is None and len(names) == len(places):
            old = set(places) & set(self.places.values())
            if old:
                self.complaints.append(f"{operation.op} lies in memory that was there before")
            self.places |= dict(zip(names, places, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("one", TRAPS.values(), ids=TRAPS)
def test_a_result_lies_in_the_memory_that_its_step_names(one: Case) -> None:
    memories = Memories(tracer.graph(built(one.build), filled(one)))
    inputs = filled(one)
    run(lambda *given, **named: memories.run(*given, *named.values()), inputs)
    assert memories.complaints == []
    made = {value.name for step in traced(one.name).steps for value in step.outputs}
    assert memories.places.keys() & made or len(made) < 3


def memory_of(name: str) -> dict[str, str | None]:
    return {step.op: step.memory_of for step in traced(name).steps}


def test_a_view_and_a_change_in_place_lie_in_the_memory_of_what_they_were_made_from() -> None:
    found = memory_of("ChunkedAndChanged")
    assert found["mul"] is None
    assert found["chunk"] == "mul"
    assert found["mul_"] in {"chunk.0", "mul"}


def test_a_change_gives_new_values_to_all_that_share_the_memory() -> None:
    trace = traced("InputChanged")
    changed = next(step for step in trace.steps if step.op.startswith("clamp"))
    read = next(step for step in trace.steps if step.op == "cumsum")
    assert set(read.inputs) <= set(changed.outputs)
    assert {value.shape for value in changed.outputs} == {(2, 4, 8, 8), (2, 256)}


def test_an_attribute_of_a_tensor_is_a_step_of_that_name() -> None:
    assert {"mT", "data", "detach"} <= memory_of("ViewsOfOne").keys()
