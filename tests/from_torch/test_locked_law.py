"""tracer/from_torch/locked_law.py: the law as a lock file holds it, derived or shown to hold."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from torch import Tensor, nn

from tests.from_torch import sized_models as models
from tracer.blueprints import LawSpec
from tracer.errors import TraceError
from tracer.from_torch import samples
from tracer.from_torch.locked_law import law_spec

HARD_TO_TELL = (
    (models.Halves, models.Resizes),
    (models.Resizes, models.Halves),
    (models.Rounds, models.Halves),
    (models.Halves, models.Rounds),
    (models.Square, models.Positions),
    (models.Positions, models.Square),
    (models.Reflects, models.Resizes),
    (models.Pairs, models.Resizes),
)
"""Models, and others whose law holds at many of the same sizes."""

GIVEN = (torch.zeros(2, 3, 8, 8),)
AXES = {"x": ("B", "3", "H", "W")}


@cache
def law_of(kind: type[nn.Module]) -> LawSpec:
    found = law_spec(kind(), GIVEN)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("kind", "rules"),
    [
        (models.Halves, {"B": "any", "H": "multiples of 4, at least 4"}),
        (models.Positions, {"B": "any", "H": "1 or 8 only"}),
        (models.Square, {"B": "any", "H": "equal to W, any", "W": "equal to H, any"}),
        (models.Pairs, {"B": "multiples of 2, at least 2", "H": "any"}),
        (models.Reflects, {"B": "any", "H": "at least 6"}),
    ],
)
def test_a_law_is_names_of_axes_and_a_line_for_each(
    kind: type[nn.Module], rules: dict[str, str]
) -> None:
    law = law_of(kind)
    assert law.axes == AXES
    assert rules.items() <= law.rules.items()
    assert law.rules.keys() == {"B", "H", "W"}


@pytest.mark.parametrize(("kind", "other"), HARD_TO_TELL)
def test_another_law_is_noticed(kind: type[nn.Module], other: type[nn.Module]) -> None:
    assert law_of(kind) != law_of(other)
    assert law_spec(kind(), GIVEN, locked=law_of(other)) == law_of(kind)


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in HARD_TO_TELL}, key=str))
def test_a_law_that_holds_takes_fewer_runs_to_show_than_to_derive(
    kind: type[nn.Module], monkeypatch: pytest.MonkeyPatch
) -> None:
    def counted(recording: samples.Recording) -> samples.Sample:
        runs.append(recording)
        return taken(recording)

    runs: list[samples.Recording] = []
    taken = samples._sample
    monkeypatch.setattr(samples, "_sample", counted)
    law = law_spec(kind(), GIVEN)
    derived = len(runs)
    assert law_spec(kind(), GIVEN, locked=law) is law
    assert len(runs) - derived < derived


def test_a_law_that_was_locked_with_other_names_is_derived_with_those() -> None:
    law = law_spec(models.Halves(), GIVEN, {"x": ("N", "3", "H", "W")})
    assert law is not None
    assert law.rules["N"] == "any"
    assert law_spec(models.Halves(), GIVEN, locked=law) is law


def test_names_that_no_longer_fit_the_inputs_are_given_up() -> None:
    locked = LawSpec({"image": ("B", "3", "H", "W")}, {"B": "any"})
    assert law_spec(models.Halves(), GIVEN, locked=locked) == law_of(models.Halves)
    with pytest.raises(TraceError, match='The model has no input "image"'):
        law_spec(models.Halves(), GIVEN, {"image": ("B", "3", "H", "W")})


def test_a_size_that_is_no_longer_allowed_is_no_longer_any_law() -> None:
    locked = LawSpec(AXES, {"B": "any", "H": "at least 16", "W": "any"})
    assert law_spec(models.Resizes(), GIVEN, locked=locked) == law_of(models.Resizes)


def test_a_model_that_decides_by_numbers_has_none() -> None:
    class Picks(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x if x.sum() > 0 else -x

    assert law_spec(Picks(), GIVEN) is None
