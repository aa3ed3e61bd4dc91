"""What a block on a page asks for: lines such as ``target: my_unet.py:UNet``."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tracer.errors import SiteError, TraceError, suggestion
from tracer.option_text.request_checks import check_request
from tracer.render.explorer.embedded import ExplorerView
from tracer.render.explorer.still_panes import PANES
from tracer.render.explorer.still_words import words_of
from tracer.target_spec import TargetSpec

OF_TARGET = ("input", "set", "size", "batch", "dims", "train")
OF_VIEW = ("show", "depth", "lang", "function", "call")
KEYS = ("target", *OF_VIEW, *OF_TARGET)
"""The keys of a block; `input`, `set` and `dims` may be there several times."""
SEVERAL_TIMES = ("input", "set", "dims")


@dataclass(frozen=True)
class BlockRequest:
    """What is shown of a target, in which language, and down to which depth of blocks."""

    target: TargetSpec
    view: ExplorerView
    lang: str = "en"
    depth: int | None = None


def parse_block(text: str, lang: str = "en") -> BlockRequest:
    """Return what a block asks for.

    Args:
        text: The lines of the block.
        lang: The language of a block that names none.

    Raises:
        SiteError: A line has no known key, a value is wrong, or there is no target.

    >>> request = parse_block("target: my.py:net\\nshow: map, stack\\nsize: 256")
    >>> print(request.target, request.view.panes)
    my.py:net --size 256 ('map', 'stack')
    """
    pairs = list(_pairs(text))
    values = dict(pairs)
    panes = _panes(values.get("show", ""))
    if "target" not in values:
        raise SiteError("It has no target. Write one as `target: my_unet.py:UNet`.")
    try:
        target = check_request(TargetSpec.parse(" ".join(_words(pairs))))
        words_of(values.get("lang", lang))
    except TraceError as error:
        raise SiteError(str(error)) from None
    return BlockRequest(
        target=target,
        view=replace(
            ExplorerView(function=values.get("function", ""), call=values.get("call", "")),
            panes=panes,
            first=next(iter(panes), ""),
        ),
        lang=values.get("lang", lang),
        depth=_depth(values.get("depth")),
    )


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, colon, value = line.partition(":")
        key, value = key.strip(), value.strip()
        if not colon or key not in KEYS:
            hint = suggestion(key, KEYS)
            raise SiteError(f'"{line.strip()}" has no known key. {hint}'.rstrip())
        if not value:
            raise SiteError(f'"{line.strip()}" has no value.')
        if key in seen and key not in SEVERAL_TIMES:
            raise SiteError(f"{key} is given twice.")
        seen.add(key)
        yield key, value


def _words(pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The target and its options, as on a command line."""
    yield next(value for key, value in pairs if key == "target")
    for key, value in pairs:
        if key == "train":
            if value not in {"true", "false"}:
                raise SiteError(f'train is "{value}": write true or false.')
            yield "--train" if value == "true" else "--eval"
        elif key in OF_TARGET:
            yield shlex.join((f"--{key}", value))


def _panes(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(","))) if text else ()
    for name in names:
        if name not in PANES:
            raise SiteError(f'show names "{name}", which is none of {", ".join(PANES)}.')
    return names


def _depth(text: str | None) -> int | None:
    if text is not None and not text.isdecimal():
        raise SiteError(f'depth is "{text}": write a number of levels, such as 2.')
    return None if text is None else int(text)
