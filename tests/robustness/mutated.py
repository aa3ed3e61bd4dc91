"""Damaged documents, the same in every run: one place changed at a time, or broken bytes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

Json = Any
Path = tuple[str | int, ...]

DEEP = "nested deeply"
"""Stands for lists inside each other, which no encoder writes."""

HOSTILE: tuple[Json, ...] = (
    *(None, True, 0, 1, -1, -5, 2**31, 2**63 - 1, 2**63, 10**30, 10**41, 1.5),
    *("", "x", "x" * 10_000, "H", "H/2", "H/0", "H/7", "-H", "H**99999999", "(B+H+W)**200"),
    *("(" * 5_000, "9" * 5_000, "1/0", "Q", "float33", "object", "\x00", "\x1b]0;x\x07", "\u202e"),
    *(DEEP, [], {}, [[]], {"": 0}),
)
"""What takes the place of a part of a document."""

PIECES = (
    b"\x00",
    b"\xff",
    b"{",
    b"[",
    b'"',
    b"}",
    b"]",
    b":",
    b"-",
    b"9",
    b"\n",
    b" ",
    b"\xed\xa0",
)


def replaced(document: Json, path: Path, item: Json) -> Json:
    """The same document with another item at a path; only what leads there is copied."""
    if not path:
        return item
    copy = list(document) if isinstance(document, list) else dict(document)
    copy[path[0]] = replaced(document[path[0]], path[1:], item)
    return copy


def places(document: Json) -> dict[tuple[str, ...], list[Path]]:
    """All paths in a document by their kind, in which the numbers of items do not count."""
    found: dict[tuple[str, ...], list[Path]] = {}
    waiting: list[tuple[Path, Json]] = [((), document)]
    while waiting:
        path, node = waiting.pop()
        kind = tuple("*" if isinstance(key, int) else key for key in path)
        found.setdefault(kind, []).append(path)
        items = enumerate(node) if isinstance(node, list) else ()
        pairs = node.items() if isinstance(node, dict) else items
        waiting.extend(((*path, key), item) for key, item in pairs)
    return found


def at(document: Json, path: Path) -> Json:
    for key in path:
        document = document[key]
    return document


def changed_at(document: Json, path: Path) -> Iterator[Json]:
    """The document with each hostile item at a path, and with what is there cut or doubled."""
    for item in HOSTILE:
        yield replaced(document, path, item)
    node = at(document, path)
    if isinstance(node, list) and node:
        for items in (node[:-1], node[1:], node[::-1], [*node, node[0]], [node[-1], *node]):
            yield replaced(document, path, items)
    if isinstance(node, dict):
        for key in node:
            yield replaced(document, path, {name: node[name] for name in node if name != key})
        yield replaced(document, path, {**node, "unknown": DEEP})


def changed_documents(document: Json) -> Iterator[Json]:
    """The document with one change at one place of every kind."""
    for kind, paths in sorted(places(document).items()):
        if kind:
            yield from changed_at(document, paths[len(paths) // 2])


def encoded(document: Json) -> bytes:
    """A document as JSON."""
    nested = b"[" * 2_000 + b"]" * 2_000
    return msgspec.json.encode(document).replace(b'"%s"' % DEEP.encode(), nested)


def broken_bytes(data: bytes, count: int, seed: int = 0) -> Iterator[bytes]:
    """The bytes with a few of them replaced, inserted, cut, doubled or swapped."""
    rng = random.Random(seed)
    for _ in range(count):
        broken = data
        for _ in range(rng.choice((1, 1, 1, 2, 8))):
            broken = break_once(broken, rng.randrange, rng.choice(PIECES))
        yield broken


def break_once(data: bytes, number_below: Callable[[int], int], piece: bytes) -> bytes:
    """The bytes with one piece of them changed; `number_below` decides where and how."""
    start = number_below(len(data) + 1)
    end = min(len(data), start + number_below(40))
    match number_below(5):
        case 0:
            return data[:start] + piece + data[start + 1 :]
        case 1:
            return data[:start] + piece + data[start:]
        case 2:
            return data[:start] + data[end:]
        case 3:
            return data[:end] + data[start:end] + data[end:]
    return data[:start]
