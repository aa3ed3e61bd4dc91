"""What a command is about: the trace of a target, read from a file or made by running a model."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tracer.cli.progress import progress
from tracer.cli.stderr import tell
from tracer.cli.symbolic_options import SymbolicRequest
from tracer.errors import TraceError, closest_file, suggestion

if TYPE_CHECKING:
    from tracer.from_torch.capture.recording import Recording
    from tracer.from_torch.targets.input_candidates import InputCandidate
    from tracer.from_torch.targets.load import Loaded
    from tracer.record import Trace


@dataclass(frozen=True, slots=True)
class TargetSpec:
    """A target, and what was said about it: constructor arguments and inputs, as texts by name.

    With `formulas` sizes are to be formulas.
    """

    target: str
    settings: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    formulas: SymbolicRequest | None = None

    @property
    def words(self) -> str:
        """What to type to have it traced, after `unet-trace show`."""
        pairs = [("--set", self.settings), ("--input", self.inputs)]
        options = [f"{flag} {name}={text}" for flag, texts in pairs for name, text in texts.items()]
        return " ".join((self.target, *options, *(self.formulas.words if self.formulas else ())))

    @property
    def saved(self) -> bool:
        """Whether the target is a file that holds a trace."""
        path = Path(self.target)
        other = ":" in self.target or path.suffix == ".py"
        return path.suffix == ".json" or (not other and path.is_file())


@dataclass(frozen=True, slots=True)
class LoadedTrace:
    """A trace; where the model failed, its trace up to there, and what is to be told about it.

    `assumed` says what was assumed of the inputs, `proposal` which of the proposed ones they are.
    `loaded` is the model with all of these; None for a saved trace.
    """

    trace: Trace
    trouble: str = ""
    assumed: tuple[str, ...] = ()
    proposal: int = 0
    loaded: Loaded | None = None

    def status(self) -> int:
        """The exit status, after the trouble was told on standard error, below the results."""
        if not self.trouble:
            return 0
        tell(f"\n{self.trouble}")
        return 2


def subject(wish: TargetSpec, *, lines: bool = True) -> LoadedTrace:
    """The trace of what was asked for. Without `lines` it is made faster, and holds fewer things.

    Raises TraceError for a target that is not there, or cannot be made into a model and inputs.
    """
    if wish.saved:
        return LoadedTrace(_loaded(wish))
    if ":" not in wish.target:
        _require_known(wish.target)
    with progress(f"Tracing {wish.target}"), redirect_stdout(sys.stderr):
        found = _traced(wish, lines)
    for sentence in found.assumed:
        tell(f"Assumed {sentence}")
    return found


def _loaded(wish: TargetSpec) -> Trace:
    from tracer.store import TraceFileError, load

    path = Path(wish.target)
    if wish.settings or wish.inputs or wish.formulas is not None:
        words = "--set, --input, --symbolic and --dims are for what is run anew"
        raise TraceError(f"{path} is a saved trace: {words}.")
    if not path.is_file():
        found = closest_file(path)
        make = f"Write it with `unet-trace trace TARGET -o {path}`."
        hint = f'Did you mean "{found}"?' if found else make
        raise TraceError(f'There is no file "{path}". {hint}')
    try:
        return load(path)
    except TraceFileError as error:
        raise TraceError(str(error)) from error


def _require_known(target: str) -> None:
    """A name by itself is that of a preset; what is not is told before torch is imported."""
    from tracer.presets import find_preset

    path = Path(target)
    if path.suffix != ".py" or not path.is_file():
        find_preset(target)
        return
    names = _classes_in(path)
    example = names[0] if names else "name"
    what = suggestion("", names) if len(names) > 1 else ""
    raise TraceError(f'"{path}" does not say which model: write {path}:{example}. {what}'.rstrip())


def _classes_in(path: Path) -> list[str]:
    """The classes and functions of a file, without running it."""
    import ast

    try:
        body = ast.parse(path.read_bytes()).body
    except SyntaxError:
        return []
    kinds = (ast.ClassDef, ast.FunctionDef)
    found = [node for node in body if isinstance(node, kinds) and not node.name.startswith("_")]
    return [node.name for node in sorted(found, key=lambda node: isinstance(node, kinds[1]))]


def _traced(wish: TargetSpec, lines: bool) -> LoadedTrace:
    from tracer.from_torch.capture.convert import to_trace
    from tracer.from_torch.capture.failure import note
    from tracer.from_torch.targets.load import Request, load_target, record_target
    from tracer.from_torch.targets.user_errors import message
    from tracer.sizing.failure_cause import cause_of

    loaded = load_target(Request(wish.target, wish.settings, wish.inputs))
    recording, number = record_target(loaded, lines=lines)
    proposal = loaded.proposals[number]
    trace = to_trace(recording, wish.words)
    if recording.failure is None:
        trace = _with_formulas(wish, recording, proposal, trace)
        return LoadedTrace(trace, assumed=proposal.assumed, proposal=number, loaded=loaded)
    said = message(recording.failure.error)
    ended = f"the model failed after these operations: {said.splitlines()[0]}"
    partial = replace(trace, notes=(*trace.notes, ended))
    explained = f"`unet-trace explain {wish.words}` tells which sizes would work."
    hints = [*_hint(proposal), *([explained] if cause_of(recording).clash else [])]
    trouble = "\n\n".join((note(recording.failure, trace), *hints, said))
    return LoadedTrace(partial, trouble, proposal.assumed, number)


def _with_formulas(
    wish: TargetSpec, recording: Recording, proposal: InputCandidate, trace: Trace
) -> Trace:
    """The trace with formulas for sizes, if they are wished for."""
    from tracer.from_torch.runs.model_factory import ModelFactory
    from tracer.from_torch.targets.load import Request
    from tracer.sizing.symbolic_trace import Naming, to_symbolic

    if wish.formulas is None:
        return trace
    dims, vary = wish.formulas.dims, wish.formulas.vary
    request = Request(wish.target, wish.settings, wish.inputs)
    varied = ModelFactory.of_request(request, vary) if vary else None
    return to_symbolic(recording, proposal.inputs, trace, Naming(dims, varied))


def _hint(proposal: InputCandidate) -> Iterator[str]:
    """What else the model could be given, for it may have missed it."""
    if proposal.left_out:
        names = ", ".join(proposal.left_out)
        yield f"Inputs that were not given: {names}. Give one as --input NAME=SHAPE[:DTYPE]."
