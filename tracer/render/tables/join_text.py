"""How a skip is said to join the main path: the kind of the join, and the sum of the channels."""

from __future__ import annotations

from collections.abc import Iterable

from tracer.analysis.operations import join_kinds_by_name
from tracer.analysis.skips import SkipLink
from tracer.render import number_format

CHANNEL_DIM = 1


def join_kinds(links: Iterable[SkipLink]) -> str:
    """`cat`, or with what was done on the way `pad, cat`; several apart by semicolons."""
    return "; ".join(dict.fromkeys(", ".join((*link.via, link.join)) for link in links))


def short_join_kinds(links: Iterable[SkipLink]) -> str:
    """The same where there is little room: `6 operations, cat` for a long way."""
    return "; ".join(dict.fromkeys(map(_short, links)))


def _short(link: SkipLink) -> str:
    counted = f"{len(link.via)} operations, {link.join}"
    return min(join_kinds([link]), counted, key=len)


def skip_comes_first(link: SkipLink) -> bool:
    """Return whether the code names the skip before the main path: ``cat([skip, h])``."""
    names = [value.name for value in link.operands]
    ends = link.operand.name, link.joined.name
    return all(name in names for name in ends) and names.index(ends[0]) < names.index(ends[1])


def channel_sums(links: Iterable[SkipLink], *, labeled: bool = False) -> str:
    """Return `512 + 256 = 768` for a cat, and `256 + 256` and `256 × 256` for others.

    Args:
        links: The skips.
        labeled: Whether the operands are named: `skip 256 + h 512 = 768`.
    """
    return "; ".join(_channels(link, labeled=labeled) for link in links)


def _channels(link: SkipLink, *, labeled: bool) -> str:
    """The channels of the operands in the order of the code; the main path first if unknown."""
    where = _dimension(link)
    values = list(link.operands)
    if not {link.operand.name, link.joined.name} <= {value.name for value in values}:
        values = [link.joined, link.operand]
    names = {link.operand.name: "skip ", link.joined.name: "h "} if labeled else {}
    parts = [names.get(value.name, "") + number_format.dim(value.shape[where]) for value in values]
    whole = link.result.shape[where]
    kind = join_kinds_by_name()[link.join]
    if kind.mode != "concatenate":
        return f" {kind.sign} ".join(parts)
    # a cat whose operands are not all known: the rest of it, as far as it can be told
    sizes = [value.shape[where] for value in values]
    known = [size for size in (*sizes, whole) if isinstance(size, int)]
    rest = known[-1] - sum(known[:-1]) if len(known) == len(sizes) + 1 else 0
    return f"{' + '.join([*parts, str(rest)] if rest > 0 else parts)} = {number_format.dim(whole)}"


def _dimension(link: SkipLink) -> int:
    """Along which dimension the join made the main path longer; the channels if it did not."""
    if len(link.joined.shape) != len(link.result.shape):
        return CHANNEL_DIM  # stacked, along a dimension of its own
    pairs = enumerate(zip(link.joined.shape, link.result.shape, strict=False))
    return next((n for n, (before, after) in pairs if before != after), CHANNEL_DIM)
