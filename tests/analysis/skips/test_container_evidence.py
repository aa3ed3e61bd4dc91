"""Skips that a container of the model shows, whatever the rules of the data flow say."""

from __future__ import annotations

import pytest
import torch
from hypothesis import example as example_of
from hypothesis import given

import tracer
from tests.conftest import examples
from tests.from_torch.drawn_containers import DrawnWithContainer, Keeping, keepings
from tests.from_torch.drawn_unets import Plan
from tests.from_torch.zoo import traced
from tracer.analysis.skips import skips

FLAT = Plan(
    levels=(("convolution",), ("squeeze", "residual")),
    middle=("attention",),
    down="stride",
    up="resize",
    join="add",
    on_the_way="projection",
    flat=True,
)


@pytest.mark.slow
@examples(40)
@given(keepings())
@example_of(Keeping(FLAT, "list"))
@example_of(Keeping(FLAT, "index"))
@example_of(Keeping(FLAT, "dict"))
@example_of(Keeping(FLAT, "attribute"))
def test_what_is_put_in_and_taken_out_for_a_join_is_a_skip(keeping: Keeping) -> None:
    with torch.device("meta"):
        model, x = DrawnWithContainer(keeping), torch.empty(1, 3, 16, 16)
    found = skips(tracer.trace(model, x))
    assert [(link.source, link.target) for link in found] == keeping.plan.skips
    assert {link.join for link in found} == {keeping.plan.join}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("AddedFromADeque", [False, False]),
        ("AddedByIndex", [False, False]),
        ("DictUNet", [False, True]),
        ("SlicedAndZipped", [True, True]),
    ],
)
def test_a_skip_says_whether_the_data_flow_shows_it(name: str, expected: list[bool]) -> None:
    assert [link.in_data_flow for link in skips(traced(name))] == expected


@pytest.mark.parametrize("name", ["AddedFromADeque", "AddedByIndex"])
def test_without_lines_only_the_data_flow_is_known(name: str) -> None:
    model, x = tracer_model(name)
    assert skips(tracer.trace(model, x, lines=False)) == ()


def tracer_model(name: str) -> tuple[torch.nn.Module, torch.Tensor]:
    from tests.from_torch import container_models

    return getattr(container_models, name)(), torch.zeros(1, 3, 16, 16)
