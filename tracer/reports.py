"""A model as one page that explores it: for Python, for notebooks and for the command."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from tracer.annotation.source_texts import read_texts
from tracer.atomic_write import write_whole
from tracer.errors import TraceError
from tracer.record import Trace
from tracer.render.explorer.document import ExplorerContent
from tracer.render.explorer.page import explorer_page
from tracer.render.explorer.still_words import words_of
from tracer.session import Session

if TYPE_CHECKING:
    from torch import nn

    from tracer.from_torch.capture.model_call import Inputs


def report(
    model: nn.Module | Trace | Session,
    path: str | Path,
    *,
    inputs: Inputs | None = None,
    lang: str = "en",
) -> None:
    """Write one page that explores a model: its source with shapes, its skip stack, its sizes.

    The page is one file that loads nothing from elsewhere, so that it can be sent to anyone.

    Args:
        model: A model, a trace, or a session. Of a model or a session, formulas and rules of sizes
            are found by further runs; a trace is shown with the sizes that it has.
        path: The file, which is written whole or not at all.
        inputs: The inputs of a model; see `tracer.trace`.
        lang: The language of the page, ``"en"`` or ``"ko"``. The reader can change it.

    Raises:
        TraceError: The inputs cannot be understood or inferred, or there is no such language.
        OSError: The file cannot be written.

    >>> import tempfile, torch, tracer
    >>> path = Path(tempfile.mkdtemp(), "net.html")
    >>> tracer.report(torch.nn.Conv2d(3, 8, 3), path, inputs=(1, 3, 16, 16))
    >>> path.read_text("utf-8")[:15]
    '<!DOCTYPE html>'
    """
    write_whole(Path(path), explorer_page(explored_model(model, inputs, lang)).encode())


def explored_model(
    model: nn.Module | Trace | Session, inputs: Inputs | None = None, lang: str = "en"
) -> ExplorerContent:
    """Return what an explorer shows of a model, a trace or a session; see `report`.

    Raises:
        TraceError: The inputs cannot be understood or inferred, or there is no such language.
    """
    words_of(lang)  # refused before anything takes time
    if isinstance(model, Trace | Session):
        if inputs is not None:
            what = "a trace" if isinstance(model, Trace) else "a session"
            raise TraceError(f"{what} has its inputs: give `inputs` with a model only.")
        return _of_trace(model, lang) if isinstance(model, Trace) else explored(model, lang)
    return explored(Session.of(model, inputs), lang)


def explored(session: Session, lang: str = "en") -> ExplorerContent:
    """Return what an explorer shows of a session, formulas and rules from the same runs.

    A saved trace is shown as it is, and so is a model whose runs compute on numbers: to run it at
    many sizes would take too long.

    Raises:
        TraceError: Names of axes do not fit the inputs.
    """
    if session.spec.is_saved_trace or session.runs_on_numbers:
        return _of_trace(session.trace, lang)
    trace = session.symbolic(session.spec.dims)
    rules = session.size_rules(every_kind=True)
    return ExplorerContent(trace, read_texts(trace), rules, lang, _version())


def _of_trace(trace: Trace, lang: str) -> ExplorerContent:
    return ExplorerContent(trace, read_texts(trace), None, lang, _version())


def _version() -> str:
    """The version of this program; empty where it is not installed."""
    try:
        return version("unet-trace")
    except PackageNotFoundError:
        return ""
