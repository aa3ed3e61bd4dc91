"""What a user sees is the exception that PyTorch raises for the same mistake on real tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

import tracer
from tests.conftest import examples


class Runs(nn.Module):
    def __init__(self, run: Callable[..., object]) -> None:
        super().__init__()
        self.run = run

    def forward(self, *tensors: Tensor) -> object:
        return self.run(*tensors)


def raised(run: Callable[[], object]) -> Exception | None:
    try:
        run()
    except Exception as error:
        return error
    return None


def both(run: Callable[..., object], *shapes: tuple[int, ...]) -> tuple[Any, Any]:
    """Type and words of what PyTorch raises by itself, and while it is traced."""
    tensors = [torch.zeros(shape) for shape in shapes]
    own = raised(lambda: run(*tensors))
    traced = raised(lambda: tracer.trace(Runs(run), tuple(tensors)))
    return (type(own), str(own)), (type(traced), str(traced))


MISTAKES: dict[str, tuple[Callable[..., object], tuple[tuple[int, ...], ...]]] = {
    "linear": (F.linear, ((1, 16), (8, 32))),
    "linear of tokens": (lambda x, w, b: F.linear(x, w, b), ((2, 77, 16), (8, 32), (8,))),
    "matmul": (torch.matmul, ((2, 3, 4), (2, 5, 4))),
    "bmm": (torch.bmm, ((2, 3, 4), (3, 4, 4))),
    "addmm": (torch.addmm, ((2,), (2, 3), (4, 2))),
    "cat": (lambda *two: torch.cat(two, 1), ((1, 3, 4, 4), (1, 3, 4, 5))),
    "add": (torch.add, ((1, 3, 4), (1, 3, 5))),
    "add_": (lambda one, two: one.add_(two), ((1, 3, 4), (1, 3, 5))),
    "conv2d": (F.conv2d, ((1, 3, 8, 8), (8, 4, 3, 3))),
    "conv_transpose2d": (F.conv_transpose2d, ((1, 3, 8, 8), (8, 4, 3, 3))),
    "group_norm": (lambda x: F.group_norm(x, 2), ((1, 3, 8, 8),)),
    "view": (lambda x: x.view(7, -1), ((1, 3, 8, 8),)),
    "view of a transpose": (lambda x: x.transpose(1, 2).view(-1), ((1, 3, 8, 8),)),
    "index": (lambda x: x[:, 7], ((1, 3, 8, 8),)),
    "einsum": (lambda *two: torch.einsum("bchw,bkhw->bck", *two), ((1, 3, 8, 8), (1, 3, 8, 9))),
    "interpolate": (lambda x: F.interpolate(x, size=(0, 0)), ((1, 3, 8, 8),)),
    "pixel_shuffle": (lambda x: F.pixel_shuffle(x, 2), ((1, 3, 8, 8),)),
    "grid_sample": (
        lambda *two: F.grid_sample(*two, align_corners=False),
        ((1, 3, 8, 8), (2, 8, 8, 2)),
    ),
    "pad": (lambda x: F.pad(x, (9, 9, 9, 9), mode="reflect"), ((1, 3, 8, 8),)),
    "randn": (lambda x: torch.randn(-1), ((1,),)),
    "large": (F.linear, ((4096, 4096), (8, 32))),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_the_words_are_pytorchs_own(name: str) -> None:
    run, shapes = MISTAKES[name]
    own, traced = both(run, *shapes)
    assert own[0] is not type(None)
    assert traced == own


def test_the_note_still_says_where_and_of_what() -> None:
    error = raised(lambda: tracer.trace(nn.Linear(32, 8), torch.zeros(1, 16)))
    assert str(error) == "mat1 and mat2 shapes cannot be multiplied (1x16 and 32x8)"
    assert "Operation: linear(input 1×16" in error.__notes__[0]  # type: ignore[union-attr]


def test_the_users_own_exception_is_neither_replaced_nor_wrapped() -> None:
    error = RuntimeError("a and b must have same reduction dim")

    def raises(x: Tensor) -> Tensor:
        raise error

    assert raised(lambda: tracer.trace(Runs(raises), torch.zeros(1))) is error


ONLY_SQUARES = ValueError("only squares")


# Not inside the test: PyTorch knows an operation by the address of its object, also after it is
# gone, and takes whatever comes to lie there for the operation.
@torch.library.custom_op("unet_trace_tests::squares", mutates_args=())
def squares(x: Tensor) -> Tensor:
    return x.clone()


@squares.register_fake
def _(x: Tensor) -> Tensor:
    raise ONLY_SQUARES


def test_an_exception_inside_a_custom_operation_is_the_users() -> None:
    def uses(x: Tensor) -> Tensor:
        return squares(x)

    assert raised(lambda: tracer.trace(Runs(uses), torch.zeros(3))) is ONLY_SQUARES


def test_a_model_may_catch_the_exception_by_its_type_and_words() -> None:
    def tries(x: Tensor) -> Tensor:
        try:
            return F.interpolate(x, size=(0, 0))
        except RuntimeError as error:
            if not str(error).startswith("Input and output sizes should be greater than 0"):
                raise
            return F.interpolate(x, size=(4, 4))

    assert tracer.trace(Runs(tries), torch.zeros(1, 3, 8, 8)).outputs[0].shape == (1, 3, 4, 4)


def test_a_failed_call_draws_no_random_numbers() -> None:
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    assert raised(
        lambda: tracer.trace(Runs(lambda x: F.linear(x, torch.ones(2, 5))), torch.ones(1, 3))
    )
    assert torch.equal(torch.rand(1), expected)


SIZES = st.integers(1, 4)
JOINS: list[Callable[[Tensor, Tensor], object]] = [
    torch.add,
    torch.matmul,
    F.linear,
    lambda one, two: torch.cat([one, two], 1),
    lambda one, two: torch.stack([one, two]),
    lambda one, two: one.copy_(two),
    lambda one, two: torch.where(one > 0, one, two),
    lambda one, two: torch.einsum("ab...,bc...->ac...", one, two),
    lambda one, two: one.expand(two.shape),
    lambda one, two: one.view(two.shape),
    lambda one, two: F.layer_norm(one, two.shape),
]


@pytest.mark.slow
@examples(60)
@given(
    st.sampled_from(range(len(JOINS))),
    st.lists(SIZES, min_size=1, max_size=3).map(tuple),
    st.lists(SIZES, min_size=1, max_size=3).map(tuple),
)
def test_any_two_shapes_that_do_not_fit_are_told_in_pytorchs_words(
    number: int, one: tuple[int, ...], other: tuple[int, ...]
) -> None:
    own, traced = both(JOINS[number], one, other)
    if own[0] is not type(None):
        assert traced == own
