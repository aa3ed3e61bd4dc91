"""Checks the options of a request before torch is imported and a model is built."""

from __future__ import annotations

from tracer.algebra.polynomial import FormulaError, parse
from tracer.errors import TraceError, shortened
from tracer.option_text.input_text import nested, parse_input
from tracer.option_text.literals import MAX_OPTION_LENGTH
from tracer.target_spec import TargetSpec

MAX_NAMED_AXES = 64


def check_request(spec: TargetSpec) -> TargetSpec:
    """Return a request whose options are well-formed; what they fit is known with the model.

    Raises:
        TraceError: An input is no shape or value, an axis no formula, or a text is too long.

    >>> check_request(TargetSpec("net.py:Net", dims={"x": ("B", "H/0")}))
    Traceback (most recent call last):
    tracer.errors.TraceError: --dims x: an axis is a name, a number or a formula such as B*T: \
'H/0' is not a formula: it divides by zero.
    """
    nested({name: parse_input(name, text) for name, text in spec.inputs.items()})
    for name, text in spec.settings.items():
        if len(name) + len(text) > MAX_OPTION_LENGTH:
            option = shortened(f"--set {name}={text}")
            raise TraceError(f"{option} is longer than {MAX_OPTION_LENGTH:,} characters.")
    for name, axes in spec.dims.items():
        _check_axes(name, axes)
    return spec


def _check_axes(name: str, axes: tuple[str, ...]) -> None:
    option = shortened(f"--dims {name}")
    if len(axes) > MAX_NAMED_AXES:
        raise TraceError(
            f"{option}: {len(axes):,} axes are named, and at most {MAX_NAMED_AXES} can be."
        )
    for axis in axes:
        try:
            parse(axis)
        except FormulaError as error:
            raise TraceError(
                f"{option}: an axis is a name, a number or a formula such as B*T: {error}"
            ) from None
