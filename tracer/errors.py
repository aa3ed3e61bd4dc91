"""The error of this package, suggestions for mistyped names, packages that are not installed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

from tracer.escapes import visible

MAX_LISTED = 12
"""How many names are listed if none is similar."""

SHOWN_LENGTH = 80
"""How many characters of a text a message quotes."""


class TraceError(Exception):
    """A request cannot be carried out; the message says what, where, and what to do next.

    Nothing in the message is hidden: what a file or a command line holds may be part of it.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(visible(message, keep_newlines=True))


class SiteError(TraceError):
    """The site cannot be built from its files; the text names the file, the problem and the fix."""


@contextmanager
def requires_extra(extra: str, feature: str) -> Iterator[None]:
    """Imports inside it belong to an extra of this distribution.

    Args:
        extra: The name of the extra in ``pyproject.toml``.
        feature: What needs it, as the beginning of a sentence.

    Raises:
        TraceError: A package is not installed; the message has the command that installs it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise TraceError(
            f"{feature} needs the package {error.name}, which is not installed. "
            f"{install_command(extra)}"
        ) from None


def install_command(extra: str) -> str:
    """Return the sentence that says how to install an extra.

    >>> install_command("pdf")
    "Install it with `pip install 'unet-trace[pdf]'`."
    """
    return f"Install it with `pip install 'unet-trace[{extra}]'`."


def error_line(error: BaseException) -> str:
    """Return ``ValueError: no such kind``, the last line of a Python traceback.

    >>> error_line(ValueError("no such kind"))
    'ValueError: no such kind'
    """
    message = error.msg if isinstance(error, SyntaxError) else error_text(error)
    return f"{type(error).__name__}: {message}".rstrip(": ")


def shortened(text: str, length: int = SHOWN_LENGTH) -> str:
    """Return a text as a message quotes it: only the beginning of a long one.

    >>> shortened("down.0.block", 6)
    'down.0...'
    """
    return text if len(text) <= length else f"{text[:length]}..."


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


def shown_path(path: Path) -> Path:
    """Return a path as messages name it: relative to the working folder if it is inside."""
    folder = Path.cwd()
    return path.relative_to(folder) if path.is_relative_to(folder) else path


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


def require_file(path: Path, otherwise: str = "") -> None:
    """Raise TraceError for a path at which there is no file.

    The message names the most similar file there is or, without one, says `otherwise`.
    """
    require_no_device(path)
    if not path.is_file():
        found = closest_file(path)
        hint = f'Did you mean "{found}"?' if found else otherwise
        raise TraceError(f'There is no file "{path}". {hint}'.rstrip())


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
