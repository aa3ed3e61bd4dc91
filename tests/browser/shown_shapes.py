"""The shapes that an explorer shows at chosen sizes, and those of a trace made at these sizes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from playwright.sync_api import Page

import tracer
import tracer.render.explorer
from tracer.algebra.polynomial import as_dim, parse
from tracer.algebra.substitute import resize
from tracer.record import Trace
from tracer.render.explorer.document import ExplorerContent, explorer_document
from tracer.session import Session

Document = dict[str, Any]
Sizes = dict[str, int]

FORMULAS = Path(tracer.render.explorer.__file__).with_name("web") / "src/formulas.js"
SHOWN = """async ([source, choices]) => {
  const module = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  const { document: shown } = document.querySelector("unet-explorer");
  const dims = shown.dims.map(module.parse);
  return {
    shown: { ...shown, words: null },
    numbers: choices.map((sizes) => dims.map((dim) => module.evaluate(dim, sizes))),
  };
}"""
"""The document that the page unpacked, and all its sizes by the formulas of the browser."""

REACH = 9
"""How many steps from the size given a size is drawn at most."""


def random_sizes(content: ExplorerContent, count: int = 10) -> list[Sizes]:
    """Sizes that formulas hold for and rules allow; the same for each run of the tests."""
    draw = random.Random(content.trace.model)
    return [_some_sizes(content, draw) for _ in range(count)]


def _some_sizes(content: ExplorerContent, draw: random.Random) -> Sizes:
    sizes: Sizes = {}
    assert content.rules
    for symbol in content.trace.symbols:
        rule = content.rules.rule(symbol.name)
        known = [
            size
            for step in range(-REACH, REACH + 1)
            if (size := symbol.size + step * symbol.multiple) >= max(1, symbol.least)
            and rule.allows(size)
        ]
        sizes[symbol.name] = sizes.get(rule.tied_to or "", draw.choice(known))
    return sizes


def trace_at(session: Session, content: ExplorerContent, sizes: Sizes) -> Trace:
    """A trace that is made at these sizes."""
    inputs = {
        value.name: torch.empty(
            tuple(map(int, value.shape)), dtype=getattr(torch, value.dtype), device="meta"
        )
        for value in resize(content.trace, sizes).inputs
    }
    return tracer.trace(session.model, inputs)


def differences(page: Page, session: Session, content: ExplorerContent) -> Iterator[str]:
    """What the page shows otherwise than traces made at the same ten random sizes."""
    choices = random_sizes(content)
    found = page.evaluate(SHOWN, [FORMULAS.read_text("utf-8"), choices])
    for sizes, numbers in zip(choices, found["numbers"], strict=True):
        there = ExplorerContent(trace_at(session, content, sizes), content.sources)
        made = explorer_document(there)
        expected = in_shapes(made, [as_dim(parse(str(dim))) for dim in made["dims"]])
        shown = in_shapes(found["shown"], numbers)
        for part, rows in expected.items():
            if shown[part] != rows:
                at = next(n for n, row in enumerate(rows) if shown[part][n : n + 1] != [row])
                yield f"{sizes}: {part}[{at}]: {shown[part][at : at + 1]} is not {rows[at]}"


def in_shapes(document: Document, numbers: list[Any]) -> dict[str, list[Any]]:
    """Blocks, operations, lines and skips with shapes instead of the numbers of tensors."""

    def shape(value: int) -> tuple[Any, ...]:
        number, dtype = document["values"][value]
        sizes = tuple(numbers[dim] for dim in document["shapes"][number])
        return (*sizes, document["dtypes"][dtype])

    def shapes(values: list[int]) -> list[Any]:
        return [shape(value) for value in values]

    def named(rows: list[Any]) -> list[Any]:
        return [(name, shape(value)) for name, value in rows]

    return {
        "blocks": [
            (row["call"], shapes(row["inputs"]), shapes(row["outputs"]))
            for row in document["blocks"]
        ],
        "steps": [
            (op, shapes(inputs), shapes(outputs), -1 if flops < 0 else numbers[flops])
            for op, inputs, outputs, _, _, _, flops, _, _ in document["steps"]
        ],
        "lines": [
            (
                line,
                named(names),
                [(kind, name, shape(value), depth) for kind, name, value, depth in changes],
                named(reads),
                named(entry),
            )
            for _, line, _, _, names, changes, reads, _, _, entry in document["lines"]
        ],
        "skips": [
            (row["source"], row["target"], shapes([row["value"], row["joined"], row["result"]]))
            for row in document["skips"]
        ],
        "ledger": [
            (row["stack"], shape(row["value"]), -1 if row["bytes"] < 0 else numbers[row["bytes"]])
            for row in document["ledger"]
        ],
    }


def table_differences(page: Page, session: Session, content: ExplorerContent) -> Iterator[str]:
    """Rows of the table of blocks that differ from a trace, once the sizes have been typed."""
    page.locator(".tabs").get_by_role("button", name="Tables", exact=True).click()
    page.locator(".table-actions button").first.click()
    rows = page.locator(".grid-row")
    for sizes in random_sizes(content, 3):
        for name, size in sizes.items():
            page.fill(f"#size-{name}", str(size))
        expected = [
            [", ".join("×".join(map(str, one.shape)) or "()" for one in block.outputs)]
            for block in trace_at(session, content, sizes).root.walk()
            if block.call
        ]
        shown = rows.evaluate_all(
            "rows => rows.map(({ children }) => [children[4].querySelector('.shape')?.title ?? ''])"
        )
        if shown != expected:
            yield f"{sizes}: {len(shown)} rows, {len(expected)} blocks"
            yield from (
                f"{sizes}: {one} is not {other}"
                for one, other in zip(shown, expected, strict=False)
                if one != other
            )
