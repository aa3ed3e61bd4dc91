"""Finds where a decoded trace contradicts itself, so that analyses can rely on what they read.

The record has its types already. What is checked here is what types do not say: numbers in their
ranges, formulas of known sizes, names that exist, values made once and before they are used, and
blocks whose steps lie inside those of their caller, one block after the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import reduce
from itertools import chain
from operator import mul
from typing import Final

from tracer.algebra.polynomial import Formula, FormulaError, Monomial, parse
from tracer.errors import shortened
from tracer.frame_checks import MAX_SIZE, Problem, find_frame_problems
from tracer.record import Block, Change, Dim, Line, Step, Symbol, Trace, Value

BlocksByCall = dict[str, Block]

MAX_COUNT: Final = 10**40
"""The largest number of parameters or FLOPs that is plausible."""
MAX_BLOCK_NESTING: Final = 600
"""Calls inside each other; PyTorch itself takes three calls of Python for each, of 1,000."""
MAX_RANK: Final = 64
MAX_SYMBOLS: Final = 64
MAX_DISTINCT_FORMULAS: Final = 10_000
MAX_MONOMIALS: Final = 2_000
"""Different products of sizes in all formulas of a trace together."""
DTYPE: Final = re.compile(r"bool|[a-z]+\d{1,3}\w{0,24}", re.ASCII)
"""A dtype tells the bits of an element in its name; new versions of PyTorch add new ones."""


def find_problems(trace: Trace) -> Iterator[Problem]:
    """Yield what is wrong in a trace; the first one is enough to refuse it.

    >>> x = Value("x", (1, -3), "float32")
    >>> trace = Trace("Net", (x,), (), (), Block("", "", "Net", (x,), (), 0, 0, 0, 0))
    >>> next(find_problems(trace))
    ('.inputs', 'the size -3 of "x" is out of range')
    """
    yield from _nesting_problems(trace.root)
    blocks: BlocksByCall = {}
    yield from _block_problems(trace, blocks)
    yield from _symbol_problems(trace.symbols)
    values = CheckedValues(trace)
    yield from _step_problems(trace, blocks, values)
    yield from _use_problems(trace, blocks, values)
    yield from _line_problems(trace, blocks, values)
    yield from find_frame_problems(trace.lines)
    if trace.missed < 0:
        yield ".missed", f"{_number(trace.missed)} is out of range"


def _shown(name: str) -> str:
    return f'"{shortened(name)}"'


def _number(number: int) -> str:
    """A number in a message, also one that is too long to be written out."""
    return str(number) if abs(number) <= MAX_COUNT else "a number of many digits"


# ------------------------------------------------------------------------------------------ values


def _contradiction(value: Value) -> str:
    return f"{_shown(value.name)} has two shapes or dtypes"


def _names_in(values: Iterable[Value]) -> frozenset[str]:
    """The names of sizes in inputs, which older traces have no symbols for."""
    found: set[str] = set()
    for size in chain.from_iterable(value.shape for value in values):
        with suppress(FormulaError):  # told of where the value is checked
            found |= parse(size).names if isinstance(size, str) else set()
    return frozenset(found)


class CheckedValues:
    """The values of a trace by name; each is checked where it is first named.

    A trace names hundreds of thousands, so the loops below do as little as they can for each.
    """

    def __init__(self, trace: Trace) -> None:
        self.known: dict[str, Value] = {}
        self._sizes = {symbol.name: symbol.size for symbol in trace.symbols}
        self._names = self._sizes.keys() | ({} if trace.symbols else _names_in(trace.inputs))
        self._checked: set[tuple[tuple[Dim, ...], str]] = set()
        self._formulas: set[str] = set()
        self._monomials: set[Monomial] = set()

    def problem_in(self, values: Iterable[Value]) -> str | None:
        """What is wrong with one of these values, by itself or compared with one of its name."""
        for value in values:
            first = self.known.setdefault(value.name, value)
            if first is value:
                problem = self._problem_of(value)
                if problem:
                    return problem
            elif first.shape != value.shape or first.dtype != value.dtype:
                return _contradiction(value)
        return None

    def problem_in_used(self, values: Iterable[Value]) -> str | None:
        """The same of values that must have been made before."""
        for value in values:
            first = self.known.get(value.name)
            if first is None:
                return f"nothing made {_shown(value.name)} before"
            if first.shape != value.shape or first.dtype != value.dtype:
                return _contradiction(value)
        return None

    def problem_in_made(self, values: Iterable[Value]) -> str | None:
        """The same of values that must not have been there before."""
        for value in values:
            if self.known.setdefault(value.name, value) is not value:
                return f"{_shown(value.name)} was there before"
            problem = self._problem_of(value)
            if problem:
                return problem
        return None

    def _problem_of(self, value: Value) -> str | None:
        if (value.shape, value.dtype) in self._checked:
            return None
        self._checked.add((value.shape, value.dtype))
        name = _shown(value.name)
        if not DTYPE.fullmatch(value.dtype):
            return f"{_shown(value.dtype)} is not a dtype"
        if len(value.shape) > MAX_RANK:
            return f"{name} has more than {MAX_RANK} dimensions"
        numbers = [size for size in value.shape if isinstance(size, int)]
        outside = next((size for size in numbers if not 0 <= size <= MAX_SIZE), None)
        if outside is not None:
            return f"the size {_number(outside)} of {name} is out of range"
        try:
            formulas = [self.formula(size) for size in value.shape if isinstance(size, str)]
            self._count_monomials(reduce(mul, formulas, Formula.of(1)))
        except FormulaError as error:
            return f"the shape of {name}: {str(error).rstrip('.')}"
        return None

    def formula(self, text: str) -> Formula:
        """The formula of a text, if it is a size at the sizes of the run; else FormulaError."""
        formula = parse(text)
        if text in self._formulas:
            return formula
        unknown = sorted(formula.names - self._names)
        if unknown:
            raise FormulaError(f"{_shown(unknown[0])} is not among the symbols")
        if self._sizes:
            self._check_at_run(text, formula)
        self._formulas.add(text)
        self._count_monomials(formula)
        if len(self._formulas) > MAX_DISTINCT_FORMULAS:
            raise FormulaError(f"there are more than {MAX_DISTINCT_FORMULAS:,} formulas")
        return formula

    def _check_at_run(self, text: str, formula: Formula) -> None:
        """Raise FormulaError unless a formula is a size at the sizes of the run."""
        size = formula.evaluate(self._sizes)
        if size < 0 or size.denominator != 1:
            raise FormulaError(f"{_shown(text)} is no whole number at the sizes of the run")

    def _count_monomials(self, formula: Formula) -> None:
        self._monomials.update(monomial for monomial, _ in formula.terms)
        if len(self._monomials) > MAX_MONOMIALS:
            raise FormulaError(f"the formulas have more than {MAX_MONOMIALS:,} different terms")


def _symbol_problems(symbols: tuple[Symbol, ...]) -> Iterator[Problem]:
    if len(symbols) > MAX_SYMBOLS:
        yield ".symbols", f"there are more than {MAX_SYMBOLS}"
    seen: set[str] = set()
    for number, symbol in enumerate(symbols):
        place = f".symbols[{number}]"
        if not (symbol.name.isidentifier() and symbol.name not in seen):
            yield place, f"{_shown(symbol.name)} is not a name of its own"
        seen.add(symbol.name)
        if not all(0 <= one <= MAX_SIZE for one in (symbol.size, symbol.multiple, symbol.least)):
            yield place, "a number is out of range"
        elif symbol.least > symbol.size:
            yield place, f"its size is {symbol.size}, but the formulas hold from {symbol.least} on"


# ------------------------------------------------------------------------------------------- steps


def _step_problems(trace: Trace, blocks: BlocksByCall, values: CheckedValues) -> Iterator[Problem]:
    """A step uses what was made before it, and makes what was not there."""
    problem = values.problem_in(trace.inputs)
    if problem:
        yield ".inputs", problem
    for number, step in enumerate(trace.steps):
        found = (
            values.problem_in(step.weights)
            or values.problem_in_used(step.inputs)
            or values.problem_in_made(step.outputs)
        )
        if found:
            yield f".steps[{number}]", found
        block = blocks.get(step.block)
        if block is None:
            yield f".steps[{number}].block", f"no block has the call {_shown(step.block)}"
        elif not block.first <= number < block.last:
            yield f".steps[{number}].block", f"the block {_shown(step.block)} ran other steps"
        if step.memory_of is not None and step.memory_of not in values.known:
            yield f".steps[{number}].memory_of", f"no value is called {_shown(step.memory_of)}"
        found = _number_problem(step, values)
        if found:
            yield f".steps[{number}]", found


def _number_problem(step: Step, values: CheckedValues) -> str | None:
    line, flops = step.line, step.flops
    if line is not None and not 0 <= line <= MAX_SIZE:
        return f"the line {_number(line)} is out of range"
    if isinstance(flops, str):
        try:
            values.formula(flops)
        except FormulaError as error:
            return f"the FLOPs: {str(error).rstrip('.')}"
    elif flops is not None and not 0 <= flops <= MAX_COUNT:
        return f"the FLOPs {_number(flops)} are out of range"
    return None


def _use_problems(trace: Trace, blocks: BlocksByCall, values: CheckedValues) -> Iterator[Problem]:
    """Problems of what blocks, the trace and the failed operation name once more."""
    found = values.problem_in(trace.outputs)
    if found:
        yield ".outputs", found
    for call, block in blocks.items():
        found = values.problem_in(block.inputs) or values.problem_in(block.outputs)
        if found:
            yield f"the block {_shown(call)}", found
    failed = trace.failed
    if failed is not None:
        found = values.problem_in(failed.inputs) or values.problem_in(failed.weights)
        found = found or _number_problem(failed, values)
        if failed.outputs:
            found = "an operation that failed has no outputs"
        if failed.block not in blocks:
            found = f"no block has the call {_shown(failed.block)}"
        if found:
            yield ".failed", found


# -------------------------------------------------------------------------------- blocks and lines


def _nesting_problems(root: Block) -> Iterator[Problem]:
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > MAX_BLOCK_NESTING:
            yield ".root", f"blocks are nested more than {MAX_BLOCK_NESTING} deep"
            return
        level = list(chain.from_iterable(block.children for block in level))


def _block_problems(trace: Trace, blocks: BlocksByCall) -> Iterator[Problem]:
    """Problems of the tree of calls; it is written into `blocks`, by call."""
    count = len(trace.steps)
    if trace.root.call:
        yield ".root", f"the model itself has no call, but here it is {_shown(trace.root.call)}"
    for block in trace.root.walk():
        place = f"the block {_shown(block.call)}"
        if block.call in blocks:
            yield ".root", f"two blocks have the call {_shown(block.call)}"
        blocks[block.call] = block
        counts = block.parameters, block.own_parameters, block.buffers
        if not all(0 <= number <= MAX_COUNT for number in counts):
            yield place, "a number of parameters or buffers is out of range"
        if not 0 <= (block.trainable or 0) <= block.parameters:
            yield place, "more parameters need a gradient than there are"
        if len(block.arguments) not in {0, len(block.inputs)}:
            yield place, "the names of its arguments are not those of its inputs"
        yield from _span_problems(block, count)


def _span_problems(block: Block, count: int) -> Iterator[Problem]:
    """The steps of a block are those of the trace, and those of its children are among them."""
    if not 0 <= block.first <= block.last <= count:
        yield f"the block {_shown(block.call)}", _range_problem(block, count)
    at = block.first
    for child in block.children:
        if not 0 <= child.first <= child.last <= count:
            yield f"the block {_shown(child.call)}", _range_problem(child, count)
        if not at <= child.first <= child.last <= block.last:
            yield f"the block {_shown(child.call)}", "its steps overlap those of other blocks"
        at = child.last


def _line_problems(trace: Trace, blocks: BlocksByCall, values: CheckedValues) -> Iterator[Problem]:
    count = len(trace.steps)
    for number, line in enumerate(trace.lines):
        if line.block not in blocks:
            yield f".lines[{number}].block", f"no block has the call {_shown(line.block)}"
        if not 0 <= line.line <= MAX_SIZE:
            yield f".lines[{number}].line", f"{_number(line.line)} is out of range"
        if not 0 <= line.first <= line.last <= count:
            yield f".lines[{number}]", _range_problem(line, count)
        named = line.names + line.reads + line.entry
        found = values.problem_in([value for _, value in named])
        if line.changes and not found:
            found = _change_problem(line.changes, values)
        if found:
            yield f".lines[{number}]", found


def _change_problem(changes: Iterable[Change], values: CheckedValues) -> str | None:
    for change in changes:
        if not 0 <= change.depth <= MAX_SIZE:
            return f"the depth {_number(change.depth)} is out of range"
    return values.problem_in([change.value for change in changes])


def _range_problem(part: Block | Line, count: int) -> str:
    return f"first {part.first} and last {part.last} are not a range of the {count} steps"
