"""The document of an explorer holds what the trace holds, by numbers that all lead somewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.example import FILE, SOURCE, example, symbolic_example
from tests.render.explorer.decoded import Document, references, shape
from tests.render.laws import LAW
from tracer.record import Trace, Value
from tracer.render.explorer.document import ExplorerContent, explorer_document

SOURCES = {FILE: "\n".join(SOURCE)}


def document_of(trace: Trace) -> Document:
    return explorer_document(ExplorerContent(trace, SOURCES))


@pytest.fixture(params=[example, symbolic_example], ids=["numbers", "formulas"])
def trace(request: pytest.FixtureRequest) -> Trace:
    made: Callable[[], Trace] = request.param
    return made()


def test_every_number_leads_to_an_entry(trace: Trace) -> None:
    document = document_of(trace)
    lost = [(name, n) for name, n in references(document) if not -1 <= n < len(document[name])]
    assert lost == []
    assert json.loads(json.dumps(document)) == json.loads(json.dumps(document_of(trace)))


def test_the_shapes_are_those_of_the_trace(trace: Trace) -> None:
    document = document_of(trace)
    for row, block in zip(document["blocks"], trace.root.walk(), strict=True):
        assert row["call"] == block.call
        assert [shape(document, value) for value in row["outputs"]] == shapes(block.outputs)
    for row, step in zip(document["steps"], trace.steps, strict=True):
        assert row[0] == step.op
        assert [shape(document, value) for value in row[1]] == shapes(step.inputs)
        assert [shape(document, value) for value in row[2]] == shapes(step.outputs)


def shapes(values: tuple[Value, ...]) -> list[tuple[int | str, ...]]:
    return [value.shape for value in values]


def test_a_tensor_has_one_number_wherever_it_occurs(trace: Trace) -> None:
    document = document_of(trace)
    made = {step[2][0]: number for number, step in enumerate(document["steps"]) if step[2]}
    for skip, row in zip(document["skips"], document["ledger"], strict=True):
        assert row["value"] == skip["value"]
        assert made[skip["result"]] == skip["popped"]


def test_a_view_names_the_tensor_whose_memory_it_shares(trace: Trace) -> None:
    document = document_of(trace)
    bases = [step.memory_of for step in trace.steps]
    assert [row[7] >= 0 for row in document["steps"]] == [base is not None for base in bases]


def test_the_elements_of_weights_are_counted(trace: Trace) -> None:
    convolution = next(row for row in document_of(trace)["steps"] if row[0] == "conv2d")
    assert convolution[8] == 8 * 3 * 3 * 3 + 8


def test_blocks_know_their_caller_their_level_and_their_function(trace: Trace) -> None:
    document = document_of(trace)
    blocks = {row["call"]: row for row in document["blocks"]}
    block = blocks["mid.block"]
    assert document["blocks"][block["parent"]]["call"] == ""
    assert (block["level"], block["role"]) == (1, "middle")
    assert (blocks["mid.block.conv"]["level"], blocks[""]["level"]) == (1, None)
    assert document["functions"][block["function"]]["name"] == "ResBlock.forward"
    assert blocks["mid.block.conv"]["function"] == -1


def test_a_skip_names_the_lines_that_pushed_and_popped_it(trace: Trace) -> None:
    document = document_of(trace)
    skip = document["skips"][0]
    push, pop = (document["lines"][skip[end]] for end in ("push_line", "pop_line"))
    assert [SOURCE[line[1] - 1].strip() for line in (push, pop)] == [
        "hs = [self.conv_in(x)]",
        "h = block(torch.cat([h, hs.pop()], dim=1), temb)",
    ]
    assert ["pop", "hs", skip["value"], 0] in [list(change) for change in pop[5]]


def test_the_functions_that_ran_stand_there_whole(trace: Trace) -> None:
    functions = document_of(trace)["functions"]
    names = {one["name"]: one for one in functions}
    assert list(names) == [
        "ToyUNet.forward",
        "ResBlock.forward",
        "Attention.forward",
        "Upsample.forward",
    ]
    forward = names["Upsample.forward"]
    assert forward["source"].splitlines() == SOURCE[forward["first"] - 1 : forward["last"]]
    assert [name for *_, name in forward["calls"]] == ["interpolate", "conv"]


def test_a_trace_without_lines_has_all_but_the_source(trace: Trace) -> None:
    document = document_of(replace(trace, lines=()))
    assert (document["functions"], document["frames"], document["lines"]) == ([], [], [])
    assert len(document["skips"]) == 3


def test_rules_are_there_where_they_are_known() -> None:
    content = ExplorerContent(example(), SOURCES)
    assert explorer_document(content)["rules"] is None
    rules = explorer_document(replace(content, rules=LAW))["rules"]
    assert [rule["name"] for rule in rules] == ["B", "H", "W"]


def test_a_model_that_failed_half_way_has_a_document() -> None:
    whole = example()
    children = whole.root.children[:3]
    end = children[-1].last
    root = replace(whole.root, last=end, outputs=(), children=children)
    lines = tuple(line for line in whole.lines if line.last <= end)
    partial = replace(whole, steps=whole.steps[:end], lines=lines, outputs=(), root=root)
    document = document_of(partial)
    assert (len(document["steps"]), document["skips"]) == (end, [])
    assert document["ledger"][0]["popped"] is None


def test_the_words_of_both_languages_are_in_it() -> None:
    words = document_of(example())["words"]
    assert words["en"].keys() == words["ko"].keys()


def test_a_block_has_the_note_on_the_function_that_it_runs() -> None:
    trace = example()
    notes = {"ResBlock.forward": {"en": "Two ways", "ko": "두 갈래"}}
    document = explorer_document(ExplorerContent(trace, SOURCES, notes=notes))
    found = {block["kind"]: block["note"] for block in document["blocks"] if block["function"] >= 0}
    assert found["ResBlock"] == notes["ResBlock.forward"]
    assert found["ToyUNet"] is None
