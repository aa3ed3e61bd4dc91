"""The text of `--set` becomes the value that the argument's annotation or default asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Optional

import pytest
import torch

from tracer.errors import TraceError
from tracer.from_torch.targets.constructor_args import arguments_of, keywords_from, parse_setting


def annotated(
    ch: int,
    dropout: float,
    bias: bool,
    kind: str,
    mult: tuple[int, ...],
    widths: list[int],
    places: Sequence[int],
    kernel: int | tuple[int, int],
    act: Optional[str],  # noqa: UP045 - as older code writes it
    groups: int | None,
    attn: Literal["vanilla", "none"],
    dtype: torch.dtype,
    free: Any,
) -> None: ...


def with_defaults(  # type: ignore[no-untyped-def]
    mult=(1, 2), dropout=0, bias=True, kind="vanilla", scale=1.0, size=None
):
    """As code without annotations has it."""


def value(function: Any, name: str, text: str) -> Any:
    arguments = {argument.name: argument for argument in arguments_of(function)}
    return parse_setting(text, arguments[name])


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("ch", "64", 64),
        ("dropout", "0.1", 0.1),
        ("dropout", "1e-4", 1e-4),
        ("dropout", "1", 1.0),
        ("bias", "false", False),
        ("bias", "no", False),
        ("bias", "1", True),
        ("kind", "64", "64"),
        ("kind", "'silu'", "silu"),
        ("mult", "1,2,2", (1, 2, 2)),
        ("mult", "(1, 2, 2)", (1, 2, 2)),
        ("mult", "16", (16,)),
        ("mult", "16,", (16,)),
        ("mult", "", ()),
        ("widths", "1,2", [1, 2]),
        ("places", "8", (8,)),
        ("kernel", "3", 3),
        ("kernel", "3,3", (3, 3)),
        ("act", "none", None),
        ("act", "silu", "silu"),
        ("groups", "None", None),
        ("groups", "8", 8),
        ("attn", "none", "none"),
        ("dtype", "float16", torch.float16),
        ("dtype", "torch.bfloat16", torch.bfloat16),
        ("free", "{'a': 1}", {"a": 1}),
        ("free", "DownBlock2D,UpBlock2D", ("DownBlock2D", "UpBlock2D")),
        ("free", "silu", "silu"),
        ("free", "True", True),
    ],
)
def test_the_annotation_says_what_a_text_means(name: str, text: str, expected: object) -> None:
    found = value(annotated, name, text)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("mult", "4", (4,)),
        ("mult", "1,2,4", (1, 2, 4)),
        ("dropout", "0.1", 0.1),
        ("bias", "off", False),
        ("kind", "none", "none"),
        ("scale", "2", 2.0),
        ("size", "64,64", (64, 64)),
        ("size", "64", 64),
    ],
)
def test_without_annotations_the_default_says_it(name: str, text: str, expected: object) -> None:
    found = value(with_defaults, name, text)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize("text", ["many", "1.5", "1,2", "true"])
def test_an_annotation_is_binding(text: str) -> None:
    with pytest.raises(TraceError, match="ch is of type int"):
        value(annotated, "ch", text)


def test_a_default_is_an_example_and_not_binding() -> None:
    assert value(with_defaults, "dropout", "none") is None


def test_what_is_set_goes_over_what_a_preset_has() -> None:
    def build(**keywords: object) -> None: ...

    preset = {"mult": (1, 2), "ch": 32}
    assert keywords_from({"mult": "4"}, build, preset, "build") == {"mult": (4,), "ch": 32}


def test_a_callable_written_in_c_takes_whatever_it_takes() -> None:
    assert keywords_from({"ch": "4"}, dict, {}, "dict") == {"ch": 4}
