"""tracer/from_torch/capture/source/exact_types.py: code that asks for the exact type."""

from __future__ import annotations

import linecache
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import tracer
from tests.from_torch.zoo import lines_with
from tracer.from_torch.capture.model_call import modules_by_path
from tracer.from_torch.capture.source.exact_types import TypeQuestions, question_lines

FILE = "tests/from_torch/capture/source/test_exact_types.py"
TENSORS = (torch.Tensor, nn.Parameter)
SIGNS = {torch.Tensor: 1, nn.Parameter: -1}


class Branches(nn.Module):
    """Runs `a` where its question is answered with yes, else `b`."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)
        self.weight = nn.Parameter(torch.ones(3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.a(x) if self.answer(x) else self.b(x)
        return result

    def answer(self, x: Tensor) -> bool:
        raise NotImplementedError


class Is(Branches):
    def answer(self, x: Tensor) -> bool:
        return type(x) is torch.Tensor


class IsNot(Branches):
    def answer(self, x: Tensor) -> bool:
        return type(x) is not Tensor


class Equals(Branches):
    def answer(self, x: Tensor) -> bool:
        return torch.Tensor == type(x)  # noqa: E721 - what this is about


class HasClass(Branches):
    def answer(self, x: Tensor) -> bool:
        return x.__class__ is torch.Tensor


class IsAmong(Branches):
    def answer(self, x: Tensor) -> bool:
        return type(x) in (torch.Tensor, nn.Parameter)


class IsAmongNamed(Branches):
    def answer(self, x: Tensor) -> bool:
        return type(x) in TENSORS


class IsParameter(Branches):
    def answer(self, x: Tensor) -> bool:
        return type(self.weight) is nn.Parameter


class IsNotParameter(Branches):
    def answer(self, x: Tensor) -> bool:
        return type(x) is nn.parameter.Parameter


class AsksLater(Branches):
    def answer(self, x: Tensor) -> bool:
        kind = type(x)
        return kind is torch.Tensor


class HasName(Branches):
    def answer(self, x: Tensor) -> bool:
        return type(x).__name__ == "Tensor"


class LooksUp(Branches):
    def answer(self, x: Tensor) -> bool:
        return SIGNS.get(type(x), 0) > 0


class AllAre(Branches):
    def answer(self, x: Tensor) -> bool:
        return all(type(one) is torch.Tensor for one in (x, x))


class Matches(Branches):
    def answer(self, x: Tensor) -> bool:
        match type(x):
            case torch.Tensor:
                return True
        return False


class SameAsWeight(Branches):
    def answer(self, x: Tensor) -> bool:
        return type(x) is type(self.weight)


def is_plain(x: Any) -> bool:
    return type(x) is torch.Tensor


class AsksHelper(Branches):
    def answer(self, x: Tensor) -> bool:
        return is_plain(x)


ASKING = [
    *(Is, IsNot, Equals, HasClass, IsAmong, IsAmongNamed, IsParameter, IsNotParameter, AsksLater),
    *(HasName, LooksUp, AllAre, Matches, SameAsWeight, AsksHelper),
]


class Inside(Branches):
    def answer(self, x: Tensor) -> bool:
        return issubclass(type(x), torch.Tensor) and not isinstance(x, nn.Parameter)


class OwnClass(Branches):
    def answer(self, x: Tensor) -> bool:
        return type(self) is OwnClass and self.__class__ in (OwnClass, Is)


class OtherTypes(Branches):
    def answer(self, x: Tensor) -> bool:
        return type(x.shape) is torch.Size and type(x.dim()) is not float


class ShowsType(Branches):
    def answer(self, x: Tensor) -> bool:
        if not isinstance(x, torch.Tensor):
            raise TypeError(f"{type(x)} is no {torch.Tensor}")
        return bool(Counter([type(x).__name__]))


NOT_ASKING = [Inside, OwnClass, OtherTypes, ShowsType]
X = torch.zeros(1, 3, 4, 4)


def convolutions(model: nn.Module) -> list[str]:
    """The blocks that run on real tensors, observed by hooks."""
    found: list[str] = []
    for name in ("a", "b"):
        part = model.get_submodule(name)
        part.register_forward_hook(lambda *_, name=name: found.append(name))
    model(X)
    return found


@pytest.mark.parametrize("kind", ASKING)
def test_a_model_that_asks_for_an_exact_type_is_run_on_real_numbers(kind: type[Branches]) -> None:
    trace = tracer.trace(kind(), X)
    assert list(trace.blocks)[1:] == convolutions(kind())
    (note,) = trace.notes
    assert note.startswith(f"The model asks for the exact type of a tensor at {FILE}:")
    assert note.endswith("so the model was run on real numbers.")


@pytest.mark.parametrize("kind", ASKING)
def test_its_graph_computes_what_the_model_computes(kind: type[Branches]) -> None:
    model, x = kind(), torch.randn(1, 3, 4, 4)
    assert torch.equal(tracer.graph(model, X)(x), model(x))


@pytest.mark.parametrize("kind", NOT_ASKING)
def test_other_questions_for_types_are_no_reason(kind: type[Branches]) -> None:
    trace = tracer.trace(kind(), X)
    assert trace.notes == ()
    assert list(trace.blocks)[1:] == convolutions(kind())


def test_the_note_names_the_line_of_the_question() -> None:
    (note,) = tracer.trace(HasName(), X).notes
    (line,) = lines_with(FILE, 'type(x).__name__ == "Tensor"')[:1]
    assert f" at {FILE}:{line}, " in note


def test_a_question_that_the_run_does_not_get_to_is_no_reason() -> None:
    class Skips(Is):
        def forward(self, x: Tensor) -> Tensor:
            result: Tensor = self.b(x)
            return result

    assert tracer.trace(Skips(), X).notes == ()


def test_a_profiler_that_runs_stays_installed_and_the_question_is_found_all_the_same() -> None:
    def profile(*_: Any) -> None:
        return None

    sys.setprofile(profile)
    try:
        (note,) = tracer.trace(Is(), X).notes
        assert sys.getprofile() is profile
    finally:
        sys.setprofile(None)
    assert "exact type" in note
    tracer.trace(Is(), X)
    assert sys.getprofile() is None


ODD_SOURCES = {
    "a string that looks like a function": (
        '''TEXT = """
def no function
"""
def answer(x):
    return type(x) is Tensor
''',
        5,
    ),
    "strings that look like methods": (
        '''class Model:
    def answer(self, x):
        before = """
    def no_method():
"""
        found = type(x) is Tensor
        after = """
    def no_method_either():
"""
        return before, found, after
''',
        6,
    ),
    "a type that a method gives to another": (
        """class Model:
    def forward(self, x):
        kind = type(x)
        return self.answer(kind)

    def answer(self, kind):
        return kind is Tensor
""",
        7,
    ),
    "a decorator between methods": (
        """class Model:
    def first(self, x):
        return x

    @property
    def answer(self):
        return type(self.x) is Tensor

    @staticmethod
    def last(x):
        return x
""",
        7,
    ),
    "members that are indented by tabs": (
        """class Model:
\tdef answer(self, x):
\t\treturn x.__class__ is Tensor
\tdef last(self, x):
\t\treturn x
""",
        3,
    ),
    "the last of three methods on one line each": (
        """class Model:
    def first(self, x): return type(self) is Tensor
    def second(self, x): return self.__class__ is Tensor
    def third(self, x): return type(x.y) is Tensor
""",
        4,
    ),
}


@pytest.mark.parametrize("name", ODD_SOURCES)
def test_a_question_is_found_however_the_source_is_laid_out(name: str, tmp_path: Path) -> None:
    source, line = ODD_SOURCES[name]
    file = tmp_path / "odd.py"
    file.write_text(source, encoding="utf-8")
    assert list(question_lines(str(file), {"Tensor": Tensor})) == [line]


def test_no_source_that_was_searched_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_text("def answer(x):\n    return type(x) is Tensor\n", encoding="utf-8")
    assert list(question_lines(str(file), {"Tensor": Tensor})) == [2]
    assert str(file) not in linecache.cache
    linecache.getlines(str(file))
    assert list(question_lines(str(file), {"Tensor": Tensor})) == [2]
    assert str(file) in linecache.cache


def test_size_rules_and_formulas_hold_for_the_branch_that_the_model_takes() -> None:
    rules = tracer.size_rules(Is(), X)
    assert [(rule.multiple, rule.minimum) for rule in rules.rules] == [(1, 1)] * 3
    trace = tracer.trace(Is(), X, symbolic=True)
    assert trace.steps[0].block == "a"
    assert [str(dim) for dim in trace.outputs[0].shape] == ["B", "3", "H", "W"]


def test_torch_and_the_tracer_ask_nothing() -> None:
    model = nn.Sequential(nn.MultiheadAttention(4, 2), nn.LSTM(4, 4), nn.Conv2d(1, 1, 1))
    assert not TypeQuestions.of(modules_by_path(model)).lines
