"""The law of sizes in words, and the table of its reasons: which skip, pushed and popped where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracer.blueprints.rule_text import ANY, rule_text
from tracer.clashes import Clash, Place
from tracer.laws import Cause, Law, Rule
from tracer.render import figures
from tracer.render.grid import Column, Narrowing, Table
from tracer.render.places import place_column
from tracer.render.symbols import listed

NARROWING = (
    Narrowing("pushed at", "shorten"),
    Narrowing("joined at", "shorten"),
    Narrowing("parted at", "shorten"),
    Narrowing("made", "drop"),
    Narrowing("shape", "drop"),
    Narrowing("meet", "drop"),
    Narrowing("pushed at", "drop"),
    Narrowing("parted at", "drop"),
)


def law_text(law: Law) -> str:
    """`H and W: multiples of 32, at least 32; any B`."""
    told: dict[str, list[str]] = {}
    for rule in law.rules:
        told.setdefault(rule_text(rule), []).append(rule.name)
    anything = told.pop(ANY, [])
    parts = [f"{listed(names)}: {text}" for text, names in told.items()]
    return "; ".join([*parts, *([f"{ANY} {listed(anything)}"] if anything else [])])


def law_table(law: Law) -> Table:
    """The law as the title, its reasons as rows, and below them how it was verified."""
    reasons = list(reasons_of(law.rules))
    clashes = [reason for reason in reasons if reason.clash]
    name = f"{law.model} ({law.target})" if law.target else law.model
    return Table(
        title=f"{name}\n{law_text(law)}",
        columns=tuple(_columns(clashes)) if clashes else (),
        summary=tuple(_summary(law, [reason for reason in reasons if not reason.clash])),
        narrowing=NARROWING,
    )


@dataclass(frozen=True, slots=True)
class Reason:
    """One obstacle, and the sizes that were seen to hit it, by their names."""

    names: tuple[str, ...]
    cause: Cause

    @property
    def clash(self) -> Clash | None:
        """The operands that did not fit, if it was that."""
        return self.cause.clash

    @property
    def at(self) -> str:
        """`H or W = 257`."""
        return f"{listed(self.names, 'or')} = {self.cause.size}"


def reasons_of(rules: Iterable[Rule]) -> Iterator[Reason]:
    """The causes of all rules, those of different sizes that are the same obstacle together."""
    found: dict[object, list[tuple[str, Cause]]] = {}
    for rule in rules:
        for cause in rule.causes:
            found.setdefault(_obstacle(cause), []).append((rule.name, cause))
    for alike in found.values():
        names = dict.fromkeys(name for name, _ in alike)
        yield Reason(tuple(names), alike[0][1])


def _obstacle(cause: Cause) -> object:
    clash = cause.clash
    if clash is None:
        return cause.size, cause.op, cause.at
    return cause.size, clash.op, clash.pushed, clash.popped, clash.into, clash.sizes


def _columns(reasons: Sequence[Reason]) -> Iterator[Column]:
    clashes = [reason.clash for reason in reasons if reason.clash]
    roundings = [clash.rounding for clash in clashes]
    yield Column("fails at", tuple(reason.at for reason in reasons))
    yield Column("skip", tuple(_block(clash.pushed) for clash in clashes), "path")
    yield place_column("pushed at", [_line(clash.pushed) for clash in clashes])
    yield Column("shape", tuple(figures.shape_of(clash.skip) for clash in clashes), "shape")
    yield Column("joined before", tuple(_target(clash) for clash in clashes), "path")
    yield place_column("joined at", [_line(clash.popped) for clash in clashes])
    yield Column("meet", tuple("{} and {}".format(*clash.sizes) for clash in clashes), "shape")
    if any(roundings):
        yield Column("parted in", tuple(_block(one.at) if one else "" for one in roundings), "path")
        yield place_column("parted at", [_line(one.at if one else None) for one in roundings])
        made = (f"{one.before} → {one.after}" if one else "" for one in roundings)
        yield Column("made", tuple(made), "shape")


def _target(clash: Clash) -> str:
    return clash.into if clash.into else _block(clash.popped)


def _block(place: Place) -> str:
    return place.block or "(the model)"


def _line(place: Place | None) -> tuple[str | None, int | None]:
    return (place.file, place.line) if place else (None, None)


def _summary(law: Law, others: Iterable[Reason]) -> Iterator[str]:
    for reason in others:
        cause = reason.cause
        where = f"{cause.op or 'the code'} in {cause.at.block or 'the model itself'}"
        place = f" at {cause.at.file}:{cause.at.line}" if cause.at.file else ""
        yield f"{reason.at} fails: {where}{place}: {cause.error}"
    for rule in law.rules:
        if rule.path:
            yield f"Legal, but not as it is: {rule.path}."
    yield axes_text(law.inputs)
    yield f"tried: {'; '.join(_tried(law.rules))}"
    yield from (f"note: {note}" for note in law.notes)


def axes_text(inputs: Mapping[str, Sequence[str]]) -> str:
    """`sizes: x B × 3 × H × W, t B`."""
    shapes = {
        name: figures.sizes_of([int(axis) if axis.isdigit() else axis for axis in axes])
        for name, axes in inputs.items()
    }
    return "sizes: " + ", ".join(f"{name} {shape or 'scalar'}" for name, shape in shapes.items())


def _tried(rules: Iterable[Rule]) -> Iterator[str]:
    """`H and W at 8 sizes that fit, 32 to 2304, which worked, and at 6 others, which failed`."""
    told: dict[str, list[str]] = {}
    for rule in rules:
        told.setdefault(_trials(rule), []).append(rule.name)
    return (f"{listed(names)} {text}" for text, names in told.items())


def _trials(rule: Rule) -> str:
    good = [trial.size for trial in rule.trials if trial.worked]
    bad = [trial.size for trial in rule.trials if not trial.worked]
    spread = f", {good[0]} to {good[-1]}" if len(good) > 1 else ""
    failed = f", and at {figures.plural(len(bad), 'other')}, which failed" if bad else ""
    return f"at {figures.plural(len(good), 'size')} that fit{spread}, which worked{failed}"
