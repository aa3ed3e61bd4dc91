"""A table as an HTML `<table>` element: the same one in reports, in notebooks and on the site.

Around it stand `tracer.render.formats.html` or the templates of the site, which bring the style.
"""

from __future__ import annotations

from html import escape

from tracer.render.formats.table import GUIDES, Column, ColumnRole, Table

CODE_FONT: frozenset[ColumnRole] = frozenset({"path", "kind", "place", "shape"})
"""The roles whose cells are in the font of code: names that a source file contains, and shapes."""


def table_element(
    table: Table, *, caption: str = "", classes: str = "", labels: bool = False
) -> str:
    """Return the `<table>` element of a table, without its title and its sentences.

    Args:
        table: The table. The first cell of each row is its header.
        caption: What the table shows, in a sentence.
        classes: The classes of the element.
        labels: Whether each cell names its column, for pages that stack the cells of a row.

    >>> table_element(Table("", (Column("n", ("1",), "number"),)))
    '<table><thead><tr><th scope="col" class="ut-number">n</th></tr></thead>\
<tbody><tr><th scope="row" class="ut-number">1</th></tr></tbody></table>'
    """
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    body = "".join(_row(table, number, labels=labels) for number in range(len(table.rows)))
    opening = f"<table{_attributes(classes=classes)}>"
    return f"{opening}{above}{_head(table)}<tbody>{body}</tbody></table>"


def _head(table: Table) -> str:
    cells = (
        f'<th scope="col"{_attributes(classes=_classes(column))}>{escape(column.title)}</th>'
        for column in table.columns
    )
    return f"<thead><tr>{''.join(cells)}</tr></thead>"


def _row(table: Table, number: int, *, labels: bool) -> str:
    kinds = {"ut-head": number in table.group_rows, "ut-faint": number in table.context_rows}
    attributes = _attributes(
        classes=" ".join(name for name, holds in kinds.items() if holds),
        id=table.anchors[number] if table.anchors else "",
    )
    first, *others = table.columns
    cells = (_cell(column, number, labels=labels) for column in others)
    return f"<tr{attributes}>{_row_header(first, number)}{''.join(cells)}</tr>"


def _row_header(column: Column, number: int) -> str:
    """The first cell of a row; where rows are indented, its last name, with its path as tooltip."""
    text = column.cells[number]
    guides = ""
    attributes = _attributes(classes=_classes(column), title=text if column.outline else "")
    if column.outline:
        name = column.outline[number].lstrip(GUIDES)
        guides, text = column.outline[number].removesuffix(name), name
    before = f'<span class="ut-guides" aria-hidden="true">{guides}</span>' if guides else ""
    return f'<th scope="row"{attributes}>{before}{_linked(column, number, escape(text))}</th>'


def _cell(column: Column, number: int, *, labels: bool) -> str:
    bar = f"--share:{column.bars[number]:g}%" if column.bars else ""
    attributes = _attributes(
        classes=_classes(column), data_label=column.title if labels else "", style=bar
    )
    return f"<td{attributes}>{_linked(column, number, _content(column, number))}</td>"


def _content(column: Column, number: int) -> str:
    """The text of a cell, in numbers and in formulas where the two differ."""
    text = column.cells[number]
    formula = column.formulas[number] if column.formulas else text
    if formula == text:
        return escape(text)
    return f'<span class="ut-n">{escape(text)}</span><span class="ut-f">{escape(formula)}</span>'


def _linked(column: Column, number: int, content: str) -> str:
    """The content of a cell as a link, if it leads anywhere; without content, as an icon."""
    address = column.link(number)
    if not address:
        return content
    attributes = _attributes(
        classes="" if content else "ut-icon",
        href=address,
        title=column.link_title,
        aria_label="" if content else column.link_title,
    )
    return f"<a{attributes}>{content}</a>"


def _classes(column: Column) -> str:
    kinds = {
        "ut-number": column.right,
        "ut-mono": column.role in CODE_FONT,
        "ut-bar": bool(column.bars),
    }
    return " ".join(name for name, holds in kinds.items() if holds)


def _attributes(classes: str = "", **values: str) -> str:
    """The attributes of an element, those that have a value."""
    found = {"class": classes, **values}
    return "".join(_attribute(*pair) for pair in found.items() if pair[1])


def _attribute(name: str, value: str) -> str:
    return f' {name.replace("_", "-")}="{escape(value)}"'
