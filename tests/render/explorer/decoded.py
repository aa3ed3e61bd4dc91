"""A document of an explorer, read the way the component in the browser reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tracer.record import Dim

Document = dict[str, Any]


def shape(document: Document, value: int) -> tuple[Dim, ...]:
    """The shape of a tensor, its sizes as a trace has them."""
    number, _ = document["values"][value]
    return tuple(map(size, (document["dims"][one] for one in document["shapes"][number])))


def size(text: str) -> Dim:
    return int(text) if text.isdigit() else text


def references(document: Document) -> Iterator[tuple[str, int]]:
    """Every number that stands for an entry of a list, with the name of that list."""
    for shape_number, dtype in document["values"]:
        yield from (("shapes", shape_number), ("dtypes", dtype))
    yield from (("dims", dim) for sizes in document["shapes"] for dim in sizes)
    for step in document["steps"]:
        _, inputs, outputs, block, file, _, flops, memory, _ = step
        yield from (("values", value) for value in (*inputs, *outputs, memory))
        yield from (("blocks", block), ("files", file), ("dims", flops))
    for block in document["blocks"]:
        yield from (("values", value) for value in (*block["inputs"], *block["outputs"]))
        yield from (("blocks", block["parent"]), ("functions", block["function"]))
    for function, block, parent, line in document["frames"]:
        yield from (("functions", function), ("blocks", block), ("frames", parent))
        yield "lines", line
    yield from _of_lines(document)
    for skip in document["skips"]:
        yield from (("blocks", skip[end]) for end in ("source", "target"))
        yield from (("lines", skip[end]) for end in ("push_line", "pop_line"))
        yield from (("steps", skip[end]) for end in ("pushed", "popped"))
        yield from (("values", skip[part]) for part in ("value", "joined", "result"))
    yield from _of_maps(document)


def _of_lines(document: Document) -> Iterator[tuple[str, int]]:
    for frame, _, _, _, names, changes, reads, _, _, entry in document["lines"]:
        yield "frames", frame
        yield from (("values", value) for _, value in (*names, *reads, *entry))
        yield from (("values", value) for _, _, value, _ in changes)


def _of_maps(document: Document) -> Iterator[tuple[str, int]]:
    for drawn in document["maps"]:
        yield "blocks", drawn["block"]
        for unit in drawn["units"]:
            yield from (("blocks", unit["block"]), ("maps", unit["map"]))
            yield from (("values", value) for value in unit["outputs"])
        yield from (("dims", dim) for level in drawn["levels"] for dim in level["sizes"])
        yield from (("skips", skip) for edge in drawn["edges"] for skip in edge["skips"])
        ends = (edge[end] for edge in drawn["edges"] for end in ("source", "target"))
        assert all(0 <= end < len(drawn["units"]) for end in ends)
