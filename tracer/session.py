"""One model from the request to the facts: loaded, run and analyzed only once.

A `Session` is the only place that knows the order: target, inputs, run, recording, `Trace`, facts.
Torch is imported when a model is first needed, so that a saved trace is shown without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tracer.errors import TraceError
from tracer.option_text.request_checks import check_request
from tracer.target_spec import Dims, Mode, TargetSpec, Texts

if TYPE_CHECKING:
    from torch import fx, nn

    from tracer.analysis.replay_verdict import ReplayVerdict
    from tracer.analysis.size_rules import SizeRules
    from tracer.from_torch.capture.model_call import Inputs
    from tracer.from_torch.runs.first_run import FirstRun, ModelFailure
    from tracer.from_torch.runs.model_factory import ModelFactory, Setting
    from tracer.from_torch.runs.model_runner import ModelRunner
    from tracer.from_torch.targets.load import Loaded
    from tracer.record import Trace
    from tracer.sizing.explanation import Explanation
    from tracer.snapshot import SizeRulesSpec, Snapshot

_T = TypeVar("_T")


class Session:
    """A model, its inputs, and everything that is computed from them, each computed once.

    Open one by a name, as the command does, or for an existing model:

    >>> from torch import nn, zeros
    >>> session = Session.of(nn.Conv2d(3, 8, 3, padding=1), zeros(1, 3, 32, 32))
    >>> session.trace.outputs[0].shape
    (1, 8, 32, 32)
    >>> session.symbolic().outputs[0].shape
    ('B', 8, 'H', 'W')

    Attributes:
        spec: What was asked for.
    """

    def __init__(self, spec: TargetSpec, *, lines: bool = True) -> None:
        self.spec = spec
        self._lines = lines
        self._given: Loaded | None = None
        self._factory: ModelFactory | None = None
        self._results: dict[tuple[Any, ...], Any] = {}

    @classmethod
    def open(  # noqa: PLR0913 - what a target is opened with, all by keyword
        cls,
        target: str | TargetSpec,
        *,
        inputs: Texts | None = None,
        settings: Texts | None = None,
        dims: Dims | None = None,
        mode: Mode | None = None,
        folder: Path | None = None,
        lines: bool = True,
    ) -> Session:
        """Return a session for a target by its name. Nothing is loaded or run yet.

        Args:
            target: A preset, ``package.module:name``, ``path/file.py:name`` or a saved trace; it
                may be followed by options, as on the command line.
            inputs: Inputs by name, as texts such as ``"1x3x256x256"``.
            settings: Constructor arguments by name, as texts.
            dims: Names for the axes of inputs; shapes are then formulas.
            mode: The mode to run in. None is evaluation for a model that is built from a class or
                a function, and its own mode for one that is there already.
            folder: Where a file is looked for; the working folder without it.
            lines: Whether lines of source are recorded, and with them the observed stack.

        Raises:
            TraceError: The text is no target with options, or an option is not well-formed.
        """
        spec = target if isinstance(target, TargetSpec) else TargetSpec.parse(target)
        spec = spec.with_options(inputs or {}, settings or {}, dims or {}, mode)
        return cls(check_request(spec if folder is None else spec.inside(folder)), lines=lines)

    @classmethod
    def of(
        cls,
        model: nn.Module | Callable[..., nn.Module],
        inputs: Inputs | None = None,
        *,
        vary: Mapping[str, Setting] | None = None,
        lines: bool = True,
        target: str = "",
    ) -> Session:
        """Return a session for an existing model.

        Args:
            model: The model or, with `vary`, the class or function that builds it.
            inputs: A tensor (one positional argument), a tuple (positional arguments) or a dict
                (keywords); only the shape, dtype and device of tensors are used. A tuple of whole
                numbers is the shape of a tensor. Without inputs, or without some that the model
                requires, they are proposed, and `assumed` says what.
            vary: Keywords to build the model with, which channels become formulas of.
            lines: Whether lines of source are recorded, and with them the observed stack.
            target: What the trace says that it was made from.

        Raises:
            TraceError: `model` is no model, or cannot be built.
        """
        from tracer.from_torch.runs.model_factory import model_at_hand

        session = cls(TargetSpec.from_text(target), lines=lines)
        session._given, session._factory = model_at_hand(model, inputs, vary)
        return session

    @property
    def model(self) -> nn.Module:
        """The model itself. Raises TraceError for a saved trace, which holds none."""
        return self._loaded.model

    @property
    def inputs(self) -> Inputs:
        """The inputs that the model is run on: as given, or the first proposed that it takes."""
        return self._run.candidate.inputs

    @property
    def assumed(self) -> tuple[str, ...]:
        """One sentence for each input that was not given; notes of an existing model say it too."""
        return () if self.spec.is_saved_trace else self._run.candidate.assumed

    @property
    def omitted_inputs(self) -> tuple[str, ...]:
        """The names of inputs that the model could have been given beside these."""
        return self._run.candidate.left_out

    @cached_property
    def trace(self) -> Trace:
        """The trace that was asked for: in numbers or, if the request says so, in formulas.

        Raises the exception of a model that fails, as it is, with a note beside it.
        """
        self._require_success()
        if self.spec.in_formulas and not self.spec.is_saved_trace:
            return self.symbolic(self.spec.dims, self.spec.vary)
        return self.partial_trace

    @cached_property
    def partial_trace(self) -> Trace:
        """The trace in numbers; where the model fails, everything recorded before that."""
        if self.spec.is_saved_trace:
            from tracer.store import load_target_file

            return load_target_file(self.spec)
        trace = self._run.to_trace(self.spec)
        return replace(trace, notes=(*trace.notes, *self._notes_on_inputs()))

    def _notes_on_inputs(self) -> tuple[str, ...]:
        """What was assumed for an existing model; the command reports it on standard error."""
        texts = () if self._given is None else self._run.candidate.assumed_texts
        return tuple(f"assumed {text}" for text in texts)

    @cached_property
    def failure(self) -> ModelFailure | None:
        """What the model raised, or None. The exception itself has the note as well."""
        if self.spec.is_saved_trace:
            return None
        from tracer.from_torch.runs.first_run import failure_of

        notes = () if self._given is None else self._run.candidate.notes_on_failure
        return failure_of(self._run, self.partial_trace, notes)

    def _require_success(self) -> None:
        if self.failure is not None:
            raise self.failure.error

    def graph(self) -> fx.GraphModule:
        """Return the operations as a graph that runs, and computes the same bits as the model."""
        from tracer.from_torch.capture.convert import to_graph_module
        from tracer.from_torch.capture.recording import record_graph

        def built() -> fx.GraphModule:
            candidate, *others = self._loaded.candidates
            if others:  # a run tells which of them the model takes
                candidate = self._run.candidate
            recording = record_graph(self.model, candidate.inputs)
            if recording.failure is not None:
                self._require_success()  # raises the same, with a note
            module = to_graph_module(recording)
            module.meta["assumed"] = candidate.assumed_texts
            return module

        return self._once(("graph",), built)

    def symbolic(self, dims: Dims | None = None, vary: Sequence[str] = ()) -> Trace:
        """Return the trace with formulas for sizes, each proved at other sizes.

        Args:
            dims: Names for the axes of inputs, ``{"x": ("B", 3, "H", "W")}``.
            vary: Constructor arguments of the target that channels are to be formulas of.

        Raises:
            TraceError: A name does not fit the inputs or the constructor.
        """
        key = ("symbolic", _named(dims), tuple(vary))
        return self._once(key, lambda: self._in_formulas(dims, vary))

    def _in_formulas(self, dims: Dims | None, vary: Sequence[str]) -> Trace:
        from tracer.from_torch.runs.model_factory import ModelFactory
        from tracer.sizing.axis_candidates import propose_axes
        from tracer.sizing.symbolic import symbolic_trace

        self._require_success()
        factory = ModelFactory.of_target(self.spec, vary) if vary else self._factory
        runner = self._runner_with(factory) if factory else self._runner
        axes = propose_axes(runner.inputs, dims, runner.settings)
        return symbolic_trace(runner, self.partial_trace, axes)

    def size_rules(self, dims: Dims | None = None, *, every_kind: bool = False) -> SizeRules:
        """Return at which sizes the model runs, found by running it, and verified.

        With `every_kind`, each rule has a cause for each kind of size that fails. Raises TraceError
        for `dims` that do not fit the inputs, and the exception of a model that fails.
        """
        from tracer.sizing.axis_candidates import propose_axes
        from tracer.sizing.rule_search import find_size_rules

        def found() -> SizeRules:
            axes = propose_axes(self._runner.inputs, dims or self.spec.dims)
            rules = find_size_rules(self._runner, self.partial_trace, axes, every_kind=every_kind)
            return replace(rules, target=str(self.spec), mode=self.partial_trace.mode)

        self._require_success()
        return self._once(("size rules", _named(dims), every_kind), found)

    def explain(self, dims: Dims | None = None, others: Sequence[Inputs] = ()) -> Explanation:
        """Return why the model fails on its inputs, and which sizes near them work.

        Args:
            dims: Names for the axes of inputs.
            others: Further inputs that may work; those that the model suggests are tried anyway.
        """
        if others:
            return self._explained(dims or self.spec.dims, others)
        key = ("explanation", _named(dims))
        return self._once(key, lambda: self._explained(dims or self.spec.dims, ()))

    def _explained(self, dims: Dims, others: Sequence[Inputs]) -> Explanation:
        from tracer.from_torch.runs.explained_run import explain_run
        from tracer.from_torch.targets.given_inputs import given_candidates
        from tracer.from_torch.targets.load import suggested_inputs

        also = (given_candidates(self.model, inputs)[0].inputs for inputs in others)
        working = (*also, *suggested_inputs(self.spec))
        found = explain_run(self._runner, self._run.recording, dims, working)
        target = str(self.spec.without_inputs())
        notes = (*found.notes, *self._notes_on_inputs())
        return replace(found, target=target, mode=self.partial_trace.mode, notes=notes)

    @property
    def runs_on_numbers(self) -> bool:
        """Whether the model needs numbers in its tensors to run."""
        return self._run.recording.on_real_data

    def verify(self) -> ReplayVerdict:
        """Return whether the recorded graph computes what the model computes, bit for bit.

        An existing model is copied; a target is built again, with numbers. Raises what the model
        raises on random numbers.
        """
        return self._once(("verdict",), self._verified)

    def _verified(self) -> ReplayVerdict:
        from tracer.from_torch.verify.verdict import verify_replay, verify_target

        if self._given is not None:
            verdict = verify_replay(self.model, self.inputs)
            return replace(verdict, notes=self._notes_on_inputs())
        return verify_target(self.spec, self._loaded.candidates.index(self._run.candidate))

    def snapshot(self, known: SizeRulesSpec | None = None, *, rules: bool = True) -> Snapshot:
        """Return what a lock file holds of the model: blocks, skips and, with `rules`, size rules.

        Args:
            known: The size rules of an older lock file; kept if they still hold, or cannot be
                checked.
            rules: Whether size rules are looked for.
        """
        from tracer.snapshot import snapshot_of

        snapshot = self._once(("snapshot",), lambda: snapshot_of(self.trace))
        found = self.locked_rules(known) if rules else None
        return replace(snapshot, size_rules=found or known)

    def locked_rules(
        self, known: SizeRulesSpec | None = None, dims: Dims | None = None
    ) -> SizeRulesSpec | None:
        """Return the size rules as a lock file holds them; None for a model run on real numbers."""
        from tracer.sizing.rule_lock import locked_rules

        self._require_success()
        names = dims or self.spec.dims
        return locked_rules(self._runner, self.partial_trace, names, known)

    @cached_property
    def _loaded(self) -> Loaded:
        if self._given is not None:
            return self._given
        if self.spec.is_saved_trace:
            raise TraceError(
                f"{self.spec.target} is a saved trace, which holds no model to run: name the model "
                "itself, as package.module:name."
            )
        from tracer.from_torch.targets.load import load_target

        return load_target(self.spec)

    @cached_property
    def _runner(self) -> ModelRunner:
        """Runs the model at other sizes; what one question learns, the others use."""
        return self._runner_with(None)

    def _runner_with(self, factory: ModelFactory | None) -> ModelRunner:
        from tracer.from_torch.runs.model_runner import ModelRunner

        return ModelRunner.of_recording(self._run.recording, self.inputs, factory)

    @cached_property
    def _run(self) -> FirstRun:
        from tracer.from_torch.runs.first_run import run_candidates

        return run_candidates(self.model, self._loaded.candidates, lines=self._lines)

    def _once(self, key: tuple[Any, ...], compute: Callable[[], _T]) -> _T:
        """Return what `compute` returned the first time that the key was asked for."""
        if key not in self._results:
            self._results[key] = compute()
        result: _T = self._results[key]
        return result


def _named(dims: Dims | None) -> tuple[tuple[str, tuple[str | int, ...]], ...]:
    """Names of axes as a key."""
    return tuple((name, tuple(axes)) for name, axes in (dims or {}).items())
