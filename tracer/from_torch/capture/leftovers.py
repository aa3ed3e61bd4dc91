"""What a run made and something outside it still holds: found after the run, and undone.

Most tensors of a run have no data. If one of them stays in a cache of a helper, the user's model
fails later, far from here. So nothing that a run made may outlive it. Weak references tell whether
something did. Only then is it looked for: first in global names, then in all objects.
"""

from __future__ import annotations

import gc
import sys
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from traceback import clear_frames, walk_tb
from types import CellType, FrameType, FunctionType
from typing import Any

from torch import Tensor

from tracer.from_torch.capture.container_contents import container_type_of, contents_of
from tracer.from_torch.capture.global_values import GlobalValues, contents_of_cell
from tracer.from_torch.capture.holders import MISSING, NOT_REMOVED, IsMade, undo
from tracer.from_torch.capture.pytree import instance_dict, tensors_in

BATCH = 16
"""How many objects are looked for at once: a search takes longer for each."""
BATCHES = 8
LEVELS = 6
"""How many containers of the run may lie between a tensor and what existed before the run."""


class RunObjects:
    """Weak references to the tensors and the module copies of one run."""

    def __init__(self) -> None:
        self._references: list[weakref.ref[Any]] = []
        self._older = gc.get_objects(generation=0)
        """The objects in the youngest generation that existed before the run."""

    def add(self, items: Iterable[Any]) -> None:
        """Adds objects that the run made."""
        self._references.extend(map(weakref.ref, items))

    def younger(self) -> set[int]:
        """The ids of the objects made since the run began, while the collector is paused."""
        return {id(one) for one in gc.get_objects(generation=0)} - set(map(id, self._older))

    def alive(self, known: Mapping[int, int]) -> list[Any]:
        """Returns the objects that something refers to besides the results of the run.

        Args:
            known: How many references to an object belong to the results, by its id.
        """
        self._references = [one for one in self._references if one() is not None]
        return [one() for one in self._references if _count(one) > known.get(id(one()), 0)]


def _count(reference: weakref.ref[Any]) -> int:
    item = reference()
    return 0 if item is None else sys.getrefcount(item) - 2  # this name, and the argument


def remove_leftovers(
    objects: RunObjects,
    values: GlobalValues,
    known: Mapping[int, int],
    error: BaseException | None,
) -> tuple[list[str], list[Any]]:
    """Undoes what still holds objects of a run.

    Args:
        objects: What the run made, to which only its results should refer.
        values: What global names held before the run.
        known: How many references to an object belong to the results, by its id.
        error: The exception that ended the run; its traceback may keep the variables of the run.

    Returns:
        Notes on what could not be restored, and everything that held an object of the run.
    """
    if not objects.alive(known):
        return [], []
    search = LeftoverSearch(objects, known, error)
    return list(search.undo_all(values)), search.holders


class LeftoverSearch:
    """A search for what refers to objects of one run."""

    def __init__(
        self, objects: RunObjects, known: Mapping[int, int], error: BaseException | None
    ) -> None:
        self.holders: list[Any] = []
        """What existed before the run and held an object of it."""
        self._objects = objects
        self._known = known
        self._young = objects.younger()
        """The ids of what was made since the run began."""
        self._is_failure = error is not None
        if error is not None and id(error) not in self._young:
            clear_variables(error)  # whoever holds the exception holds its frames
        self._young -= _ids_in_new_modules(self._young)
        self._ignored = {id(frame) for frame in _frames(sys._getframe(), error)}
        gc.collect(0)  # from here on the youngest generation holds what the search makes

    def undo_all(self, values: GlobalValues) -> Iterator[str]:
        """Undoes what holds objects of the run; yields notes on what could not be restored."""
        targets = self._alive()
        if targets:
            yield from self._undo_in_globals(values, targets)
        missed: set[int] = set()
        for _ in range(BATCHES):
            targets = [one for one in self._alive() if id(one) not in missed][:BATCH]
            if not targets:
                break
            holders = self._holders_of(targets)
            for holder in holders:
                yield from self._undo(holder, values, targets)
            missed |= set(map(id, targets))
        if not self._is_failure:
            lost = [one for one in self._alive() if id(one) not in self._known]
            if lost and not self.holders:
                yield NOT_REMOVED.format(
                    where="Something that Python cannot name", what=_what(lost)
                )

    def _alive(self) -> list[Any]:
        return self._objects.alive(self._known)

    def _undo_in_globals(self, values: GlobalValues, targets: list[Any]) -> Iterator[str]:
        is_made = self._test_for(targets)
        for container, before in values:
            if any(map(is_made, new_elements(container, before))):
                yield from self._undo(container, values, targets)
        for cache in values.caches:
            if any(map(is_made, gc.get_referents(cache))):
                yield from self._undo(cache, values, targets)

    def _undo(self, holder: Any, values: GlobalValues, targets: list[Any]) -> Iterator[str]:
        self.holders.append(holder)
        yield from undo(holder, self._test_for(targets), values, _what(targets))

    def _holders_of(self, targets: list[Any]) -> list[Any]:
        """What existed before the run and leads to one of the targets."""
        seen: set[int] = set()
        holders, pending = [], targets
        for _ in range(LEVELS):
            own = {id(one) for one in gc.get_objects(generation=0)}
            following = []
            for referrer in gc.get_referrers(*pending):
                number = id(referrer)
                if (
                    number in seen
                    or number in own
                    or number in self._ignored
                    or _is_of_tracer(referrer)
                ):
                    continue
                seen.add(number)
                (following if number in self._young else holders).append(referrer)
            pending = following[:BATCH]
            if not pending:
                break
        return holders

    def _test_for(self, targets: list[Any]) -> IsMade:
        """A test whether an object is a target, or was made by the run and leads to one."""
        ids, verdicts = set(map(id, targets)), dict[int, bool]()

        def is_made(item: Any, levels: int = LEVELS) -> bool:
            number = id(item)
            if number in ids or number not in self._young or not levels:
                return number in ids
            if number not in verdicts:
                verdicts[number] = False
                parts = gc.get_referents(item)
                verdicts[number] = any(is_made(part, levels - 1) for part in parts)
            return verdicts[number]

        return is_made


def references_in(items: Iterable[Any]) -> Counter[int]:
    """Returns how many of the items, by place, are or hold each tensor, by the tensor's id."""
    return Counter(id(tensor) for item in items for tensor in tensors_in(item))


def new_elements(container: Any, before: Any) -> Iterator[Any]:
    """Yields the keys and elements that a container did not hold before."""
    if isinstance(container, CellType):
        now: Any = contents_of_cell(container)
    elif isinstance(container, type):
        now = dict(vars(container))
    else:
        now = contents_of(container, container_type_of(type(container)))
    if isinstance(now, dict):
        for key, item in now.items():
            if before.get(key, MISSING) is not item:
                yield from (key, item)
    else:
        earlier = set(map(id, before))
        yield from (item for item in now if id(item) not in earlier)


def _ids_in_new_modules(young: set[int]) -> set[int]:
    """The ids of what modules hold that the run imported: they stay, and so does what they hold."""
    ids: set[int] = set()
    for module in list(sys.modules.values()):
        namespace = instance_dict(module)
        if namespace is not None and id(namespace) in young:
            ids |= {id(module), id(namespace), *map(id, namespace.values())}
    return ids


def clear_variables(error: BaseException) -> None:
    """Drops the local variables in the tracebacks of an exception."""
    for one in _chain(error):
        clear_frames(one.__traceback__)
        for frame, _ in walk_tb(one.__traceback__):
            _ = frame.f_locals  # reading this dictionary removes variables that are gone from it


def _frames(running: FrameType | None, error: BaseException | None) -> Iterator[FrameType]:
    """The frames that are running, and those in the tracebacks of an exception."""
    while running is not None:
        yield running
        running = running.f_back
    for one in _chain(error):
        yield from (frame for frame, _ in walk_tb(one.__traceback__))


def _chain(error: BaseException | None) -> list[BaseException]:
    """An exception and those that led to it."""
    chain: list[BaseException] = []
    pending = [error]
    while pending:
        one = pending.pop()
        if one is not None and not any(one is other for other in chain):
            chain.append(one)
            pending += [one.__context__, one.__cause__]
    return chain


def _is_of_tracer(item: Any) -> bool:
    """Whether an object is a part of the tracer, which holds nothing for longer than a run."""
    owner = item if isinstance(item, (type, FunctionType)) else type(item)
    return str(owner.__module__).startswith(__package__.partition(".")[0] + ".")


def _what(items: list[Any]) -> str:
    """How a note names objects of a run."""
    first = _kind(items[0])
    return first if len(items) == 1 else f"{first} (and {len(items) - 1} more objects)"


def _kind(item: Any) -> str:
    if not isinstance(item, Tensor):
        return f"a copy of a {type(item).__name__}"
    shape = "×".join(map(str, item.shape)) or "scalar"
    return f"a {shape} tensor"
