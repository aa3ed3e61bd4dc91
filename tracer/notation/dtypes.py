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

DTYPES_BY_SHORT_NAME = FLOATS | INTEGERS | COMPLEX | BOOLEAN
"""PyTorch's name of each dtype that has a short name."""
DTYPE_FAMILIES = {
    "float": frozenset(FLOATS.values()),
    "int": frozenset(INTEGERS.values()),
    "complex": frozenset(COMPLEX.values()),
}
SHORT_NAMES_BY_DTYPE = {name: short for short, name in DTYPES_BY_SHORT_NAME.items()}


def dtypes_named(name: str) -> frozenset[str] | None:
    """Return PyTorch's names of the dtypes that a name stands for; None for an unknown name.

    >>> sorted(dtypes_named("f32"))
    ['float32']
    >>> "bfloat16" in dtypes_named("float")
    True
    """
    if name in DTYPE_FAMILIES:
        return DTYPE_FAMILIES[name]
    if name in DTYPES_BY_SHORT_NAME:
        return frozenset({DTYPES_BY_SHORT_NAME[name]})
    return frozenset({name}) if name in SHORT_NAMES_BY_DTYPE else None


def short_dtype(name: str) -> str:
    """Return the short name of a dtype, or `name` itself if it has none."""
    return SHORT_NAMES_BY_DTYPE.get(name, name)


def dtypes_text(dtypes: frozenset[str]) -> str:
    """Return the name of a family if these are its dtypes, or else all of them."""
    family = next((name for name, members in DTYPE_FAMILIES.items() if members == dtypes), None)
    return family or " or ".join(sorted(dtypes))


def known_dtypes() -> tuple[str, ...]:
    """Return every name that `dtypes_named` accepts."""
    return (*DTYPES_BY_SHORT_NAME, *SHORT_NAMES_BY_DTYPE, *DTYPE_FAMILIES)
