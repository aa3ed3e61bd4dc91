"""The law of sizes of a model, derived by running it without data, and verified the same way.

If sizes that work lie at equal distances, then of the sizes s + d, with s a size that works, the
first that works tells the distance. So a few runs find it, and each run that fails on the way names
an obstacle. Sizes that break the rule are then tried, and have to fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

from torch import nn

from tracer.analysis.size_rules import Cause, Rule, SizeAdaptation, SizeRules, Trial
from tracer.from_torch.capture.convert import to_trace
from tracer.from_torch.capture.recording import named_inputs, record
from tracer.from_torch.runs.axis_names import proposed_axes
from tracer.from_torch.runs.runner import ModelRunner, Sample, is_costly, sample_of
from tracer.from_torch.targets.user_errors import message
from tracer.record import Trace
from tracer.sizing.failure_cause import cause_of
from tracer.sizing.rounding import detour
from tracer.sizing.step_search import COARSE, started
from tracer.target_spec import Dims

NEAR = 8
"""Steps up to this are tried one by one, before those that are likely."""

LIKELY = tuple(2**power for power in range(9))

FAR = 8
"""A size that is larger by so many times is tried, to see whether there is a largest one."""

ALL = 64
"""Where a rule has exceptions, each size is tried, if there are no more than these."""


def sizes(model: nn.Module, inputs: Any, dims: Dims | None = None) -> SizeRules:
    """The law of sizes of a model that runs on `inputs`; see `tracer.trace` for these and `dims`.

    Raises TraceError for names that do not fit the inputs, and lets the exception of a model
    through that does not run on them.
    """
    search = RuleSearch.of(model, inputs, dims)
    rules = tuple(search.rules())
    return SizeRules(
        model=search.trace.model,
        inputs=search.runs.axes.written(),
        rules=rules,
        notes=(*search.trace.notes, *search.together(rules)),
    )


class RuleSearch:
    """The runs of one model that its law is learnt from."""

    def __init__(self, runs: ModelRunner, trace: Trace) -> None:
        self.runs = runs
        self.trace = trace
        self.first = sample_of(trace)

    @staticmethod
    def of(model: nn.Module, inputs: Any, dims: Dims | None = None) -> RuleSearch:
        """A search from inputs that work, and the names that fit them best."""
        recording = record(model, inputs)
        if recording.failure is not None:
            raise recording.failure.error
        trace = to_trace(recording)
        proposals = proposed_axes(named_inputs(recording.model, inputs), dims)
        runs = ModelRunner(recording.model, inputs, proposals[0], costly=is_costly(recording))
        axes = started(runs, proposals, trace, sample_of(trace)).axes
        return RuleSearch(runs.with_axes(axes.freed()), trace)

    def rules(self, names: Iterable[str] | None = None) -> Iterator[Rule]:
        """The rules of these sizes, or of all, in the order of their names."""
        wanted = list(self.runs.axes.sizes if names is None else names)
        scans = {name: AxisScan(self, self.runs, name) for name in wanted}
        if not all(scan.step for scan in scans.values()):
            others = (name for name in self.runs.axes.sizes if name not in scans)
            scans |= {name: AxisScan(self, self.runs, name) for name in others}
        ties = dict(self._ties(scans))
        for name in wanted:
            yield ties[name].rule(name) if name in ties else scans[name].rule()

    def together(self, rules: Iterable[Rule]) -> Iterator[str]:
        """What does not work at several sizes at once, each of which works by itself."""
        free = [rule for rule in rules if rule.multiple and not rule.tied_to]
        smallest = {rule.name: rule.minimum for rule in free}
        larger = {rule.name: rule.given + rule.multiple for rule in free}
        for sizes in (smallest, larger):
            legal = all(rule.allows(sizes[rule.name]) for rule in free)
            failure = self.runs.sample(sizes).failure if legal else None
            if failure is not None:
                at = ", ".join(f"{name} = {size}" for name, size in sizes.items())
                yield f"At {at} together the model fails: {message(failure.error).splitlines()[0]}"

    def _ties(self, scans: dict[str, AxisScan]) -> Iterator[tuple[str, EqualSizes]]:
        """Sizes that cannot vary by themselves, and can together."""
        stuck = [name for name, scan in scans.items() if not scan.step]
        sizes = self.runs.axes.sizes
        for one, two in combinations(stuck, 2):
            if sizes[one] == sizes[two]:
                together = AxisScan(self, self.runs.with_axes(self.runs.axes.tied(two, one)), one)
                if together.step:
                    tie = EqualSizes(together, one, two)
                    yield one, tie
                    yield two, tie
                    return


class AxisScan:
    """Runs at various sizes of one name, others as given."""

    def __init__(self, search: RuleSearch, runs: ModelRunner, name: str) -> None:
        self.name = name
        self.given = runs.axes.sizes[name]
        self._search = search
        self._runs = runs
        self._trials: dict[int, bool] = {self.given: True}
        self._obstacles: dict[tuple[int, str | None], int] = {}
        self.step = next(filter(self._leads_on, self._steps()), 0)
        """The smallest step that leads from one size that works to the next; 0 if there is none.

        It is negative where no larger size works.
        """

    def sample(self, size: int) -> Sample:
        """A sample at a size."""
        return self._runs.sample({self.name: size})

    def works(self, size: int) -> bool:
        """Whether the model runs at a size. What stops it, each obstacle once, is kept."""
        found = self.sample(size)
        self._trials[size] = found.worked
        if found.failure is not None:
            self._obstacles.setdefault((len(found.ops), found.failure.op), size)
        return found.worked

    def _steps(self) -> Iterator[int]:
        divisors = (d for d in range(1, self.given + 1) if self.given % d == 0)
        steps = sorted({*range(1, NEAR + 1), *divisors, *LIKELY})
        yield from steps
        yield from (-step for step in steps if step < self.given)

    def _leads_on(self, step: int) -> bool:
        """Whether sizes work that are one, two and three steps away, or downwards at least two."""
        sizes = [size for times in (1, 2, 3) if (size := self.given + times * step) > 0]
        return len(sizes) > 1 and all(map(self.works, sizes))

    def rule(self) -> Rule:
        """The rule that the runs show, after those that verify it."""
        if not self.step:
            self.works(1)  # which is spread over any size
            return self._made(Rule(self.name, self.given, 0, self.given, self.given))
        also, step = tuple(self._also()), abs(self.step)
        least = min(self._smaller(self._minimum(step), step, also))
        rule = Rule(self.name, self.given, step, least, self._maximum(step), also=also)
        return self._made(rule, self._detour(rule))

    def _smaller(self, minimum: int, step: int, also: Iterable[int]) -> Iterator[int]:
        """The minimum, and of the sizes with another remainder those below it that work."""
        yield minimum
        for rest in also:
            size = minimum - (minimum - rest) % step
            if size > 0 and self.works(size):
                yield size

    def _made(self, rule: Rule, detour: SizeAdaptation | None = None) -> Rule:
        against = (size for size, worked in sorted(self._trials.items()) if worked)
        return replace(
            rule,
            exceptions=tuple(size for size in against if not rule.allows(size)),
            trials=tuple(Trial(*trial) for trial in sorted(self._trials.items())),
            causes=tuple(map(self._cause, self._obstacles.values())),
            detour=detour,
        )

    def _cause(self, size: int) -> Cause:
        return cause_of(self._runs.record({self.name: size}), size, self._search.trace)

    def _also(self) -> Iterator[int]:
        """Remainders of sizes that break the rule, and work; all are tried if one of a few does."""
        start, step = self.given + self.step, abs(self.step)
        worked = {size % step for size, worked in self._trials.items() if worked}
        tried = {(size - self.given) % step for size in self._trials}
        few = sorted({1, step // 2, step - 1} - {0, step} - tried)
        worked |= {rest for rest in few if self.works(start + rest)}
        if len(worked) > 1:
            few = list(range(1, step)) if step <= ALL else few
            yield from ((start + rest) % step for rest in few if self.works(start + rest))

    def _minimum(self, step: int) -> int:
        """The least that works, taking it that below a size that does not work none does."""
        least = self.given % step or step
        low, high = 0, (self.given - least) // step
        while low < high:
            middle = (low + high) // 2
            if self.works(least + middle * step):
                high = middle
            else:
                low = middle + 1
        return least + low * step

    def _maximum(self, step: int) -> int | None:
        """The largest that works, if a much larger one does not."""
        if self.step < 0:
            return self.given
        if self._runs.costly:
            return None
        low, high = 0, -(-FAR * self.given // step)
        if self.works(self.given + high * step):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            if self.works(self.given + middle * step):
                low = middle
            else:
                high = middle
        return self.given + low * step

    def _detour(self, rule: Rule) -> SizeAdaptation | None:
        """How the model gets along with a size that its halvings do not divide, if it does."""
        even = self.given + COARSE * rule.multiple
        samples = {size: self.sample(size) for size, worked in self._trials.items() if worked}
        if not self._runs.costly and rule.allows(even) and self.works(even):
            samples[even] = self.sample(even)
        return detour(self._search.trace, self._search.first, rule, samples)


class EqualSizes:
    """Two sizes that have to be equal, and the runs at which they were."""

    def __init__(self, scan: AxisScan, one: str, two: str) -> None:
        self._rule = scan.rule()
        self._other = {one: two, two: one}

    def rule(self, name: str) -> Rule:
        """The rule of one of them."""
        return replace(self._rule, name=name, tied_to=self._other[name])
