"""How a run begins and ends: inputs by their names, wrappers taken off, and what is refused."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import tracer
from tests.from_torch.registry import Case, Inputs, built, filled
from tests.from_torch.trap_models import AnyArguments, KeywordsOnly, ObjectsAsInputs
from tests.from_torch.zoo import CASES, each_case, lines_with, quiet, traced
from tracer.from_torch.capture.convert import to_trace
from tracer.from_torch.capture.model_call import named_inputs, parameters_of
from tracer.from_torch.capture.recording import record
from tracer.record import Value

pytestmark = quiet

X = torch.ones(2, 3)
TRAPS_FILE = "tests/from_torch/trap_models.py"


class Adds(nn.Module):
    def forward(self, x: Tensor, y: Tensor | None = None, *, scale: float = 1.0) -> Tensor:
        return x * scale if y is None else x * scale + y


@pytest.mark.parametrize(
    ("inputs", "names"),
    [
        (X, ["x"]),
        ((X,), ["x"]),
        ([X, X], ["x", "y"]),
        ({"x": X, "scale": 2.0}, ["x", "scale"]),
        (OrderedDict(y=X, x=X), ["y", "x"]),
    ],
)
def test_inputs_are_called_as_forward_calls_them(inputs: Inputs, names: list[str]) -> None:
    assert list(named_inputs(Adds(), inputs)) == names


def test_inputs_beyond_the_signature_are_numbered() -> None:
    assert list(named_inputs(AnyArguments(), (X, X, X))) == ["first", "input_1", "input_2"]


def test_tensors_inside_inputs_are_called_by_their_place() -> None:
    names = [value.name for value in traced("NestedInputs").inputs]
    assert names == ["input", "extra.text", "extra.sizes.0", "extra.sizes.1.0"]
    names = [value.name for value in traced("ObjectsAsInputs").inputs]
    assert names == ["pair.0", "pair.1", "conditions.text"]


def test_inputs_that_are_no_tensors_are_no_values() -> None:
    assert [value.name for value in traced("PlainInputs").inputs] == ["x"]
    assert traced("KeywordsOnly").inputs == (
        Value("sample", (2, 4, 8, 8), "float32"),
        Value("t", (2,), "int64"),
    )


def test_an_input_without_dimensions_has_an_empty_shape() -> None:
    assert traced("ScalarTensors").inputs[1] == Value("t", (), "int64")


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ((X, X, X), "takes from 2 to 3 positional arguments but 4 were given"),
        ({"z": X}, "unexpected keyword argument 'z'"),
        ((), "missing 1 required positional argument: 'x'"),
    ],
)
def test_a_call_that_python_refuses_raises_what_python_says(inputs: Inputs, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        tracer.trace(Adds(), inputs)


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_only_shape_and_dtype_of_inputs_count(device: str) -> None:
    x = torch.empty(2, 4, 8, 8, device=device)
    sample: dict[str, Any] = {"sample": x, "t": torch.empty(2, dtype=torch.long, device=device)}
    assert tracer.trace(KeywordsOnly(), sample) == traced("KeywordsOnly")


def test_strides_of_an_input_are_kept() -> None:
    class Asks(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x if x.is_contiguous() else x * 2

    last = torch.empty(1, 2, 3, 4).to(memory_format=torch.channels_last)
    assert [len(tracer.trace(Asks(), x).steps) for x in (last.contiguous(), last)] == [0, 1]


def test_one_tensor_given_twice_is_one_tensor() -> None:
    class Changes(nn.Module):
        def forward(self, x: Tensor, y: Tensor) -> Tensor:
            x.zero_()
            return y + 1

    trace = tracer.trace(Changes(), (X, X))
    (changed, added) = trace.steps
    assert set(added.inputs) <= set(changed.outputs)


def test_a_dataclass_of_inputs_stays_what_it_is() -> None:
    one = CASES["ObjectsAsInputs"]
    seen = []

    class Keeps(ObjectsAsInputs):
        def forward(self, pair: Any, conditions: Any) -> Tensor:
            seen.append((type(pair).__name__, type(conditions).__name__, conditions.strength))
            return super().forward(pair, conditions)

    tracer.trace(Keeps(), one.inputs())
    assert seen == [("Pair", "Conditions", 2.0)]


def test_a_compiled_model_is_traced_as_what_it_wraps() -> None:
    assert traced("compiled").model == "Whole"
    steps = [step.op for step in traced("compiled").steps]
    assert steps == ["conv2d", "silu", "conv2d", "add", "mul", "conv2d"]


def test_what_is_compiled_inside_is_not_compiled() -> None:
    expected = [step.op for step in traced("compiled").steps]
    for name in ("compiled_submodule", "wrapped_submodule"):
        assert [step.op for step in traced(name).steps] == expected
    assert [step.op for step in traced("compiled_function").steps] == [
        *("conv2d", "sigmoid", "mul", "mean", "add", "add"),
    ]


def test_inputs_of_a_script_from_a_file_are_called_as_its_schema_calls_them() -> None:
    model = built(CASES["loaded_script"].build)
    assert list(named_inputs(model, X)) == ["x"]
    assert [one.name for one in parameters_of(model.forward)] == ["x"]


@pytest.mark.parametrize(
    ("name", "op", "text"),
    [
        ("OwnOperator", "doubled", "h: Tensor = doubled(x)"),
        ("OwnClassOfTensors", "what is done", "as_subclass"),
    ],
)
def test_what_torch_cannot_run_without_data_is_run_with_data(name: str, op: str, text: str) -> None:
    place = f"tests/from_torch/trap_models.py:{lines_with(TRAPS_FILE, text)[0]}"
    assert traced(name).notes == (
        f"PyTorch cannot run {op} at {place} on tensors without data, so the model was run on real "
        "numbers.",
    )


@pytest.mark.parametrize(
    ("name", "op", "text"),
    [
        ("NumbersFromNumPy", "numpy", "x.numpy().shape"),
        ("AsksWhereItsDataIs", "data_ptr", "x.data_ptr()"),
        ("SelectsByData", "getitem", "x[x > 0]"),
    ],
)
def test_where_values_decide_the_note_says_so(name: str, op: str, text: str) -> None:
    line = lines_with(TRAPS_FILE, text)[0]
    (note,) = traced(name).notes
    assert note.startswith(
        f"The model reads the values of a tensor ({op} at {TRAPS_FILE}:{line}), so it was run on "
    )


def test_a_model_that_fails_by_itself_is_run_once() -> None:
    runs = []

    class Fails(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            runs.append(x.shape)
            raise NotImplementedError("not yet")

    with pytest.raises(NotImplementedError, match="not yet"):
        tracer.trace(Fails(), X)
    assert len(runs) == 1


def test_a_model_that_returns_nothing_has_no_outputs() -> None:
    class Nothing(nn.Module):
        def forward(self, x: Tensor) -> None:
            x.add(1)

    trace = tracer.trace(Nothing(), X)
    assert (trace.outputs, len(trace.steps)) == ((), 1)


def test_a_model_without_operations_has_no_steps() -> None:
    trace = tracer.trace(nn.Identity(), X)
    assert trace.steps == ()
    assert trace.outputs == trace.inputs == (Value("input", (2, 3), "float32"),)


CONSTANTS = {"dense": torch.arange(4.0), "sparse": torch.eye(3).to_sparse()}


@pytest.mark.parametrize("lines", [True, False])
@pytest.mark.parametrize("kind", CONSTANTS)
def test_a_constant_that_is_only_returned_is_no_step(kind: str, lines: bool) -> None:
    class Returns(nn.Module):
        def forward(self, x: Tensor) -> tuple[Tensor, ...]:
            return x, CONSTANTS[kind]

    for _ in range(2):
        assert tracer.trace(Returns(), torch.ones(2), lines=lines).steps == ()


def test_objects_of_the_model_are_not_compared() -> None:
    class Answer:
        def __eq__(self, other: object) -> bool:
            pytest.fail("compared")

        __hash__ = None  # type: ignore[assignment]

    class Collects(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            found = [x, Answer(), None]
            found.append(x + 1)
            return found[-1]

    assert [step.op for step in tracer.trace(Collects(), torch.ones(2)).steps] == ["add"]


def test_questions_and_what_hands_back_its_argument_are_no_steps() -> None:
    assert [step.op for step in traced("Sizes").steps] == [
        *("reshape", "flatten", "unflatten", "div"),
    ]
    casts = [step.op for step in traced("Casts").steps]
    assert casts.count("to") == 1
    assert "contiguous" not in casts


@pytest.mark.slow
@each_case
def test_a_trace_is_the_same_whether_a_graph_is_written_or_not(one: Case) -> None:
    recording = record(built(one.build), filled(one), graph=True)
    assert to_trace(recording) == traced(one.name)
