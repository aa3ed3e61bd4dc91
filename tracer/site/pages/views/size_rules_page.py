"""The size rules of a model: what each size has to be, and which skip or operation asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from tracer.analysis.shape_mismatch import ShapeMismatch
from tracer.analysis.size_rules import Rule, SizeRules
from tracer.analysis.value_origin import StepLocation
from tracer.render.formats.table import Column, Table
from tracer.render.tables.block_rows import block_cell
from tracer.render.tables.rule_phrases import rule_in_words
from tracer.render.tables.size_obstacles import (
    Obstacle,
    mismatch_columns,
    obstacles,
    size_adaptations,
)
from tracer.render.tables.source_column import place_column
from tracer.site.content.model_results import ModelResults
from tracer.site.pages.page_table import table_part
from tracer.site.pages.urls import Addresses
from tracer.site.pages.words import Words


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What some sizes have to be, and at which ones the model was run."""

    names: str
    text: str
    worked: str
    failed: str


@dataclass(frozen=True, slots=True)
class SizeRulesView:
    """The tables of the rules and of the obstacles that they come from, and sentences."""

    tables: tuple[Markup, ...]
    notes: tuple[str, ...]


def size_rules_view(results: ModelResults, name: str, to: Addresses, words: Words) -> SizeRulesView:
    """Return the view of the size rules of a model; `name` is its name on the site."""
    found = list(obstacles(results.size_rules.rules))
    links = _Links(results, name, to)
    mismatches = links.mismatches([one for one in found if one.joins])
    others = links.others([one for one in found if not one.joins], words)
    tables = [table_part(rules_table(results.size_rules, words), words.law_caption, words)]
    if mismatches.rows:
        caption, titles = words.reasons_caption, _titles(words)
        tables.append(table_part(mismatches, caption, words, titles=titles, classes="ut-two"))
    if others.rows:
        tables.append(table_part(others, words.fails_elsewhere, words))
    adapted = _adapted(results.size_rules, words)
    return SizeRulesView(tuple(tables), (*adapted, *results.size_rules.notes))


def rules_table(law: SizeRules, words: Words) -> Table:
    """Return the rules, and the sizes at which the model ran and failed, as a table."""
    rows = list(rule_rows(law, words))
    return Table(
        title="",
        columns=(
            Column(words.size, tuple(row.names for row in rows)),
            Column(words.rule, tuple(row.text for row in rows)),
            Column(words.worked, tuple(row.worked for row in rows)),
            Column(words.failed, tuple(row.failed or "–" for row in rows)),
        ),
    )


def rule_rows(law: SizeRules, words: Words) -> Iterator[RuleRow]:
    """Return the rules, with the sizes that share one in the same row."""
    found: dict[RuleRow, list[str]] = {}
    for rule in law.rules:
        found.setdefault(_row(rule, words), []).append(rule.name)
    for row, names in found.items():
        yield replace(row, names=", ".join(names))


def _row(rule: Rule, words: Words) -> RuleRow:
    worked = (str(trial.size) for trial in rule.trials if trial.worked)
    failed = (str(trial.size) for trial in rule.trials if not trial.worked)
    text = rule_in_words(rule, words.rule_phrases)
    return RuleRow("", text, ", ".join(worked), ", ".join(failed))


def _adapted(law: SizeRules, words: Words) -> Iterator[str]:
    """The sizes that work although they break the rule, and how."""
    known = {"path": words.other_path, "rounds": words.rounded}
    for names, found in size_adaptations(law.rules):
        size = f"{', '.join(names)} = {found.size}"
        yield known[found.kind].format(size=size, told=found.description)


def _titles(words: Words) -> dict[str, str]:
    return {
        "fails at": words.fails_at,
        "skip": words.the_skip,
        "pushed at": words.pushed_at,
        "shape": words.shape,
        "joined before": words.joined_before,
        "joined at": words.joined_at,
        "sizes": words.meet,
        "rounded in": words.rounded_in,
        "rounded at": words.rounded_at,
        "change": words.size_before_and_after,
    }


@dataclass(frozen=True, slots=True)
class _Links:
    """Makes tables of obstacles, whose blocks and lines lead to where the site shows them."""

    results: ModelResults
    name: str
    to: Addresses

    def mismatches(self, found: Sequence[Obstacle]) -> Table:
        """The operands that do not fit, and where their sizes part."""
        table = Table("", tuple(mismatch_columns(found)) if found else ())
        mismatches = [one.mismatch for one in found if one.mismatch]
        parted = [mismatch.rounding.at if mismatch.rounding else None for mismatch in mismatches]
        table = table.with_fields("fails at", cells=tuple(map(_sizes, found)))
        for title, links in {
            "skip": [self.block(mismatch.pushed.block) for mismatch in mismatches],
            "joined before": [self.block(_target(mismatch)) for mismatch in mismatches],
            "rounded in": [self.block(place.block) if place else None for place in parted],
            "pushed at": [self.line(mismatch.pushed) for mismatch in mismatches],
            "joined at": [self.line(mismatch.popped) for mismatch in mismatches],
            "rounded at": [self.line(place) if place else None for place in parted],
        }.items():
            table = table.with_fields(title, links=tuple(links))
        return table

    def others(self, found: Sequence[Obstacle], words: Words) -> Table:
        """The obstacles that are no skip: what failed, and how."""
        causes = [one.cause for one in found]
        places = place_column(words.line, [(cause.at.file, cause.at.line) for cause in causes])
        lines = tuple(self.line(cause.at) for cause in causes)
        blocks = tuple(block_cell(cause.at.block) for cause in causes)
        links = tuple(self.block(cause.at.block) for cause in causes)
        return Table(
            title="",
            columns=(
                Column(words.fails_at, tuple(map(_sizes, found))),
                Column(words.operation, tuple(cause.op or words.own_code for cause in causes)),
                Column(words.block, blocks, "path", links=links),
                replace(places, links=lines),
                Column(words.error, tuple(cause.error for cause in causes), "kind"),
            ),
        )

    def block(self, call: str) -> str | None:
        return self.to.row(self.name, call) if call in self.results.trace.blocks else None

    def line(self, place: StepLocation) -> str | None:
        return self.to.line(place.file, place.line)


def _target(mismatch: ShapeMismatch) -> str:
    return mismatch.target or mismatch.popped.block


def _sizes(one: Obstacle) -> str:
    """`H, W = 33`."""
    return f"{', '.join(one.names)} = {one.cause.size}"
