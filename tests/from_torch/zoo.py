"""The whole zoo, and what the tests over it share."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

import pytest
from torch import fx

import tracer
from tests.from_torch import container_models, skip_models, trap_models, unet_models
from tests.from_torch.registry import CASES, Case, built, filled
from tracer.record import Trace

FOLDER = Path(__file__).parent
UNET_MODULES = {one.__name__ for one in (unet_models, skip_models, container_models)}
UNETS = {name: one for name, one in CASES.items() if one.module in UNET_MODULES}
TRAPS = {name: one for name, one in CASES.items() if one.module == trap_models.__name__}

each_case = pytest.mark.parametrize("one", CASES.values(), ids=CASES)
each_unet = pytest.mark.parametrize("one", UNETS.values(), ids=UNETS)


quiet = [
    pytest.mark.filterwarnings(f"ignore:{text}:{kind}")
    for text, kind in (
        (".*torch.jit", "DeprecationWarning"),
        (".*weight_norm", "FutureWarning"),
        ("None of the inputs have requires_grad", "UserWarning"),
    )
]
"""What PyTorch itself says about some models of the zoo, whether they are traced or not."""


@cache
def traced(name: str) -> Trace:
    """The trace of one model, recorded once for all tests of a worker."""
    one = CASES[name]
    return tracer.trace(built(one.build), filled(one))


@lru_cache(maxsize=2)
def graphed(name: str) -> fx.GraphModule:
    """The graph of one model in training; the tests of a model run one after another."""
    one = CASES[name]
    return tracer.graph(built(one.build), filled(one))


def source_line(file: str, number: int) -> str:
    """The text of one line of a model's source, by the name that a trace has for the file."""
    return source(file)[number - 1].strip()


@cache
def source(file: str) -> list[str]:
    return (FOLDER.parents[1] / file).read_text(encoding="utf-8").splitlines()


def lines_with(file: str, text: str) -> list[int]:
    """The numbers of the lines of a source file that hold a text."""
    return [number for number, line in enumerate(source(file), 1) if text in line]


__all__ = [
    "CASES",
    "TRAPS",
    "UNETS",
    "Case",
    "each_case",
    "each_unet",
    "graphed",
    "lines_with",
    "quiet",
    "source_line",
    "traced",
]
