"""How a skip is said to join the main path: the kind of the join, and the sum of the channels."""

from __future__ import annotations

from collections.abc import Iterable

from tracer.analysis.operations import join_kinds_by_name
from tracer.analysis.skips import SkipLink
from tracer.record import Dim
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


def channel_sums(links: Iterable[SkipLink]) -> str:
    """`512 + 256 = 768` for a cat, the main path first; `256 + 256` and `256 × 256` for others."""
    return "; ".join(map(_channels, links))


def _channels(link: SkipLink) -> str:
    where = _dimension(link)
    parts: list[Dim] = [link.joined.shape[where], link.operand.shape[where]]
    whole = link.result.shape[where]
    kind = join_kinds_by_name()[link.join]
    if kind.mode != "concatenate":
        return f" {kind.sign} ".join(map(number_format.dim, parts))
    # a cat of more than two: the rest of it, as far as it can be told
    sizes = [size for size in (*parts, whole) if isinstance(size, int)]
    rest = sizes[-1] - sum(sizes[:-1]) if len(sizes) == len(parts) + 1 else 0
    return f"{_sum([*parts, rest] if rest > 0 else parts)} = {number_format.dim(whole)}"


def _sum(parts: Iterable[Dim]) -> str:
    return " + ".join(map(number_format.dim, parts))


def _dimension(link: SkipLink) -> int:
    """Along which dimension the join made the main path longer; the channels if it did not."""
    if len(link.joined.shape) != len(link.result.shape):
        return CHANNEL_DIM  # stacked, along a dimension of its own
    pairs = enumerate(zip(link.joined.shape, link.result.shape, strict=False))
    return next((n for n, (before, after) in pairs if before != after), CHANNEL_DIM)
