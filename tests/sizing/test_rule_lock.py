"""tracer/sizing/rule_lock.py: rules as a lock file holds them, derived or shown to hold."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from torch import Tensor, nn

from tests.from_torch import sized_models
from tracer.errors import TraceError
from tracer.from_torch.capture.recording import Recording
from tracer.from_torch.runs import model_runner
from tracer.session import Session
from tracer.sizing.runner import Sample
from tracer.snapshot import SizeRulesSpec
from tracer.target_spec import Dims

HARD_TO_TELL = (
    (sized_models.Halves, sized_models.Resizes),
    (sized_models.Resizes, sized_models.Halves),
    (sized_models.Rounds, sized_models.Halves),
    (sized_models.Halves, sized_models.Rounds),
    (sized_models.Square, sized_models.Positions),
    (sized_models.Positions, sized_models.Square),
    (sized_models.Reflects, sized_models.Resizes),
    (sized_models.Pairs, sized_models.Resizes),
)
"""Models, and others whose law holds at many of the same sizes."""

GIVEN = (torch.zeros(2, 3, 8, 8),)
AXES = {"x": ("B", "3", "H", "W")}


@cache
def law_of(kind: type[nn.Module]) -> SizeRulesSpec:
    found = rules_for_lock(kind(), GIVEN)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("kind", "rules"),
    [
        (sized_models.Halves, {"B": "any", "H": "multiples of 4, at least 4"}),
        (sized_models.Positions, {"B": "any", "H": "1 or 8 only"}),
        (sized_models.Square, {"B": "any", "H": "equal to W, any", "W": "equal to H, any"}),
        (sized_models.Pairs, {"B": "multiples of 2, at least 2", "H": "any"}),
        (sized_models.Reflects, {"B": "any", "H": "at least 6"}),
    ],
)
def test_a_law_is_names_of_axes_and_a_line_for_each(
    kind: type[nn.Module], rules: dict[str, str]
) -> None:
    law = law_of(kind)
    assert law.axes == AXES
    assert rules.items() <= law.rules.items()
    assert law.rules.keys() == {"B", "H", "W"}


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "other"), HARD_TO_TELL)
def test_another_law_is_noticed(kind: type[nn.Module], other: type[nn.Module]) -> None:
    assert law_of(kind) != law_of(other)
    assert rules_for_lock(kind(), GIVEN, locked=law_of(other)) == law_of(kind)


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted({kind for kind, _ in HARD_TO_TELL}, key=str))
def test_a_law_that_holds_takes_fewer_runs_to_show_than_to_derive(
    kind: type[nn.Module], monkeypatch: pytest.MonkeyPatch
) -> None:
    def counted(recording: Recording) -> Sample:
        runs.append(recording)
        return taken(recording)

    runs: list[Recording] = []
    taken = model_runner.to_sample
    monkeypatch.setattr(model_runner, "to_sample", counted)
    law = rules_for_lock(kind(), GIVEN)
    derived = len(runs)
    assert rules_for_lock(kind(), GIVEN, locked=law) is law
    assert len(runs) - derived < derived


def rules_for_lock(
    model: nn.Module,
    inputs: tuple[Tensor, ...],
    dims: Dims | None = None,
    locked: SizeRulesSpec | None = None,
) -> SizeRulesSpec | None:
    return Session.of(model, inputs).locked_rules(locked, dims)


def test_a_law_that_was_locked_with_other_names_is_derived_with_those() -> None:
    law = rules_for_lock(sized_models.Halves(), GIVEN, {"x": ("N", "3", "H", "W")})
    assert law is not None
    assert law.rules["N"] == "any"
    assert rules_for_lock(sized_models.Halves(), GIVEN, locked=law) is law


def test_names_that_no_longer_fit_the_inputs_are_given_up() -> None:
    locked = SizeRulesSpec({"image": ("B", "3", "H", "W")}, {"B": "any"})
    assert rules_for_lock(sized_models.Halves(), GIVEN, locked=locked) == law_of(
        sized_models.Halves
    )
    with pytest.raises(TraceError, match='The model has no input "image"'):
        rules_for_lock(sized_models.Halves(), GIVEN, {"image": ("B", "3", "H", "W")})


def test_a_size_that_is_no_longer_allowed_is_no_longer_any_law() -> None:
    locked = SizeRulesSpec(AXES, {"B": "any", "H": "at least 16", "W": "any"})
    assert rules_for_lock(sized_models.Resizes(), GIVEN, locked=locked) == law_of(
        sized_models.Resizes
    )


def test_a_model_that_decides_by_numbers_has_none() -> None:
    class Picks(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x if x.sum() > 0 else -x

    assert rules_for_lock(Picks(), GIVEN) is None
