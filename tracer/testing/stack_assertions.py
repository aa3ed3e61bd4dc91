"""Assertions for tests: the skip stack of a model is what its maintainer wrote down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tracer.analysis.skip_stack import Ledger, LedgerEntry, ledger
from tracer.analysis.skips import SkipLink
from tracer.errors import suggestion
from tracer.escapes import readable_lines
from tracer.record import Trace
from tracer.testing.shape_assertions import trace_of_subject

Targets = str | Iterable[str]


def assert_stack(
    subject: Trace | tuple[Any, Any],
    *,
    name: str | None = None,
    pushes: int | None = None,
    last_in_first_out: bool | None = None,
    skips: Mapping[str, Targets] | None = None,
) -> None:
    """Assert how a model uses its skip stack: only what is given is checked.

    Args:
        subject: A trace with lines, or a pair of a model and its inputs.
        name: The list (``"hs"``, ``"self.skips"``) to count on; all lists with skips by default.
        pushes: How many tensors are pushed on it.
        last_in_first_out: Whether each pop takes what was pushed last.
        skips: Which block takes in what which block made: ``{"down.0.block.0": "up.0.block.2"}``,
            or several blocks in a list. All skips of a given block are compared.

    Raises:
        AssertionError: Something differs; the message lists all of it.
        TypeError: `subject` is of another type.

    >>> from tracer.record import Block, Change, Line, Trace, Value
    >>> x = Value("x", (1, 3, 8, 8), "float32")
    >>> changes = Change("push", "hs", x, 1), Change("pop", "hs", x, 0)
    >>> lines = [Line("", "f", "net.py", n, 0, 0, (), (one,)) for n, one in enumerate(changes)]
    >>> trace = Trace("Net", (x,), (x,), (), Block("", "", "Net", (x,), (x,), 0, 0, 0, 0), lines)
    >>> assert_stack(trace, pushes=1, last_in_first_out=True)
    >>> assert_stack(trace, pushes=2)
    Traceback (most recent call last):
    AssertionError: The skip stack of Net is not as expected.
    <BLANKLINE>
    pushes
      expected  2
      found     1, on hs
    """
    __tracebackhide__ = True
    trace = trace_of_subject(subject)
    stack = ObservedStack(ledger(trace), name)
    differences = [*stack.count_differences(pushes), *stack.order_differences(last_in_first_out)]
    differences += stack.skip_differences(skips or {})
    if differences:
        title = f"The skip stack of {trace.model} is not as expected."
        raise AssertionError(readable_lines("\n\n".join([title, *differences])))


@dataclass(frozen=True, slots=True)
class ObservedStack:
    """What was observed on one list, or on all lists with skips."""

    ledger: Ledger
    name: str | None

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        """The tensors on the list."""
        return tuple(
            entry
            for entry in self.ledger.entries
            if entry.stack and self.name in {None, entry.stack}
        )

    def count_differences(self, expected: int | None) -> Iterator[str]:
        """Yield a paragraph if another number of tensors was pushed than is expected."""
        found = sum(entry.pushed.observed for entry in self.entries)
        if expected is not None and expected != found:
            yield _difference("pushes", str(expected), f"{found}, {self._where()}")

    def order_differences(self, expected: bool | None) -> Iterator[str]:
        """Yield a paragraph if the order of the pops is not as expected."""
        found = self.ledger.last_in_first_out
        if expected is not None and not self.entries:
            yield _difference("order", _order(expected), self._where())
        elif expected is not None and expected != found:
            yield _difference("order", _order(expected), f"{_order(found)}, {self._where()}")

    def skip_differences(self, skips: Mapping[str, Targets]) -> Iterator[str]:
        """Yield a paragraph for each block whose skips go to other blocks than expected."""
        links: dict[str, list[SkipLink]] = {}
        for entry in self.ledger.entries:
            for link in entry.joins:
                links.setdefault(_source(entry, link), []).append(link)
        for source, targets in skips.items():
            expected = [targets] if isinstance(targets, str) else list(targets)
            found = [link.target for link in links.get(source, [])]
            if sorted(expected) != sorted(found):
                hint = "" if source in links else f"no skip. {suggestion(source, links)}"
                yield _difference(
                    f"skips from {source}",
                    ", ".join(expected) or "no skip",
                    ", ".join(found) or hint,
                )

    def _where(self) -> str:
        """The lists that were counted, or which there are instead."""
        names = sorted({entry.stack for entry in self.entries})
        if names:
            return f"on {', '.join(names)}"
        others = sorted({entry.stack for entry in self.ledger.entries if entry.stack})
        if self.name is not None and others:
            return f"there is no list {self.name}. {suggestion(self.name, others)}"
        return "no list was observed"


def _order(last_in_first_out: bool) -> str:
    return "last in, first out" if last_in_first_out else "not last in, first out"


def _source(entry: LedgerEntry, link: SkipLink) -> str:
    """The block that made a skip, as the table of the stack names it."""
    return entry.pushed.block if entry.source_differs and entry.pushed.block else link.source


def _difference(what: str, expected: str, found: str) -> str:
    return f"{what}\n  expected  {expected}\n  found     {found}"
