"""The names that each line of a function reads or sets."""

from __future__ import annotations

from typing import Any

from tracer.from_torch.capture.source.code_names import CodeNames, names_in_code


def forward(self: Any, x: Any) -> Any:
    self.skips = []
    self.skips.append(x)
    h = self.block(
        x,
        self.state.kept[0],
    )
    return [h + skip for skip in self.skips]


NAMES = names_in_code(forward.__code__)
FIRST = forward.__code__.co_firstlineno


def named(names: CodeNames, offset: int) -> frozenset[str]:
    return names.by_line.get(FIRST + offset, frozenset())


def test_a_line_has_its_variables_and_their_attributes() -> None:
    assert {"self", "x", "self.skips"} <= named(NAMES, 2)


def test_the_first_line_of_a_statement_has_the_names_of_all_its_lines() -> None:
    assert {"x", "self.block", "self.state", "self.state.kept"} <= named(NAMES, 3)
    assert "self.block" not in named(NAMES, 5)


def test_what_is_assigned_is_known() -> None:
    assert NAMES.assigned == {"self.skips"}


def test_an_attribute_is_known_by_its_parts() -> None:
    (path,) = (one for one in NAMES.attributes if one.name == "self.state.kept")
    assert (path.variable, path.between, path.attribute) == ("self", ("state",), "kept")


def test_the_names_of_one_function_are_computed_once() -> None:
    assert names_in_code(forward.__code__) is NAMES
