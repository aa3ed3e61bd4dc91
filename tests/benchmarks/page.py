"""The page of the benchmarks, from their record, in English or Korean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from string import Template

from tests.benchmarks import words
from tests.benchmarks.budgets import Budget, budgets, power_of
from tests.benchmarks.capture import TOO_LONG
from tests.benchmarks.contenders import ASPECTS, NAMED, NO, YARDSTICK
from tests.benchmarks.record import Model, Record, Row

NONE = "–"
UNBROKEN = "\u00a0"
"""A space at which no line ends."""


def page(record: Record, language: str) -> str:
    """The whole page as Markdown."""
    introduction = Path(__file__).with_name(f"introduction.{language}.md").read_text("utf-8")
    parts = {
        "machine": _machine(record, language),
        "budgets": _table(words.BUDGETS[language], _budgets(record, language)),
        "models": "\n".join(_model(one, language) for one in record.models),
        "growing": _growing(record, language),
        "growth": _growth(record, language),
        "memory": _memory(record, language),
        "waits": _table(words.WAITS[language], _waits(record, language)),
        "settings": "\n".join(_settings(language)),
    }
    return Template(introduction).substitute(parts)


def _settings(language: str) -> Iterator[str]:
    """How each tool was called."""
    for one in NAMED.values():
        yield f"- **{words.NAMES[language].get(one.name, one.name)}**: `{one.setting}`"


def sentence(one: Budget, language: str) -> str:
    """What a budget is about, its limit and what was measured, in a line."""
    return ", ".join(_budget(one, language)[:3])


def report(record: Record) -> str:
    """The tables of what is held and of the captures, as plain text with even columns."""
    tables = [_table(words.BUDGETS["en"], _budgets(record, "en"))]
    tables += [_model(one, "en") for one in record.models]
    return "\n".join(map(_even, tables))


def _even(text: str) -> str:
    """Markdown whose tables have columns of even width."""
    lines = text.splitlines()
    rows = [_cells(line) for line in lines if line.startswith("|")]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_padded(line, widths) if line.startswith("|") else line for line in lines)


def _padded(line: str, widths: Sequence[int]) -> str:
    first, *cells = _cells(line)
    if first == "---":
        return "  ".join("-" * width for width in widths)
    aligned = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))
    return "  ".join([first.ljust(widths[0]), *aligned])


def _cells(line: str) -> list[str]:
    return line.removeprefix("| ").removesuffix(" |").split(" | ")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column is text, the others numbers or short words."""
    rule = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def _machine(record: Record, language: str) -> str:
    on = record.machine
    cores = words.CORES[language].format(on["cores"])
    packages = ", ".join(f"{name} {version}" for name, version in on["packages"].items())
    return f"{on['processor']}, {cores}, {on['system']}, Python {on['python']}, {packages}"


def _budgets(record: Record, language: str) -> Iterator[Sequence[str]]:
    for one in budgets(record):
        yield [*_budget(one, language), words.HELD[language][one.held]]


def _budget(one: Budget, language: str) -> list[str]:
    what = words.BUDGET[language][one.what].format(of=_made(one.of, language))
    limit = words.LIMITS[language][one.least].format(_measure(one.limit, one.unit))
    return [what, limit, _measure(one.measured, one.unit)]


def _measure(number: float, unit: str) -> str:
    if unit == "x":
        return f"{number:.2f}{UNBROKEN}×"
    return f"{number:.3g}{UNBROKEN}{unit}".rstrip()


def _model(one: Model, language: str) -> str:
    said = words.MODEL[language].format(
        parameters=f"{one.parameters / 1e6:,.0f}", operations=one.operations, blocks=one.blocks
    )
    bare = one.rows[YARDSTICK].seconds or 0.0
    head = [*words.CAPTURE[language], *words.ASPECTS[language]]
    rows = [_row(name, row, bare, language) for name, row in one.rows.items()]
    failures = [f"- {name}: `{row.failure}`" for name, row in one.rows.items() if row.failure]
    return "\n\n".join(
        [
            f"### {one.name} {{#{_anchor(one)}}}",
            f"{said}.",
            _table(head, rows),
            *(["\n".join(failures) + "\n"] if failures else [""]),
        ]
    )


def _anchor(one: Model) -> str:
    return one.name.replace(".", "-")


def _row(name: str, row: Row, bare: float, language: str) -> list[str]:
    says = [words.SAYS[language][NAMED[name].says.get(aspect, NO)] for aspect in ASPECTS]
    first = NONE if row.first is None else f"{row.first:.1f}"
    if row.seconds is None:
        return [_name(name, language), words.FAILS[language], NONE, first, *says]
    return [
        _name(name, language),
        f"{row.seconds * 1e3:,.0f}",
        f"{row.seconds / bare:.2f}",
        first,
        *says,
    ]


def _name(name: str, language: str) -> str:
    return words.NAMES[language].get(name, name)


def _growing(record: Record, language: str) -> str:
    head = ["", *(f"{one.operations:,}" for one in record.growing)]
    names = record.growing[0].rows if record.growing else ()
    return _table(head, ([_name(name, language), *_each(record, name, language)] for name in names))


def _each(record: Record, name: str, language: str) -> Iterator[str]:
    """Microseconds of an operation, on each of the growing models."""
    for one in record.growing:
        row = one.rows[name]
        if row.seconds is not None:
            yield f"{row.seconds / one.operations * 1e6:,.0f}"
        else:
            gone = words.TOO_LONG if row.failure == TOO_LONG else words.FAILS
            yield gone[language]


def _growth(record: Record, language: str) -> str:
    sizes = sorted({int(size) for times in record.growth.values() for size in times})
    if not sizes:
        return ""
    first, last = str(sizes[0]), str(sizes[-1])
    head = [text.format(first=sizes[0], last=sizes[-1]) for text in words.GROWTH[language]]
    rows = (
        [
            _made(what, language),
            _ms(times[first]),
            _ms(times[last]),
            f"{power_of(record, what):.2f}",
        ]
        for what, times in record.growth.items()
    )
    return _table(head, rows)


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:,.1f}"


def _made(what: str, language: str) -> str:
    return words.MADE_KO.get(what, what) if language == "ko" else what


def _memory(record: Record, language: str) -> str:
    return _table(
        words.MEMORY[language],
        (
            [_name(what, language), *(f"{states[state]:.1f} MiB" for state in ("cold", "warm"))]
            for what, states in record.memory.items()
        ),
    )


def _waits(record: Record, language: str) -> Iterator[Sequence[str]]:
    for what, text in words.WAIT[language].items():
        if what in record.waits:
            yield text, f"{record.waits[what]:.2f}"
