"""Parses the part of YAML that files of this package use: mappings, lists, texts and numbers.

Loaders of YAML build a tree by recursion, so that a file of brackets ends the process. This parser
follows the events of PyYAML in a loop, and refuses what is nested too deeply, what is written
twice, and what these files have no use for: anchors, aliases and tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from tracer.errors import shortened

MAX_YAML_LENGTH: Final = 32 << 20
"""Characters of the longest text that is parsed."""
MAX_YAML_NESTING: Final = 32
MAX_NUMBER_LENGTH: Final = 40
"""Characters of the longest number; a longer one is a text."""

Collection = dict[str, Any] | list[Any]
YAML_CONSTANTS: Final = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
"""What words without quotes mean, as in YAML 1.2: `no` and `on` are texts."""
YAML_INT: Final = re.compile(r"[-+]?[0-9]+")
YAML_FLOAT: Final = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?")


class YamlError(ValueError):
    """A text is not YAML, or more of YAML than is read; `line` counts from 1, None if unknown.

    `problem` is short, and the text of the error adds what the library says.
    """

    def __init__(self, problem: str, line: int | None = None, detail: str = "") -> None:
        place = "" if line is None else f"line {line}: "
        super().__init__(f"{place}{problem}" + (f" ({detail})" if detail else ""))
        self.problem = problem
        self.line = line


def parse_yaml(text: str) -> Any:
    """Return what a YAML document holds: dicts with texts as keys, lists, texts, numbers, None.

    Raises:
        YamlError: The text is not YAML, is nested too deeply or has a key twice.

    >>> parse_yaml("a: [1, '2', x]")
    {'a': [1, '2', 'x']}
    """
    if len(text) > MAX_YAML_LENGTH:
        raise YamlError(f"the text is longer than {MAX_YAML_LENGTH >> 20} Mi characters")
    tree = Tree()
    try:
        for event in _events(text):
            tree.add(event)
    except yaml.MarkedYAMLError as error:
        line = None if error.problem_mark is None else error.problem_mark.line + 1
        details = filter(None, (error.context, error.problem))
        raise YamlError("invalid YAML", line, ", ".join(details)) from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise YamlError("invalid YAML", None, " ".join(str(error).split())) from None
    return tree.root


def _events(text: str) -> Iterator[yaml.Event]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    events: Iterator[yaml.Event] = yaml.parse(text, Loader=loader)
    return events


class Tree:
    """Dicts and lists that grow by one event after the other."""

    def __init__(self) -> None:
        self.root: Any = None
        self._documents = 0
        self._open: list[Collection] = []
        self._keys: list[str | None] = []

    def add(self, event: yaml.Event) -> None:
        """Add what an event says."""
        line = event.start_mark.line + 1 if event.start_mark else None
        if getattr(event, "anchor", None) is not None:
            raise YamlError("anchors and aliases are not read here", line)
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise YamlError("a second document begins", line)
        elif isinstance(event, yaml.ScalarEvent):
            self._add_scalar(event, line)
        elif isinstance(event, yaml.CollectionStartEvent):
            item: Collection = {} if isinstance(event, yaml.MappingStartEvent) else []
            self._add_collection(item, event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._keys.pop()

    def _add_scalar(self, event: yaml.ScalarEvent, line: int | None) -> None:
        is_key = self._open and isinstance(self._open[-1], dict) and self._keys[-1] is None
        if event.tag is not None:
            raise YamlError("tags are not read here", line)
        if is_key:
            if event.value in self._open[-1]:
                raise YamlError(f"{shortened(event.value)} occurs twice", line)
            self._keys[-1] = event.value
        else:
            self._add_item(_plain(event.value) if event.implicit[0] else event.value)

    def _add_collection(
        self, item: Collection, event: yaml.CollectionStartEvent, line: int | None
    ) -> None:
        if event.tag is not None:
            raise YamlError("tags are not read here", line)
        if len(self._open) == MAX_YAML_NESTING:
            raise YamlError(f"nested more than {MAX_YAML_NESTING} deep", line)
        if self._open and isinstance(self._open[-1], dict) and self._keys[-1] is None:
            raise YamlError("a key is not a text", line)
        self._add_item(item)
        self._open.append(item)
        self._keys.append(None)

    def _add_item(self, item: Any) -> None:
        if not self._open:
            self.root = item
            return
        parent, key = self._open[-1], self._keys[-1]
        if isinstance(parent, list):
            parent.append(item)
        elif key is not None:
            parent[key] = item
            self._keys[-1] = None


def _plain(word: str) -> Any:
    """What a word without quotes means."""
    if word in YAML_CONSTANTS:
        return YAML_CONSTANTS[word]
    if len(word) > MAX_NUMBER_LENGTH:
        return word
    if YAML_INT.fullmatch(word):
        return int(word)
    return float(word) if YAML_FLOAT.fullmatch(word) else word
