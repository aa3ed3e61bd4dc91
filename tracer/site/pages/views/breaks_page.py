"""What breaks when one thing is changed: the change, the traceback, the stack at that moment."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from tracer.analysis.skip_stack import ledger
from tracer.record import Trace
from tracer.render import number_format
from tracer.render.formats.table import translated
from tracer.render.tables.skip_stack import NO_SKIP, skip_stack_table
from tracer.site.content.breakages import Breakage, OutputComparison
from tracer.site.pages.page_table import table_part
from tracer.site.pages.views.stack_page import stack_titles
from tracer.site.pages.words import Words


@dataclass(frozen=True, slots=True)
class BreakView:
    """One change. `traceback` is empty if nothing failed, `stack` if nothing ran."""

    id: str
    title: str
    change: str
    why: str
    diff: str
    traceback: str
    note: str
    outputs: str
    stack: Markup


def break_view(breakage: Breakage, language: str, words: Words) -> BreakView:
    """Return the view of one change in one language."""
    recorded, text = breakage.recorded, breakage.text
    title = text.title.of(language)
    failed = bool(recorded.error)
    lines = (recorded.frames, recorded.error)
    return BreakView(
        id=recorded.id,
        title=title,
        change=text.change.of(language),
        why=text.why.of(language),
        diff=recorded.diff,
        traceback="\n".join(line for line in lines if line),
        note=recorded.note,
        outputs=_difference(recorded.outputs, words) if recorded.outputs else "",
        stack=_stack(recorded.trace, title, words) if recorded.trace and failed else Markup(),
    )


def _difference(outputs: OutputComparison, words: Words) -> str:
    return words.outputs_differ.format(
        shape=number_format.close_sizes_of(outputs.shape),
        differ=f"{outputs.differ:,}",
        count=f"{outputs.count:,}",
        most=f"{outputs.most:.2g}",
        spread=f"{outputs.spread:.2g}",
    )


def _stack(trace: Trace, title: str, words: Words) -> Markup:
    """The stack as it was when the model failed, on the page below a title."""
    found = skip_stack_table(ledger(trace))
    table = translated(found, {}, {NO_SKIP: words.still_on_list})
    return table_part(
        table,
        words.stack_at_failure,
        words,
        about=title,
        titles=stack_titles(words),
        classes="ut-stack",
    )
