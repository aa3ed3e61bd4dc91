"""The dtypes that a shape may name: ``f32``, ``float32``, or a family such as ``float``."""

from __future__ import annotations

FLOATS = {
    "f16": "float16",
    "bf16": "bfloat16",
    "f32": "float32",
    "f64": "float64",
    "f8e4m3": "float8_e4m3fn",
    "f8e5m2": "float8_e5m2",
}
INTEGERS = {f"i{bits}": f"int{bits}" for bits in (8, 16, 32, 64)} | {
    f"u{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)
}
COMPLEX = {"c32": "complex32", "c64": "complex64", "c128": "complex128"}
BOOLEAN = {"bool": "bool"}

DTYPE_SHORT_NAMES = FLOATS | INTEGERS | COMPLEX | BOOLEAN
"""The short name of each dtype that has one, with the name that a trace has for it."""
FAMILIES = {
    "float": frozenset(FLOATS.values()),
    "int": frozenset(INTEGERS.values()),
    "complex": frozenset(COMPLEX.values()),
}
LONG = {name: short for short, name in DTYPE_SHORT_NAMES.items()}


def dtypes_named(name: str) -> frozenset[str] | None:
    """The dtypes that a name stands for, as a trace names them; None for an unknown name."""
    if name in FAMILIES:
        return FAMILIES[name]
    if name in DTYPE_SHORT_NAMES:
        return frozenset({DTYPE_SHORT_NAMES[name]})
    return frozenset({name}) if name in LONG else None


def short_dtype(name: str) -> str:
    """The short name of a dtype, or its own where it has none."""
    return LONG.get(name, name)


def known_dtypes() -> tuple[str, ...]:
    """Every name that `dtypes_named` knows."""
    return (*DTYPE_SHORT_NAMES, *LONG, *FAMILIES)
