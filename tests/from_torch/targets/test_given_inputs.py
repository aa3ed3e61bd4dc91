"""From Python, inputs are tensors, shapes in their place, or nothing; nothing assumed is hidden."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import tracer
from tracer.errors import TraceError
from tracer.session import Session


class Timed(nn.Module):
    """A model of an image and a timestep."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.embed = nn.Embedding(1000, 8)

    def forward(self, x: Tensor, t: Tensor) -> Any:
        return self.conv(x) + self.embed(t)[:, :, None, None]


class Resized(nn.Module):
    """A model with an argument that is a tuple of plain numbers."""

    def forward(self, image, size):  # type: ignore[no-untyped-def]
        return nn.functional.interpolate(image, size=size)


class Nested(nn.Module):
    """A model that takes tensors in a dict and in a list."""

    def forward(self, x: Tensor, extra: Any) -> Any:
        return x + extra["bias"] + extra["more"][0]


def shapes(trace: tracer.Trace) -> list[tuple[tuple[Any, ...], str]]:
    return [(value.shape, value.dtype) for value in trace.inputs]


def test_a_model_alone_is_traced_and_the_notes_say_what_was_assumed() -> None:
    trace = tracer.trace(Timed())
    assert shapes(trace) == [((1, 3, 64, 64), "float32"), ((1,), "int64")]
    assert trace.notes == (
        "assumed x=1x3x64x64:float32 (channels of conv; default size, since the model does not "
        "specify one)",
        "assumed t=1:int64 (a timestep, one for each image)",
    )


def test_a_required_input_that_was_not_given_is_assumed_for_the_batch_that_was() -> None:
    trace = tracer.trace(Timed(), {"x": torch.zeros(4, 3, 32, 32)})
    assert shapes(trace) == [((4, 3, 32, 32), "float32"), ((4,), "int64")]
    assert trace.notes == ("assumed t=4:int64 (a timestep, one for each image)",)
    assert shapes(tracer.trace(Timed(), (4, 3, 32, 32))) == shapes(trace)


def test_given_inputs_are_not_commented() -> None:
    x, t = torch.zeros(2, 3, 8, 8), torch.zeros(2, dtype=torch.long)
    assert tracer.trace(Timed(), (x, t)).notes == ()
    assert tracer.trace(Timed(), {"x": x, "t": t}).notes == ()


@pytest.mark.parametrize(
    "inputs",
    [
        ((2, 3, 8, 8), (2,)),
        [(2, 3, 8, 8), (2,)],
        {"x": (2, 3, 8, 8), "t": (2,)},
        {"x": torch.Size((2, 3, 8, 8)), "t": torch.Size((2,))},
        {"t": (2,), "x": torch.zeros(2, 3, 8, 8)},
        (torch.zeros(2, 3, 8, 8), (2,)),
    ],
)
def test_a_shape_stands_for_a_tensor(inputs: Any) -> None:
    trace = tracer.trace(Timed(), inputs)
    assert sorted(shapes(trace)) == [((2,), "int64"), ((2, 3, 8, 8), "float32")]
    assert trace.notes == ()


def test_a_shape_alone_is_the_only_positional_argument() -> None:
    assert shapes(tracer.trace(nn.Conv2d(3, 8, 3), (2, 3, 8, 8))) == [((2, 3, 8, 8), "float32")]


def test_shapes_may_be_nested() -> None:
    inputs = {"x": (1, 3, 8, 8), "extra": {"bias": (3, 1, 1), "more": [(8, 8)]}}
    assert [shape for shape, _ in shapes(tracer.trace(Nested(), inputs))] == [
        (1, 3, 8, 8),
        (3, 1, 1),
        (8, 8),
    ]


class Several(nn.Module):
    """A model that takes a tuple of tensors, as a ControlNet gives them, and a tuple of sizes."""

    def forward(self, parts: tuple[Tensor, ...], size: tuple[int, int]) -> Any:
        return nn.functional.interpolate(parts[0] + parts[1], size=size)


def test_a_tuple_of_shapes_is_one_of_tensors() -> None:
    shape = (1, 3, 8, 8)
    for parts in ((shape, shape), [shape, shape]):
        trace = tracer.trace(Several(), {"parts": parts, "size": (16, 12)})
        assert [found for found, _ in shapes(trace)] == [shape, shape]
        assert trace.outputs[0].shape == (1, 3, 16, 12)


def test_a_tuple_of_numbers_beside_a_tensor_stays_one() -> None:
    trace = tracer.trace(Resized(), {"image": torch.zeros(1, 3, 8, 8), "size": (16, 12)})
    assert trace.outputs[0].shape == (1, 3, 16, 12)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (5, "inputs is of type int: give a tensor, a shape such as"),
        ("1x3x8x8", "inputs is of type str: give a tensor, a shape such as"),
        ({"x": (1, -3, 8, 8)}, r"x = \(1, -3, 8, 8\) is not a shape: sizes are whole numbers"),
        ({"x": (1, 3, 8.0, 8)}, r"x = \(1, 3, 8.0, 8\) is not a shape"),
        ({"x": "1x3x8x8"}, r'x = "1x3x8x8" is a text: give the shape as \(1, 3, 8, 8\)'),
    ],
)
def test_anything_else_is_refused_with_what_to_give(inputs: Any, message: str) -> None:
    with pytest.raises(TraceError, match=message):
        tracer.trace(nn.Conv2d(3, 8, 3), inputs)


def test_a_shape_that_cannot_be_inferred_is_asked_for_as_python_has_it() -> None:
    with pytest.raises(TraceError, match=r'give it as inputs=\{"hidden": \(1, 77, 768\)\}'):
        tracer.trace(Conditioned())


class Conditioned(nn.Module):
    """A model with an input of which nothing is known."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x: Tensor, hidden: Tensor) -> Any:
        return self.conv(x) + hidden.mean()


def test_a_missing_input_that_cannot_be_inferred_is_the_models_own_error() -> None:
    with pytest.raises(TypeError, match="hidden"):
        tracer.trace(Conditioned(), {"x": (1, 3, 8, 8)})


class Picky(nn.Module):
    """A model that fails on every input."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x: Tensor) -> Any:
        raise ValueError("not this one")


def test_the_error_of_a_model_says_what_was_assumed() -> None:
    with pytest.raises(ValueError, match="not this one") as raised:
        tracer.trace(Picky())
    assert any("assumed x=1x3x64x64:float32" in note for note in raised.value.__notes__)


def test_the_other_functions_propose_inputs_as_well() -> None:
    model = Timed().eval()
    graph = tracer.graph(model)
    x, t = torch.zeros(1, 3, 64, 64), torch.zeros(1, dtype=torch.long)
    assert torch.equal(graph(x, t), model(x, t))
    assert [text.partition(" ")[0] for text in graph.meta["assumed"]] == [
        "x=1x3x64x64:float32",
        "t=1:int64",
    ]
    assert any(note.startswith("assumed x=1x3x64x64") for note in tracer.sizes(model).notes)
    assert any(note.startswith("assumed x=1x3x64x64") for note in tracer.explain(model).notes)
    assert tracer.graph(model, (x, t)).meta["assumed"] == ()


def test_inputs_that_may_work_are_shapes_too() -> None:
    model = nn.PixelUnshuffle(4)
    found = tracer.explain(model, (1, 3, 30, 32), others=[(1, 3, 64, 64)])
    assert not found.works


def test_a_session_proposes_inputs_for_a_model() -> None:
    session = Session.of(Timed())
    assert session.assumed[1] == "--input t=1:int64 (a timestep, one for each image)"
    assert session.trace.notes[1] == "assumed t=1:int64 (a timestep, one for each image)"


class Labeled(nn.Module):
    """A model whose optional label cannot be left out."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.label_emb = nn.Embedding(10, 8)
        self.num_classes = 10

    def forward(self, x: Tensor, y: Tensor | None = None, scale: float = 1.0) -> Any:
        if y is None:
            raise ValueError("this model has classes")
        return self.conv(x) * scale + self.label_emb(y)[:, :, None, None]


def test_an_optional_input_stays_out_beside_given_ones_and_a_failure_names_it() -> None:
    with pytest.raises(ValueError, match="this model has classes") as caught:
        tracer.trace(Labeled(), (1, 3, 16, 16))
    assert "unet-trace: inputs that were not given: y, scale" in caught.value.__notes__
    with pytest.raises(ValueError, match="this model has classes") as caught:
        tracer.trace(Labeled(), torch.zeros(1, 3, 16, 16))
    assert "unet-trace: inputs that were not given: y, scale" in caught.value.__notes__
    assert shapes(tracer.trace(Labeled(), {"x": (2, 3, 16, 16), "y": (2,)}))[1] == ((2,), "int64")


def test_without_any_inputs_an_optional_one_that_a_model_is_made_for_is_assumed() -> None:
    trace = tracer.trace(Labeled())
    assert [value.shape for value in trace.inputs] == [(1, 3, 64, 64), (1,)]
    assert trace.notes[1] == "assumed y=1:int64 (the number of a class, one for each image)"
