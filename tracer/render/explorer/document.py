"""The document of an explorer: everything that it shows of a trace, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Any

from tracer.algebra.substitute import resize
from tracer.analysis.levels.numbered_skips import number_skips
from tracer.analysis.levels.placement import UnitPlacement, place_units
from tracer.analysis.levels.spatial_sizes import find_spatial_sizes
from tracer.analysis.levels.whole_model import model_graph
from tracer.analysis.size_rules import SizeRules
from tracer.analysis.skip_stack import ledger
from tracer.analysis.skips import skips
from tracer.record import Block, Line, Trace
from tracer.render.explorer.call_frames import CallFrames, find_frames
from tracer.render.explorer.interning import NOTHING, TensorPools
from tracer.render.explorer.map_geometry import MapWriter, plan_maps
from tracer.render.explorer.rule_rows import RuleWriter
from tracer.render.explorer.skip_rows import SkipWriter
from tracer.render.explorer.source_functions import FunctionKey, SourceFunction, find_functions
from tracer.render.explorer.words import EXPLORER_WORDS

DOCUMENT_FORMAT = "unet-trace-explorer/1"


@dataclass(frozen=True)
class ExplorerContent:
    """What is explored.

    Attributes:
        trace: The trace, with formulas where there are any.
        sources: The texts of the files that its lines name.
        rules: The rules of its sizes; None where they are not known.
        lang: The language in which it is shown first.
        version: The version of this program.
        depth: How many levels of blocks the map and the tables show; None for as many as can
            be read.
        notes: What a function does, by its qualified name and by language.
    """

    trace: Trace
    sources: Mapping[str, str] = field(default_factory=dict)
    rules: SizeRules | None = None
    lang: str = "en"
    version: str = ""
    depth: int | None = None
    notes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @cached_property
    def numbers(self) -> Trace:
        """The trace at the sizes of the recorded run."""
        return resize(self.trace)

    @cached_property
    def frames(self) -> CallFrames:
        """The calls of functions in it."""
        return find_frames(self.trace, self.functions)

    @cached_property
    def functions(self) -> dict[FunctionKey, SourceFunction]:
        """The functions that ran."""
        return find_functions(self.trace, self.sources)


def explorer_document(content: ExplorerContent) -> dict[str, Any]:
    """Return the document of a trace. Tensors, sizes, blocks and lines refer by their numbers."""
    return with_notes(_Writer(content).document(), content.notes)


def with_notes(document: dict[str, Any], notes: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return a document in which each block has the note on its function.

    Args:
        document: A document.
        notes: As in `ExplorerContent`.
    """
    names = [one["name"] for one in document["functions"]]
    of_block = (
        {} if one["function"] == NOTHING else notes.get(names[one["function"]], {})
        for one in document["blocks"]
    )
    pairs = zip(document["blocks"], of_block, strict=True)
    return document | {"blocks": [one | {"note": dict(note) or None} for one, note in pairs]}


class _Writer:
    """Writes the parts of one document."""

    def __init__(self, content: ExplorerContent) -> None:
        self.content = content
        self.trace = trace = content.trace
        self.pools = TensorPools()
        self.blocks = {call: number for number, call in enumerate(trace.blocks)}
        self.links = skips(trace)
        self.numbered = number_skips(trace, self.links)
        self.frames, self.functions = content.frames, content.functions
        names = [file for file, _ in self.functions] + [step.file for step in trace.steps]
        self.files = {
            name: number for number, name in enumerate(dict.fromkeys(filter(None, names)))
        }
        self.function_numbers = {key: number for number, key in enumerate(self.functions)}

    def document(self) -> dict[str, Any]:
        trace, pools, content = self.trace, self.pools, self.content
        pools.values_of(trace.inputs)
        steps = self.steps()
        blocks = self.block_rows()
        lines = [self.line(number, line) for number, line in enumerate(trace.lines)]
        stack = SkipWriter(trace, pools, self.blocks, self.files)
        found = ledger(trace)
        skip_rows = stack.skips(self.numbered, found)
        ledger_rows = stack.ledger(found, self.numbered)
        plans = plan_maps(trace, self.links, content.depth)
        maps = MapWriter(trace, self.links, pools, self.blocks).maps(plans)
        return {
            "format": DOCUMENT_FORMAT,
            "title": trace.model,
            "target": trace.target,
            "mode": trace.mode,
            "torch": trace.torch,
            "version": content.version,
            "lang": content.lang,
            "words": EXPLORER_WORDS,
            "notes": list(trace.notes),
            "symbols": [
                {"name": one.name, "size": one.size, "multiple": one.multiple, "least": one.least}
                for one in trace.symbols
            ],
            "rules": self.rules(),
            "dims": pools.dims.items,
            "shapes": pools.shapes.items,
            "dtypes": pools.dtypes.items,
            "values": pools.values,
            "files": list(self.files),
            "functions": [self.function(one) for one in self.functions.values()],
            "blocks": blocks,
            "steps": steps,
            "frames": self.frame_rows(),
            "lines": lines,
            "skips": skip_rows,
            "ledger": ledger_rows,
            "maps": maps,
            "tables": {},
        }

    def rules(self) -> list[dict[str, Any]] | None:
        found = self.content.rules
        writer = RuleWriter(self.trace, self.numbered, self.blocks, self.files)
        return None if found is None else writer.rows(found)

    def steps(self) -> list[list[Any]]:
        numbers = self.content.numbers
        rows = []
        for step, in_numbers in zip(self.trace.steps, numbers.steps, strict=True):
            inputs, outputs = map(self.pools.values_of, (step.inputs, step.outputs))
            rows.append(
                [
                    step.op,
                    inputs,
                    outputs,
                    self.blocks[step.block],
                    self.files.get(step.file or "", NOTHING),
                    step.line or 0,
                    self.pools.dim(step.flops),
                    self.pools.known(step.memory_of),
                    sum(prod(map(int, weight.shape)) for weight in in_numbers.weights),
                ]
            )
        return rows

    def block_rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        functions = self.frames.functions_of_blocks()
        placed = self._placements()
        waiting: list[tuple[Block, int, int, UnitPlacement | None]] = [
            (self.trace.root, NOTHING, 0, None)
        ]
        while waiting:
            block, parent, depth, outer = waiting.pop()
            place = placed.get(block.call, outer)
            number = self.blocks[block.call]
            rows.append(self.block(block, parent, depth, place, functions.get(block.call)))
            waiting += [(child, number, depth + 1, place) for child in reversed(block.children)]
        return rows

    def _placements(self) -> dict[str, UnitPlacement]:
        """The role and the level of each block that a fully expanded map shows as one box."""
        graph = model_graph(self.trace, self.links)
        return place_units(graph, find_spatial_sizes(self.trace)).units

    def block(
        self,
        block: Block,
        parent: int,
        depth: int,
        place: UnitPlacement | None,
        function: FunctionKey | None,
    ) -> dict[str, Any]:
        return {
            "call": block.call,
            "path": block.path,
            "kind": block.kind,
            "parent": parent,
            "depth": depth,
            "inputs": self.pools.values_of(block.inputs),
            "outputs": self.pools.values_of(block.outputs),
            "arguments": list(block.arguments),
            "parameters": block.parameters,
            "own": block.own_parameters,
            "buffers": block.buffers,
            "trainable": block.trainable,
            "first": block.first,
            "last": block.last,
            "kernel": list(block.kernel),
            "stride": list(block.stride),
            "groups": block.groups,
            "level": place.level if place else None,
            "role": place.role if place else None,
            "function": NOTHING if function is None else self.function_numbers[function],
            "note": None,
        }

    def function(self, function: SourceFunction) -> dict[str, Any]:
        return {
            "name": function.name,
            "file": self.files[function.file],
            "first": function.first,
            "last": function.last,
            "source": function.source,
            "statements": [list(span) for span in function.statements],
            "calls": [[one.line, one.column, one.length, one.name] for one in function.calls],
            "link": None,
        }

    def frame_rows(self) -> list[list[int]]:
        return [
            [
                self.function_numbers[one.file, one.function],
                self.blocks[one.block],
                one.parent,
                one.called_by,
            ]
            for one in self.frames.frames
        ]

    def line(self, number: int, line: Line) -> list[Any]:
        pools = self.pools
        changes = [(one.kind, one.name, pools.value(one.value), one.depth) for one in line.changes]
        return [
            self.frames.of_lines[number],
            line.line,
            line.first,
            line.last,
            pools.named(line.names),
            changes,
            pools.named(line.reads),
            line.before,
            line.sets,
            pools.named(line.entry),
        ]
