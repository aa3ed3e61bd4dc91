"""The command that writes shapes as comments into the source of a model, and checks them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracer.cli.options import Option
from tracer.cli.output import Destination, write_bytes, write_text
from tracer.cli.sessions import shown_trace, status_of, traced_session
from tracer.cli.stderr import report
from tracer.errors import TraceError, shown_path, suggestion
from tracer.target_spec import TargetSpec

if TYPE_CHECKING:
    from tracer.annotation.annotated_file import AnnotatedFile
    from tracer.record import Trace

ONE_CALL = Option(
    "call",
    ("--call",),
    settings={
        "metavar": "BLOCK",
        "help": "Show the shapes of one call, such as down.0.block.1, not what all share.",
    },
)


def _flag(name: str, text: str) -> Option:
    return Option(name, (f"--{name}",), settings={"is_flag": True, "help": text})


RUN = _flag("run", "Show the lines in the order in which they ran, with their operations.")
WRITE = _flag("write", "Write the comments into the files.")
CHECK = _flag("check", "Fail if a comment in the files is not true.")
INSTALLED = _flag("installed", "With --write, also write into installed packages.")


def run(
    target: TargetSpec,
    call: str | None,
    run: bool,
    write: bool,
    check: bool,
    installed: bool,
    destination: Destination,
) -> int:
    """Show the source of a model with its shapes as comments.

    Each statement that makes a tensor ends with a comment such as
    `# shape: (1, 128, 32, 32)`. A size that differs between calls is `?`.
    With --write the comments are written into the files, where they replace those
    of an earlier run. With --check the exit status is 1 if one of them is not true.

    \b
      unet-trace annotate model.py:UNet --symbolic
      unet-trace annotate model.py:UNet --call down.0.block.1
      unet-trace annotate model.py:UNet --write
      unet-trace annotate model.py:UNet --check
    """
    if run + write + check > 1:
        raise TraceError("--run, --write and --check exclude each other: give one of them.")
    if target.is_saved_trace:
        raise TraceError(
            f"{target.target} is a saved trace, and the source may have changed since: name the "
            "model itself, as package.module:name."
        )
    began = time.time()
    session = traced_session(target)
    trace = shown_trace(session)
    _require_call(trace, call)
    files = list(_files(trace, call, began))
    if run:
        return _show_run(trace, files, call, destination) or status_of(session)
    if write:
        return status_of(session) or _write(files, installed=installed)
    if check:
        return status_of(session) or _check(files, in_formulas=target.in_formulas)
    write_text(_shown(files), destination.path)
    return status_of(session)


def _require_call(trace: Trace, call: str | None) -> None:
    if call is not None and call not in trace.blocks:
        raise TraceError(f'There is no call "{call}". {suggestion(call, trace.blocks)}')


def _files(trace: Trace, call: str | None, began: float) -> Iterator[AnnotatedFile]:
    """The files whose lines ran, and which have not changed since they were imported."""
    from tracer.annotation.annotated_file import annotated_files

    for file in annotated_files(trace, call):
        if file.path.stat().st_mtime > began:
            raise _changed(file)
        yield file


def _changed(file: AnnotatedFile) -> TraceError:
    return TraceError(f"{shown_path(file.path)} has changed since it ran. Run the command again.")


def _shown(files: list[AnnotatedFile]) -> str:
    """The functions that made tensors, with their comments, below the name of their file."""
    return "\n\n".join(filter(None, map(str, files)))


def _show_run(
    trace: Trace, files: list[AnnotatedFile], call: str | None, destination: Destination
) -> int:
    from tracer.annotation.shape_comments import lines_of
    from tracer.annotation.transcript import run_lines

    sources = {file.name: lines_of(file.source) for file in files}
    write_text("\n".join((*run_lines(trace, sources, call), "")), destination.path)
    return 0


def _write(files: list[AnnotatedFile], *, installed: bool) -> int:
    """Write all files or, if one of them must not be written, none."""
    refused = [file for file in files if file.is_installed and not installed]
    chosen = [file for file in files if file not in refused]
    if not chosen:
        names = ", ".join(str(shown_path(file.path)) for file in refused) or "nothing that ran"
        raise TraceError(
            f"There is no file of your own to write ({names}). To write into installed packages, "
            "add --installed."
        )
    texts = [(file, file.with_comments) for file in chosen]
    for file, _ in texts:
        if file.has_changed():
            raise _changed(file)
    for file, text in texts:
        if text == file.source:
            report(f"{shown_path(file.path)} is up to date.")
        else:
            write_bytes(file.encoded(text), file.path)
    for file in refused:
        report(f"{shown_path(file.path)} belongs to an installed package, and was left as it is.")
    return 0


def _check(files: list[AnnotatedFile], *, in_formulas: bool) -> int:
    if not in_formulas and any(file.has_formulas for file in files):
        raise TraceError("The comments hold formulas. Add --symbolic to check them.")
    false = [(file, one) for file in files for one in file.false_comments()]
    write_text("".join(f"{shown_path(file.path)}: {one}\n" for file, one in false), None)
    if false:
        report("To write what is true, run the same command with --write instead of --check.")
    return int(bool(false))
