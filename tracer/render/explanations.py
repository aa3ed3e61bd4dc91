"""Why a size fails, in sentences: which skip, where the sizes parted, what would work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tracer.blueprints.rule_text import rule_text
from tracer.clashes import Clash, Place
from tracer.explanations import Advice, Explanation, Padding
from tracer.laws import Cause
from tracer.render import figures
from tracer.render.grid import Table
from tracer.render.symbols import listed


def explanation_table(found: Explanation) -> Table:
    """The explanation as a table that has a title and sentences, and no rows."""
    name = f"{found.model} ({found.target})" if found.target else found.model
    shapes = (f"{value.name} {figures.shape_of(value)}" for value in found.inputs)
    verdict = "works" if found.works else "fails"
    return Table(
        title=f"{name} {verdict} at {', '.join(shapes)}",
        columns=(),
        summary=(*_sentences(found), *(f"note: {note}" for note in found.notes)),
    )


def _sentences(found: Explanation) -> Iterator[str]:
    if found.cause is None:
        return
    yield from _cause(found.cause, found.axes)
    if not found.advice:
        yield "No size nearby was found that works, so that this may be no matter of size."
        return
    yield from _ties(found.advice)
    near = [one for one in found.advice if one.below or one.above]
    if near:
        yield _nearest(near, tried=found.tried)
    yield from map(_padding, found.padding)


def _cause(cause: Cause, axes: Mapping[str, Sequence[str]]) -> Iterator[str]:
    clash = cause.clash
    if clash is None:
        what = cause.op or "The model's own code"
        yield f"{what} in {cause.at.block or 'the model itself'}{_at(cause.at)} raised it:"
        yield cause.error
        return
    before = (
        f" before {clash.into}" if clash.into else f" in {cause.at.block or 'the model itself'}"
    )
    sizes = "{} with {}".format(*clash.sizes)
    yield f"{clash.op}{before}{_at(clash.popped)} joins {sizes} in {_axis(clash, axes)}:"
    pushed = f"pushed on {clash.stack}" if clash.stack else "made"
    maker = f", which {clash.pushed.block} put out" if clash.pushed.block else ""
    yield f"  the skip {figures.shape_of(clash.skip)}{maker}, {pushed}{_at(clash.pushed)},"
    grown = f" from {clash.grown.block}" if clash.grown.block else ""
    yield f"  and {figures.shape_of(clash.other)}{grown}{_at(clash.grown)}."
    if clash.rounding:
        one = clash.rounding
        where = one.at.block or "the model itself"
        yield f"They parted in {where}{_at(one.at)}: {one.op} made {one.after} of {one.before}."
    yield cause.error


def _axis(clash: Clash, axes: Mapping[str, Sequence[str]]) -> str:
    """`dimension 2 (H)`: which one it is, and what it is called in an input of as many."""
    alike = (names for names in axes.values() if len(names) == len(clash.skip.shape))
    name = next((names[clash.axis] for names in alike), "")
    return f"dimension {clash.axis}" + (f" ({name})" if name.isidentifier() else "")


def _at(place: Place) -> str:
    return f" at {place.file}:{place.line}" if place.file else ""


def _ties(advice: Sequence[Advice]) -> Iterator[str]:
    tied = {frozenset((one.name, one.rule.tied_to)) for one in advice if one.rule.tied_to}
    yield from (f"{listed(sorted(map(str, pair)))} have to be equal." for pair in tied)


def _nearest(advice: Sequence[Advice], *, tried: bool) -> str:
    """`Nearest sizes that work: H = 224 or 256 (H: multiples of 32, at least 32).`"""
    sizes = (
        f"{one.name} = {listed((str(size) for size in (one.below, one.above) if size), 'or')}"
        for one in advice
    )
    rules: dict[str, list[str]] = {}
    for one in advice:
        rules.setdefault(rule_text(one.rule), []).append(one.name)
    told = "; ".join(f"{listed(names)}: {text}" for text, names in rules.items())
    how = "Nearest sizes that work" if tried else "Nearest sizes by the rule"
    return f"{how}: {', '.join(sizes)} ({told})."


def _padding(padding: Padding) -> str:
    pad = ", ".join(map(str, padding.pad))
    return f"Padded, it works: F.pad({padding.input}, ({pad})), then {padding.crop} of the result."
