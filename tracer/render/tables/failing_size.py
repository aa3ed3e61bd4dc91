"""Why a size fails, in sentences: which skip, where the sizes part, what would work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tracer.analysis.channel_mismatch import ChannelMismatch, JoinedPart
from tracer.analysis.shape_mismatch import ShapeMismatch
from tracer.analysis.size_rules import Cause
from tracer.analysis.value_origin import ExternalTensor, StepLocation
from tracer.record import Value
from tracer.render import number_format
from tracer.render.formats.table import Table
from tracer.render.tables.block_columns import mode_text
from tracer.render.tables.block_rows import block_phrase
from tracer.render.tables.size_obstacles import rules_text
from tracer.render.tables.symbol_notes import word_list
from tracer.render.words.cause_phrases import CAUSE_PHRASES, CausePhrases
from tracer.sizing.explanation import Advice, Explanation, Padding


def failing_size_table(found: Explanation) -> Table:
    """Return an explanation as a table that has a title and sentences, and no rows."""
    name = f"{found.model} ({found.target})" if found.target else found.model
    verdict = "works" if found.works else "fails"
    return Table(
        title=f"{name} {verdict} at {_inputs(found.inputs)}",
        columns=(),
        summary=(
            *_sentences(found),
            *mode_text(found.mode),
            *(f"note: {note}" for note in found.notes),
        ),
    )


def _inputs(values: Iterable[Value]) -> str:
    return ", ".join(
        f"{value.name} {number_format.shape_of(value) or 'scalar'}" for value in values
    )


def _sentences(found: Explanation) -> Iterator[str]:
    if found.cause is None:
        return
    yield from cause_sentences(found.cause, found.axes)
    if found.fitting:
        either = " or ".join(_inputs([one]) for one in found.fitting)
        yield f"The sizes of these inputs depend on each other. It works with {either}."
    if found.advice:
        yield _nearest(found.advice)
    elif found.works_at:
        yield f"The model works at {_inputs(found.works_at)}."
    elif not found.fitting:
        yield "No nearby size works, so the size is probably not the cause."
    if found.padding:
        yield _padded(found.padding)


def cause_sentences(cause: Cause, axes: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the lines that say why a run failed.

    Args:
        cause: The cause.
        axes: The axes of each input that has named ones.
    """
    mismatch = cause.mismatch
    if mismatch is None:
        yield from error_sentences(cause)
        return
    before = (
        f" before {mismatch.target}" if mismatch.target else f" in {block_phrase(cause.at.block)}"
    )
    sizes = "{} with {}".format(*mismatch.sizes)
    yield f"{mismatch.op}{before}{_at(mismatch.popped)} joins {sizes} in {_axis(mismatch, axes)}:"
    yield f"  {_skip_operand(mismatch)},"
    yield f"  and {_other_operand(mismatch)}."
    if mismatch.rounding:
        one = mismatch.rounding
        where = block_phrase(one.at.block)
        turned = f"{one.op} turned {one.before} into {one.after}"
        yield f"The sizes first differ in {where}{_at(one.at)}: {turned}."
    yield cause.error


def error_sentences(cause: Cause, phrases: CausePhrases = CAUSE_PHRASES["en"]) -> Iterator[str]:
    """Yield the lines on a cause that is no join of two sizes; the last is PyTorch's message.

    Args:
        cause: The cause.
        phrases: The phrases of a language.
    """
    if cause.channels is not None:
        yield from _channels(cause.channels, phrases)
    else:
        block = cause.at.block or phrases.the_model
        what = cause.op or phrases.own_code
        yield phrases.raised.format(what=what, block=block, at=_in_source(cause.at, phrases))
    yield cause.error


def _channels(found: ChannelMismatch, phrases: CausePhrases) -> Iterator[str]:
    """Which channels an operation got instead of those that its weights are for, and from where."""
    wrong = phrases.expected.format(
        op=found.op,
        block=found.at.block or phrases.the_model,
        at=_in_source(found.at, phrases),
        expected=found.expected,
        got=found.got,
    )
    made, at = found.made.block, _in_source(found.made, phrases)
    if not found.parts:
        form = phrases.made if made else phrases.made_outside
        yield wrong + form.format(block=made, at=at)
        return
    total = " + ".join(str(part.channels) for part in found.parts)
    block = made or phrases.the_model
    yield wrong + phrases.concatenated.format(total=total, block=block, at=at)
    *parts, last = (_part(part, phrases) for part in found.parts)
    yield from (phrases.part.format(part=part) for part in parts)
    yield phrases.last_part.format(part=last)


def _part(part: JoinedPart, phrases: CausePhrases) -> str:
    """`8 of the skip, the output of inp, pushed on hs at unet.py:9`."""
    channels, at = part.channels, _in_source(part.at, phrases)
    if part.source:
        return phrases.source.format(
            channels=channels, kind=part.source.kind, name=part.source.name
        )
    block = part.at.block
    if part.is_skip:
        pushed = phrases.pushed.format(stack=part.stack) if part.stack else phrases.not_pushed
        of = phrases.of.format(block=block) if block else ""
        return phrases.skip.format(channels=channels, of=of, pushed=pushed, at=at)
    made = phrases.from_block.format(block=block) if block else ""
    return phrases.other.format(channels=channels, made=made, at=at)


def _in_source(place: StepLocation, phrases: CausePhrases) -> str:
    return phrases.at.format(file=place.file, line=place.line) if place.file else ""


def _skip_operand(mismatch: ShapeMismatch) -> str:
    shape = number_format.shape_of(mismatch.skip)
    if mismatch.source:
        return _fixed_operand(mismatch.source, shape)
    pushed = f"pushed on {mismatch.stack}" if mismatch.stack else "made"
    maker = f", the output of {mismatch.pushed.block}" if mismatch.pushed.block else ""
    called = "the skip " if mismatch.is_skip else ""
    return f"{called}{shape}{maker}, {pushed}{_at(mismatch.pushed)}"


def _other_operand(mismatch: ShapeMismatch) -> str:
    shape = number_format.shape_of(mismatch.other)
    if mismatch.other_source:
        return _fixed_operand(mismatch.other_source, shape)
    grown = f" from {mismatch.other_origin.block}" if mismatch.other_origin.block else ""
    return f"{shape}{grown}{_at(mismatch.other_origin)}"


def _fixed_operand(source: ExternalTensor, shape: str) -> str:
    kept = ", whose size does not depend on the inputs" if source.kind == "weight" else ""
    return f"the {source.kind} {source.name} {shape}{kept}"


def _axis(mismatch: ShapeMismatch, axes: Mapping[str, Sequence[str]]) -> str:
    """`dimension 2 (H)`: which one it is, and what it is called in an input of as many."""
    alike = (names for names in axes.values() if len(names) == len(mismatch.skip.shape))
    name = next((names[mismatch.axis] for names in alike), "")
    return f"dimension {mismatch.axis}" + (f" ({name})" if name.isidentifier() else "")


def _at(place: StepLocation) -> str:
    return _in_source(place, CAUSE_PHRASES["en"])


def _nearest(advice: Sequence[Advice]) -> str:
    """`Nearest sizes that work: H = 224 or 256 (H: multiples of 32, at least 32).`"""
    sizes = (f"{one.name} = {word_list(_sizes(one), 'or')}" for one in advice)
    rules = "; ".join(rules_text([one.rule for one in advice]))
    return f"Nearest sizes that work: {', '.join(sizes)} ({rules})."


def _sizes(one: Advice) -> Iterable[str]:
    return map(str, dict.fromkeys(size for size in (one.below, one.above) if size))


def _padded(padding: Sequence[Padding]) -> str:
    pads = (f"F.pad({one.input}, ({', '.join(map(str, one.pad))}))" for one in padding)
    return f"It works with padding: {word_list(pads)}, then {padding[0].crop} of the result."
