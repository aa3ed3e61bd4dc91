"""Which blocks a path with wildcards means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from functools import lru_cache

from tracer.record import Block

WILD = re.compile(r"[*?\[]")


def is_glob(path: str) -> bool:
    """Whether a path may mean several modules."""
    return WILD.search(path) is not None


def matching(blocks: Iterable[Block], path: str) -> tuple[Block, ...]:
    """The blocks that a path means: every call of its modules, or one call behind an ``@``."""
    path, at, call = path.partition("@")
    fits = _pattern(path)
    found = (block for block in blocks if fits.fullmatch(block.path))
    return tuple(block for block in found if not at or _number(block) == call)


def _number(block: Block) -> str:
    """Which call of its module a block is, from "0"."""
    return block.call.removeprefix(block.path).removeprefix("@") or "0"


@lru_cache(maxsize=256)
def _pattern(path: str) -> re.Pattern[str]:
    """``*`` is a part of one name, ``**`` any number of names, none included."""
    text = ""
    for name in path.split("."):
        if name == "**":
            text += r"(?:[^.]+\.)*"
        else:
            text += _part(name) + r"\."
    return re.compile(text.removesuffix(r"\.") if not path.endswith("**") else _open_end(text))


def _open_end(text: str) -> str:
    """A pattern that ends in ``**``, where no dot is behind the last name."""
    return text.removesuffix(r"\.(?:[^.]+\.)*").removesuffix(r"(?:[^.]+\.)*") + r"(?:\.?[^.]+)*"


def _part(name: str) -> str:
    return translate(name).replace("(?s:", "(?:").removesuffix(r"\Z").replace(".*", "[^.]*")
