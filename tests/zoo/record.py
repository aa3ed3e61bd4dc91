"""The record of the zoo: one small JSON file for each specimen, from which the pages are made."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import tracer
from tests.zoo.measures import traced, verdict
from tests.zoo.sizes import in_formulas, law, stays
from tests.zoo.specimens import Specimen
from tracer.snapshot.rule_text import format_rule

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "docs/zoo"


@dataclass(frozen=True)
class Row:
    """What a run of a specimen found.

    `model` is its class, `version` that of its package. `skips` counts the joins of each kind.
    `sizes` is the law of sizes as a lock file holds it, and `fixed` tells of those sizes for which
    there are no formulas. `proven` says that the graph computed the same bits, in both modes; None
    that it was not run on numbers.
    """

    name: str
    package: str
    version: str
    kind: str
    model: str
    parameters: int
    operations: int
    blocks: int
    skips: dict[str, int]
    flops: int
    sizes: dict[str, str]
    fixed: dict[str, str]
    proven: bool | None


def row(one: Specimen) -> Row:
    """The row of a specimen, as a run finds it."""
    trace = traced(one)
    return Row(
        name=one.name.removeprefix(f"{one.package}."),
        package=one.package,
        version=version(one.package),
        kind=one.kind,
        model=trace.model,
        parameters=trace.root.parameters,
        operations=len(trace.steps),
        blocks=len(trace.blocks),
        skips=_counts(link.join for link in tracer.skips(trace)),
        flops=sum(int(step.flops or 0) for step in trace.steps),
        sizes={rule.name: format_rule(rule) for rule in law(one).rules},
        fixed=stays(in_formulas(one)),
        proven=_proven(one) if one.real else None,
    )


def _counts(joins: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(joins).items()))


def _proven(one: Specimen) -> bool:
    return all(verdict(one, training=training).proven for training in (False, True))


def as_text(one: Row) -> str:
    """A row as it stands in its file."""
    return json.dumps(asdict(one), indent=2) + "\n"


def rows() -> list[Row]:
    """The rows of the record, by package and name."""
    return [Row(**json.loads(path.read_text())) for path in sorted(RECORD.glob("*.json"))]
