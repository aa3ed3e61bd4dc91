"""The size rules in words, and the table of their reasons: which skip, pushed and popped where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tracer.analysis.shape_mismatch import ShapeMismatch
from tracer.analysis.size_rules import Cause, Rule, SizeAdaptation, SizeRules, is_join
from tracer.analysis.value_origin import StepLocation
from tracer.render import number_format
from tracer.render.formats.table import Column, Narrowing, Table
from tracer.render.tables.block_columns import mode_text
from tracer.render.tables.block_rows import block_cell, block_phrase
from tracer.render.tables.source_column import place_column
from tracer.render.tables.symbol_notes import word_list
from tracer.snapshot.rule_text import ANY_SIZE, format_rule

OBSTACLES_NARROWING = (
    Narrowing("pushed at", "shorten"),
    Narrowing("joined at", "shorten"),
    Narrowing("rounded at", "shorten"),
    Narrowing("change", "drop"),
    Narrowing("shape", "drop"),
    Narrowing("sizes", "drop"),
    Narrowing("pushed at", "drop"),
    Narrowing("rounded at", "drop"),
)


def size_rules_text(law: SizeRules) -> str:
    """`H and W: multiples of 32, at least 32; any B`."""
    anything = [rule.name for rule in law.rules if format_rule(rule) == ANY_SIZE]
    parts = rules_text(rule for rule in law.rules if rule.name not in anything)
    return "; ".join([*parts, *([f"{ANY_SIZE} {word_list(anything)}"] if anything else [])])


def rules_text(rules: Iterable[Rule]) -> Iterator[str]:
    """`H and W: multiples of 32, at least 32`, sizes with the same rule together."""
    rules = list(rules)
    by_text: dict[str, list[str]] = {}
    for rule in rules:
        by_text.setdefault(_worded(rule, {one.name for one in rules}), []).append(rule.name)
    yield from (f"{word_list(names)}: {text}" for text, names in by_text.items())


def _worded(rule: Rule, names: Collection[str]) -> str:
    """The rule of a size, in which two that have to be equal read alike."""
    if rule.tied_to is None:
        return format_rule(rule)
    own = format_rule(replace(rule, tied_to=None))
    equal = f"equal to {'each other' if rule.tied_to in names else rule.tied_to}"
    return equal if own == ANY_SIZE else f"{equal}, {own}"


def size_rules_table(law: SizeRules) -> Table:
    """Return a table with the rules as its title, one row per obstacle, and below how they were
    verified.
    """
    reasons = list(obstacles(law.rules))
    mismatches = [reason for reason in reasons if reason.joins]
    name = f"{law.model} ({law.target})" if law.target else law.model
    return Table(
        title=f"{name}\n{size_rules_text(law)}",
        columns=tuple(mismatch_columns(mismatches)) if mismatches else (),
        summary=tuple(_summary(law, [reason for reason in reasons if not reason.joins])),
        narrowing=OBSTACLES_NARROWING,
    )


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One obstacle, and the names of the sizes that failed at it."""

    names: tuple[str, ...]
    cause: Cause

    @property
    def mismatch(self) -> ShapeMismatch | None:
        """The operands that did not fit, if it was that."""
        return self.cause.mismatch

    @property
    def joins(self) -> bool:
        """Whether it is a skip or an input that does not fit, not a weight of a fixed size."""
        return is_join(self.cause)

    @property
    def at(self) -> str:
        """`H or W = 257`."""
        return f"{word_list(self.names, 'or')} = {self.cause.size}"


def obstacles(rules: Iterable[Rule]) -> Iterator[Obstacle]:
    """Yield the causes of all rules, each obstacle once with all sizes that failed at it."""
    found: dict[object, list[tuple[str, Cause]]] = {}
    for rule in rules:
        for cause in rule.causes:
            found.setdefault(_obstacle(cause), []).append((rule.name, cause))
    for alike in found.values():
        names = dict.fromkeys(name for name, _ in alike)
        yield Obstacle(tuple(names), alike[0][1])


def _obstacle(cause: Cause) -> object:
    mismatch = cause.mismatch
    if mismatch is None:
        return cause.size, cause.op, cause.at
    return (
        cause.size,
        mismatch.op,
        mismatch.pushed,
        mismatch.popped,
        mismatch.target,
        mismatch.sizes,
        mismatch.source,
    )


def mismatch_columns(reasons: Sequence[Obstacle]) -> Iterator[Column]:
    """Yield the columns about operands that do not fit: which, where, where they first differ."""
    mismatches = [reason.mismatch for reason in reasons if reason.mismatch]
    roundings = [mismatch.rounding for mismatch in mismatches]
    yield Column("fails at", tuple(reason.at for reason in reasons))
    yield Column("skip", tuple(map(_skip, mismatches)), "path")
    yield place_column("pushed at", [_line(mismatch.pushed) for mismatch in mismatches])
    yield Column(
        "shape", tuple(number_format.shape_of(mismatch.skip) for mismatch in mismatches), "shape"
    )
    yield Column("joined before", tuple(_target(mismatch) for mismatch in mismatches), "path")
    yield place_column("joined at", [_line(mismatch.popped) for mismatch in mismatches])
    yield Column("sizes", tuple("{} ≠ {}".format(*one.sizes) for one in mismatches), "shape")
    if any(roundings):
        yield Column(
            "rounded in", tuple(_block(one.at) if one else "" for one in roundings), "path"
        )
        yield place_column("rounded at", [_line(one.at if one else None) for one in roundings])
        made = (f"{one.before} → {one.after}" if one else "" for one in roundings)
        yield Column("change", tuple(made), "shape")


def _target(mismatch: ShapeMismatch) -> str:
    return mismatch.target if mismatch.target else _block(mismatch.popped)


def _skip(mismatch: ShapeMismatch) -> str:
    return mismatch.source.name if mismatch.source else _block(mismatch.pushed)


def _block(place: StepLocation) -> str:
    return block_cell(place.block)


def _line(place: StepLocation | None) -> tuple[str | None, int | None]:
    return (place.file, place.line) if place else (None, None)


def _summary(law: SizeRules, others: Iterable[Obstacle]) -> Iterator[str]:
    for reason in others:
        cause = reason.cause
        where = f"{cause.op or 'the code'} in {block_phrase(cause.at.block)}"
        place = f" at {cause.at.file}:{cause.at.line}" if cause.at.file else ""
        yield f"{reason.at} fails: {where}{place}: {_misfit(cause)}"
    yield from map(_adapted, size_adaptations(law.rules))
    yield axes_text(law.inputs)
    yield f"tested: {'; '.join(_tried(law.rules))}"
    yield from mode_text(law.mode)
    yield from (f"note: {note}" for note in law.notes)


def _misfit(cause: Cause) -> str:
    mismatch = cause.mismatch
    if mismatch is None or mismatch.weight is None:
        return cause.error
    sizes = "{} ≠ {}".format(*mismatch.sizes)
    return f"{sizes}, and the size of the weight {mismatch.weight.name} is fixed"


def size_adaptations(rules: Iterable[Rule]) -> Iterator[tuple[tuple[str, ...], SizeAdaptation]]:
    """Return how the model adapts to sizes that break its rules, with the names of the sizes."""
    found: dict[SizeAdaptation, list[str]] = {}
    for rule in rules:
        if rule.adaptation:
            found.setdefault(rule.adaptation, []).append(rule.name)
    return ((tuple(names), adaptation) for adaptation, names in found.items())


ADAPTATIONS = {
    "path": "{at} works, but takes a different code path: {told}.",
    "rounds": "{at} works, but is rounded: {told}.",
}


def _adapted(found: tuple[tuple[str, ...], SizeAdaptation]) -> str:
    names, adaptation = found
    at = f"{word_list(names, 'or')} = {adaptation.size}"
    return ADAPTATIONS[adaptation.kind].format(at=at, told=adaptation.description)


def axes_text(inputs: Mapping[str, Sequence[str]]) -> str:
    """`sizes: x B × 3 × H × W, t B`."""
    shapes = {
        name: number_format.sizes_of([int(axis) if axis.isdigit() else axis for axis in axes])
        for name, axes in inputs.items()
    }
    return "sizes: " + ", ".join(f"{name} {shape or 'scalar'}" for name, shape in shapes.items())


def _tried(rules: Iterable[Rule]) -> Iterator[str]:
    """`H and W ran at 8 sizes from 32 to 2304 and failed at 6 others`."""
    by_text: dict[str, list[str]] = {}
    for rule in rules:
        by_text.setdefault(_trials(rule), []).append(rule.name)
    return (f"{word_list(names)} {text}" for text, names in by_text.items())


def _trials(rule: Rule) -> str:
    good = [trial.size for trial in rule.trials if trial.worked]
    bad = [trial.size for trial in rule.trials if not trial.worked]
    spread = f" from {good[0]} to {good[-1]}" if len(good) > 1 else ""
    others = "1 other" if len(bad) == 1 else f"{len(bad)} others"
    failed = f" and failed at {others}" if bad else ""
    return f"ran at {number_format.plural(len(good), 'size')}{spread}{failed}"
