"""The short lists: the models, the walkthroughs, and the upstream code that the model follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tracer.render import number_format
from tracer.site.content.dual_text import DualText
from tracer.site.pages.urls import Addresses, LinkedText, upstream_link
from tracer.site.pages.views.size_rules_page import RuleRow, rule_rows
from tracer.site.pages.words import Words


@dataclass(frozen=True, slots=True)
class TraceRow:
    """A model that was traced."""

    model: LinkedText
    inputs: tuple[DualText, ...]
    outputs: tuple[DualText, ...]
    parameters: str
    blocks: int
    operations: int
    rules: tuple[RuleRow, ...]


@dataclass(frozen=True, slots=True)
class WalkRow:
    """A function with a walkthrough."""

    title: LinkedText
    file: str
    notes: int
    upstream: LinkedText


@dataclass(frozen=True, slots=True)
class CreditRow:
    """A part of the model, and the upstream lines that it follows."""

    name: LinkedText
    file: str
    upstream: LinkedText


def trace_rows(urls: Addresses, language: str, words: Words) -> Iterator[TraceRow]:
    """Yield one row per model that the site shows."""
    for model in urls.content.config.shown:
        results = urls.content.results[model.name]
        trace = results.trace
        title = model.title.of(language) if model.title else model.name
        yield TraceRow(
            model=LinkedText(title, urls.to(f"shapes/{model.name}")),
            inputs=results.shapes.all_of(trace.inputs),
            outputs=results.shapes.all_of(trace.outputs),
            parameters=number_format.count(trace.root.parameters),
            blocks=len(trace.blocks),
            operations=len(trace.steps),
            rules=tuple(rule_rows(results.size_rules, words)),
        )


def walk_rows(urls: Addresses, language: str, words: Words) -> Iterator[WalkRow]:
    """Yield one row per walkthrough."""
    for walkthrough in urls.content.walkthroughs:
        notes = walkthrough.notes
        span = notes.upstream
        yield WalkRow(
            title=LinkedText(notes.title_of(language), urls.to(walkthrough.walk.page)),
            file=walkthrough.function.file,
            notes=len(notes.notes),
            upstream=upstream_link(urls.content.config, span, words) if span else LinkedText(""),
        )


def credit_rows(urls: Addresses, words: Words) -> Iterator[CreditRow]:
    """Yield one row per part of the model that follows upstream code."""
    for credit in urls.content.config.credits:
        module, _, name = credit.here.partition(":")
        walkthrough = urls.walkthrough(f"{name}.forward")
        yield CreditRow(
            name=LinkedText(name, urls.to(walkthrough.walk.page) if walkthrough else None),
            file=f"{module.replace('.', '/')}.py",
            upstream=upstream_link(urls.content.config, credit.upstream, words),
        )
