"""The English words on a Korean page that are no names, and no terms that Korean keeps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser

from tests.conftest import ROOT
from tracer.record import Trace
from tracer.site.content.site_content import read_glossary

WORD = re.compile(r"[A-Za-z]{2,}")
NO_WORDS = re.compile(r"\b[A-Z\d/]+(?:x[A-Z\d/]+)+|[\w/]+\.py\b|`[^`]*`")
"""Shapes in drawings, such as BxHxW/2, files, and code in Markdown."""
KEPT = {"KiB", "MiB", "byte", "bytes", "FLOPs", "PyTorch", "trace", "unet"}
"""Units, and the names of programs."""
CODE = {"code", "pre", "script", "style"}
SHOWN = ("alt", "aria-label", "placeholder", "title")


def left_over_english(text: str, names: Iterable[str]) -> set[str]:
    """Return the words of a Korean text that are English.

    Args:
        text: The text.
        names: Names of blocks, classes, operations and files, which may be in it.
    """
    terms = [term.ko for term in read_glossary(ROOT / "docs/glossary.yaml")]
    known = set(WORD.findall(" ".join((*names, *terms)))) | KEPT
    return set(WORD.findall(NO_WORDS.sub(" ", text))) - known


def names_in(trace: Trace) -> set[str]:
    """The names that a page on a model has from its code."""
    found = {trace.model, trace.target or "", "UNet"}
    for block in trace.root.walk():
        found |= {block.call, block.kind, *block.arguments}
    for step in trace.steps:
        found |= {step.op, step.file or ""}
    for line in trace.lines:
        found |= {line.file, line.function, *(name for name, _ in line.names)}
        found |= {change.name for change in line.changes}
    return found | {value.name for value in (*trace.inputs, *trace.outputs)}


class PageText(HTMLParser):
    """What a page says outside of code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.code = 0
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.code += tag in CODE
        self.texts += [text or "" for name, text in attrs if name in SHOWN]

    def handle_endtag(self, tag: str) -> None:
        self.code -= tag in CODE

    def handle_data(self, data: str) -> None:
        if not self.code:
            self.texts.append(data)
