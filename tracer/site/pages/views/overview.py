"""The short lists: which models were traced, which functions are explained, whose code it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tracer.render import number_format
from tracer.site.models.dual_text import DualText
from tracer.site.pages.urls import Addresses
from tracer.site.pages.views.places import PlaceLinks, upstream_place
from tracer.site.pages.views.size_rules_page import RuleRow, rule_rows
from tracer.site.pages.words import Words


@dataclass(frozen=True, slots=True)
class TraceRow:
    """A model that was traced."""

    model: PlaceLinks
    taken: tuple[DualText, ...]
    made: tuple[DualText, ...]
    parameters: str
    blocks: int
    operations: int
    rules: tuple[RuleRow, ...]


@dataclass(frozen=True, slots=True)
class WalkRow:
    """A function that is walked through."""

    title: PlaceLinks
    file: str
    notes: int
    upstream: PlaceLinks


@dataclass(frozen=True, slots=True)
class CreditRow:
    """A part of the model, and the lines of the original that it follows."""

    name: PlaceLinks
    file: str
    upstream: PlaceLinks


def trace_rows(to: Addresses, language: str, words: Words) -> Iterator[TraceRow]:
    """The models of the site."""
    for traced in to.content.plan.shown:
        found = to.content.findings[traced.name]
        trace = found.trace
        title = traced.title.of(language) if traced.title else traced.name
        yield TraceRow(
            model=PlaceLinks(title, to.to(f"shapes/{traced.name}")),
            taken=found.shapes.all_of(trace.inputs),
            made=found.shapes.all_of(trace.outputs),
            parameters=number_format.count(trace.root.parameters),
            blocks=len(trace.blocks),
            operations=len(trace.steps),
            rules=tuple(rule_rows(found.law, words)),
        )


def walk_rows(to: Addresses, language: str, words: Words) -> Iterator[WalkRow]:
    """The walkthroughs of the site."""
    for found in to.content.walkthroughs:
        yield WalkRow(
            title=PlaceLinks(found.notes.title.of(language), to.to(found.walk.page)),
            file=found.function.file,
            notes=len(found.notes.notes),
            upstream=upstream_place(to.content.plan, found.notes.upstream, words),
        )


def credit_rows(to: Addresses, words: Words) -> Iterator[CreditRow]:
    """What follows which lines of the original."""
    for credit in to.content.plan.credits:
        module, _, name = credit.here.partition(":")
        found = to.walkthrough(f"{name}.forward")
        yield CreditRow(
            name=PlaceLinks(name, to.to(found.walk.page) if found else None),
            file=f"{module.replace('.', '/')}.py",
            upstream=upstream_place(to.content.plan, credit.upstream, words),
        )
