"""The error of this package, and suggestions for mistyped names."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

MAX_LISTED = 12
"""How many names are listed if none is similar."""


class TraceError(Exception):
    """A request cannot be carried out; the message says what, where, and what to do next."""


class SiteError(TraceError):
    """The site cannot be built from its files; the text names the file, the problem and the fix."""


def error_line(error: BaseException) -> str:
    """Return ``ValueError: no such kind``, the last line of a Python traceback.

    >>> error_line(ValueError("no such kind"))
    'ValueError: no such kind'
    """
    message = error.msg if isinstance(error, SyntaxError) else error_text(error)
    return f"{type(error).__name__}: {message}".rstrip(": ")


def error_text(error: BaseException) -> str:
    """Return the text of an exception, also of one that cannot say its own.

    >>> error_text(ValueError("no such kind"))
    'no such kind'
    """
    try:
        return str(error)
    except KeyboardInterrupt:
        raise
    except BaseException as another:  # of the user's `__str__`, which may raise anything
        return f"its text cannot be shown, since __str__ raised {type(another).__name__}"


def closest_name(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most similar to `name`; None if none is similar.

    Letter case is ignored. The similarity is that of `difflib` (Ratcliff and Obershelp).

    >>> closest_name("attnetion", ["attention", "conv_in"])
    'attention'
    """
    names = {other.lower(): other for other in known}
    matches = get_close_matches(name.lower(), names, n=1)
    return names[matches[0]] if matches else None


def closest_file(path: Path) -> Path | None:
    """Return the existing file with the same folder and suffix whose name is most similar."""
    found = path.parent.glob(f"*{path.suffix}")
    others = {other.stem: other for other in found if other != path and other.is_file()}
    closest = closest_name(path.stem, others)
    return others[closest] if closest else None


def require_no_device(path: Path) -> None:
    """Raise TraceError for a folder, a pipe or a device, where a file is needed to read."""
    if path.exists() and not path.is_file():
        kind = "a folder" if path.is_dir() else "a pipe or a device"
        raise TraceError(f'"{path}" is {kind}: name a file.')


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return a sentence that helps after "there is no such name".

    Args:
        name: The name that does not exist.
        known: The names that do; empty ones are left out.

    Returns:
        The most similar name as a question, or else a list of the known names.

    >>> suggestion("Unet", ["UNet", "Encoder"])
    'Did you mean "UNet"?'
    >>> suggestion("x", ["UNet", "Encoder"])
    'Available: UNet, Encoder.'
    """
    names = [other for other in known if other]  # the model's own call has none
    closest = closest_name(name, names)
    if closest is not None:
        return f'Did you mean "{closest}"?'
    if not names:
        return "There are none."
    more = f" and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else ""
    return f"Available: {', '.join(names[:MAX_LISTED])}{more}."
