r"""One notation for names that hold more than visible characters: ``\x1b``, ``\u202e``, ``\\``.

Names come from models and files, and may hold anything: control characters that a terminal obeys,
bidirectional controls that reorder a line, characters that no XML document may hold. The record of
a run holds them in this notation, which is that of Python's string literals. So tables, diagrams,
lock files and messages show a name in the same way, what is shown can be typed as a pattern, and
`unescape_name` returns the name itself.

A name is escaped once, where it enters: by the capture of a run, and by the comparison of state
dicts. Text that is not a name, such as the message of an exception, passes `visible` where it
becomes part of a table, of a diagram or of an error.
"""

from __future__ import annotations

import re
from typing import Any, Final

HIDDEN_RANGES: Final = (
    *("\0-\x1f", "\x7f-\xa0", "\xad"),  # controls, the no-break space, the soft hyphen
    *("\u034f", "\u0600-\u0605", "\u061c", "\u06dd", "\u070f", "\u0890-\u0891", "\u08e2"),
    *("\u115f-\u1160", "\u1680", "\u17b4-\u17b5", "\u180b-\u180f"),
    *("\u2000-\u200f", "\u2028-\u202f", "\u205f-\u206f", "\u3000", "\u3164"),
    *("\ud800-\udfff", "\ufe00-\ufe0f", "\ufeff", "\uffa0", "\ufff0-\ufffb", "\ufffe-\uffff"),
    *("\U000110bd", "\U000110cd", "\U00013430-\U00013442", "\U0001bca0-\U0001bca3"),
    *("\U0001d173-\U0001d17a", "\U000e0000-\U000e0fff"),
)
"""The characters that are escaped: those that cannot be seen, that reorder text, and surrogates.

They are listed, not looked up in `unicodedata`, so that every version of Python escapes the same.
"""

HIDDEN: Final = re.compile(f"[{''.join(HIDDEN_RANGES)}]")
HIDDEN_BUT_NEWLINE: Final = re.compile(f"(?!\n)[{''.join(HIDDEN_RANGES)}]")
SURROGATE: Final = re.compile("[\ud800-\udfff]")
"""What no UTF-8 can hold."""
SPECIAL: Final = re.compile(rf"[\\{''.join(HIDDEN_RANGES)}]|^ | $|(?<= ) ")
"""What is escaped in a name: also the backslash, and spaces at its ends or after another space."""

ESCAPE: Final = re.compile(
    r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U00(?:0[0-9a-f]|10)[0-9a-f]{4}|[\\nrt])"
)
CALL_NUMBER: Final = re.compile(r"@(?=\d+(?:\.|$))")

LONG_WORD: Final = 200
"""The most characters of a word in a table; more are shortened in the middle."""
LONG_WORDS: Final = re.compile(rf"\S{{{LONG_WORD + 1},}}")
LONG_TEXT: Final = 2000
"""The most characters of a cell or a sentence."""


def escape_name(name: str) -> str:
    r"""Return a name with everything escaped that cannot be seen; other names are unchanged.

    >>> print(escape_name("a\x1b[2Jb"), escape_name("\u202econv"), escape_name("C:\\x"))
    a\x1b[2Jb \u202econv C:\\x
    """
    if name.isascii() and name.isprintable() and "\\" not in name and " " not in name:
        return name
    return SPECIAL.sub(_escaped, name)


def escape_path(path: str) -> str:
    r"""Return the path of a module like `escape_name`, apart from the call of another module.

    The second call of ``a`` is ``a@1``, so that a module of that name becomes ``a\x401``.

    >>> print(escape_path("down.a"), escape_path("down.a@1"))
    down.a down.a\x401
    """
    name = escape_name(path)
    return CALL_NUMBER.sub(_escaped, name) if "@" in name else name


def unescape_name(text: str) -> str:
    r"""Return the name that `escape_name` or `escape_path` made a text of.

    >>> unescape_name(r"a\x1b[2Jb") == "a\x1b[2Jb"
    True
    """
    return ESCAPE.sub(_unescaped, text)


def visible(text: str, *, keep_newlines: bool = False) -> str:
    r"""Return a text in which nothing is hidden. Unlike a name, it may hold escapes already.

    >>> print(visible("\x1b]0;title\x07, \\x1b"))
    \x1b]0;title\x07, \x1b
    """
    return (HIDDEN_BUT_NEWLINE if keep_newlines else HIDDEN).sub(_escaped, text)


def encodable(item: Any) -> Any:
    r"""Return data of dicts, lists and strings without the surrogates that no UTF-8 can hold.

    >>> print(encodable({"file": ["\udcff.py"]})["file"][0])
    \udcff.py
    """
    if isinstance(item, str):
        return SURROGATE.sub(_escaped, item)
    if isinstance(item, dict):
        return {encodable(key): encodable(part) for key, part in item.items()}
    return [encodable(part) for part in item] if isinstance(item, (list, tuple)) else item


def shortened(text: str, limit: int = LONG_WORD) -> str:
    """Return a text with an ellipsis in the middle, if it has more characters than the limit.

    >>> shortened("abcdefghij", 7)
    'abc…hij'
    """
    if len(text) <= limit:
        return text
    head = limit // 2
    return f"{text[:head]}…{text[len(text) - (limit - 1 - head) :]}"


def readable(text: str, *, keep_newlines: bool = False) -> str:
    """Return a text for people: nothing in it is hidden, and long words and texts are shortened."""
    text = visible(text, keep_newlines=keep_newlines)
    if len(text) <= LONG_WORD:
        return text
    return shortened(LONG_WORDS.sub(lambda found: shortened(found[0]), text), LONG_TEXT)


def readable_lines(text: str) -> str:
    """Return a text of several lines, each of which is readable."""
    return "\n".join(map(readable, text.split("\n")))


def is_readable(text: str) -> bool:
    """Whether `readable` surely leaves a text as it is; quicker than to compare the two."""
    return (
        len(text) <= LONG_WORD
        and (text.isascii() or not HIDDEN.search(text))
        and (text.isprintable())
    )


def escaped_character(character: str) -> str:
    r"""Return one character in the notation, also if it can be seen.

    >>> print(escaped_character("="), escaped_character("\u202e"))
    \x3d \u202e
    """
    text = character.encode("unicode_escape").decode()
    return text if text.startswith("\\") else f"\\x{ord(character):02x}"


def _escaped(found: re.Match[str]) -> str:
    return escaped_character(found[0])


def _unescaped(found: re.Match[str]) -> str:
    return found[0].encode().decode("unicode_escape")
