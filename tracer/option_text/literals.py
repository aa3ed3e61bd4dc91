"""Python literals in options: numbers, quoted strings, and tuples, lists and dicts of them."""

from __future__ import annotations

import ast
import re
from typing import Any, Final

MAX_OPTION_LENGTH: Final = 10_000
"""Characters of the longest text of an option that is parsed."""
MAX_LITERAL_NESTING: Final = 32
LONG_NUMBER: Final = re.compile(r"[0-9_]{101}")
"""A number of more digits than any argument has."""
SIGNS: Final = re.compile(r"(?:[-+~]\s*){3}")
"""More signs in a row than a literal needs; each is a level of recursion in Python's parser."""
BRACKETS: Final = {**dict.fromkeys("([{", 1), **dict.fromkeys(")]}", -1)}


def parse_literal(text: str) -> Any:
    """Return the value of a Python literal.

    Python's own parser recurses, so what is nested deeply is refused before it is parsed.

    Raises:
        ValueError: The text is no literal, or it is too long or nested too deeply.

    >>> parse_literal("1, 2.5, 'x'")
    (1, 2.5, 'x')
    """
    if len(text) > MAX_OPTION_LENGTH or LONG_NUMBER.search(text) or SIGNS.search(text):
        raise ValueError("The text is too long, or has too many digits or signs in a row.")
    depth = 0
    for letter in text:
        depth += BRACKETS.get(letter, 0)
        if depth > MAX_LITERAL_NESTING:
            raise ValueError(f"Brackets are nested more than {MAX_LITERAL_NESTING} deep.")
    try:
        return ast.literal_eval(text)
    except (SyntaxError, RecursionError, MemoryError, TypeError) as error:
        raise ValueError(str(error)) from None
