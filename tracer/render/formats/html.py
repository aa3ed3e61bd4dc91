"""Tables and pictures as HTML that stands by itself: for a notebook, or any page.

Nothing is loaded from elsewhere, and no rule of the style reaches beyond the fragment. Text and
ground are those of the page around it, light or dark, where it says what they are; every other
colour is mixed from them. Without the style, as where a notebook is not trusted, it reads as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files

from tracer.render.formats.table import GUIDES, Column, ColumnRole, Table, outlined
from tracer.render.formats.terminal import breadth

WIDE_TABLE = 100
"""Cells of a terminal that a table may be wide before columns are shortened."""

CODE_ROLES: frozenset[ColumnRole] = frozenset({"path", "kind", "place", "shape"})
"""What is set in the letters of code: names that stand in a source file, and shapes."""


def fragment(title: str, parts: Iterable[str]) -> str:
    """Parts of a page below their title, with the style of all of them."""
    style = files("tracer.render.formats").joinpath("fragment.css").read_text(encoding="utf-8")
    body = "".join(parts)
    return (
        f'<section class="unet-trace" aria-label="{escape(title)}"><style>{style}</style>'
        f'<p class="ut-title">{escape(title)}</p>{body}</section>'
    )


def page(tables: Sequence[Table]) -> str:
    """Tables as a whole page, light or dark as its reader likes it."""
    first, *others = tables
    title = escape(first.title.replace("\n", " "))
    parts = [table_part(first), *(table_part(table, table.title) for table in others)]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8" />\n'
        '<meta name="color-scheme" content="light dark" />\n'
        '<meta name="viewport" content="width=device-width" />\n'
        f"<title>{title}</title>\n{fragment(first.title, parts)}\n</html>\n"
    )


def table_part(table: Table, heading: str = "") -> str:
    """A table that scrolls in a box of its own, and its sentences."""
    shown = _shortened(table)
    grid = _scrolling(f"<table>{_head(shown)}{_body(shown)}</table>", heading or table.title)
    remarks = "".join(f"<p>{escape(sentence)}</p>" for sentence in table.summary)
    return _part(heading, (grid if table.rows else "") + remarks)


def _shortened(table: Table) -> Table:
    """A table that is wide, with columns in their short forms; none is left out, for it scrolls."""
    for step in table.narrowing:
        if step.how == "shorten" and breadth(outlined(table)) > WIDE_TABLE:
            table = table.narrowed(step)
    return table


def picture_part(svg: str, heading: str = "") -> str:
    """A picture as `inline_svg` makes it."""
    picture = _scrolling(svg, heading or "Diagram")
    return _part(heading, f'<figure class="ut-figure">{picture}</figure>')


def remark_part(sentence: str, heading: str = "") -> str:
    """What is said where something cannot be shown."""
    return _part(heading, f"<p>{escape(sentence)}</p>")


def _part(heading: str, inside: str) -> str:
    """Below a heading, if there is one, that opens and shuts it."""
    if not heading:
        return f"<div>{inside}</div>"
    return f"<details open><summary>{escape(heading)}</summary>{inside}</details>"


def _scrolling(inside: str, name: str) -> str:
    """A box that the keyboard reaches, too."""
    return (
        f'<div class="ut-scroll" tabindex="0" role="region" aria-label="{escape(name)}">'
        f"{inside}</div>"
    )


def _head(table: Table) -> str:
    cells = (
        f'<th scope="col"{_class(column)}>{escape(column.title)}</th>' for column in table.columns
    )
    return f"<thead><tr>{''.join(cells)}</tr></thead>"


def _body(table: Table) -> str:
    return f"<tbody>{''.join(_rows(table))}</tbody>"


def _rows(table: Table) -> Iterator[str]:
    for number in range(len(table.rows)):
        names = {"ut-head": number in table.group_rows, "ut-faint": number in table.context_rows}
        marks = " ".join(name for name, holds in names.items() if holds)
        cells = "".join(_cell(column, number) for column in table.columns)
        yield f'<tr class="{marks}">{cells}</tr>' if marks else f"<tr>{cells}</tr>"


def _cell(column: Column, number: int) -> str:
    """A cell; where rows are indented the name alone heads the row, and its whole path is told."""
    text = column.cells[number]
    if not column.outline:
        return f"<td{_class(column)}>{escape(text)}</td>"
    name = column.outline[number].lstrip(GUIDES)
    guides = column.outline[number].removesuffix(name)
    before = f'<span class="ut-guides" aria-hidden="true">{guides}</span>' if guides else ""
    told = f' title="{escape(text)}"'
    return f'<th scope="row"{_class(column)}{told}>{before}{escape(name)}</th>'


def _class(column: Column) -> str:
    names = {"ut-number": column.right, "ut-code": column.role in CODE_ROLES}
    marks = " ".join(name for name, holds in names.items() if holds)
    return f' class="{marks}"' if marks else ""
