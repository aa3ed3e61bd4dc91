"""What a run made and something outside it still holds: found after the run, and undone.

Most tensors of a run have no data. If one of them stays in a cache of a helper, the user's model
fails later, far from here. So nothing that a run made may outlive it. Weak references tell whether
something did. Only then is its holder searched for: first in global names, then in all objects.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from traceback import clear_frames, walk_tb
from types import FrameType
from typing import Any

from torch import Tensor

from tracer.from_torch.capture.isolation.container_contents import container_type_of
from tracer.from_torch.capture.isolation.global_values import GlobalValues, contents_now
from tracer.from_torch.capture.isolation.holders import MISSING, NOT_REMOVED, undo
from tracer.from_torch.capture.isolation.young_objects import (
    Referrers,
    RunObjects,
    held_by_others,
)
from tracer.from_torch.capture.pytree import instance_dict, tensors_in

UNKNOWN = "Something that the garbage collector does not see"

SEARCH_BATCH = 32
"""How many objects are looked for at once: a search takes longer for each."""

SEARCH_ROUNDS = 8
"""How many times holders are looked for. Each round finds those of one batch."""


WAITS, WAIT_SECONDS = 20, 0.002
"""How many times other threads are waited for, and how long."""


def remove_leftovers(
    objects: RunObjects,
    values: GlobalValues,
    known: Mapping[int, int],
    error: BaseException | None,
) -> tuple[list[str], list[Any]]:
    """Undo what still holds objects of a run.

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
    search = LeftoverSearch(objects, values, known, error)
    for _ in range(SEARCH_ROUNDS):
        if not search.undo_some():
            break
    return list(dict.fromkeys(search.notes)), search.holders


class LeftoverSearch:
    """A search for what holds the objects of one run. The arguments are as above."""

    def __init__(
        self,
        objects: RunObjects,
        values: GlobalValues,
        known: Mapping[int, int],
        error: BaseException | None,
    ) -> None:
        self.notes: list[str] = []
        self.holders: list[Any] = []
        self._objects, self._values, self._known = objects, values, known
        self._is_failure = error is not None
        self._made: list[Any] = []
        """Tuples that the run must have made, because one of their elements is."""
        young_ids = objects.younger_ids()
        if error is not None and id(error) not in young_ids:
            clear_variables(error)  # what holds the exception would hold the variables
        self._young_ids = young_ids - _ids_in_new_modules(young_ids)
        self._ignored = {id(frame) for frame in _frames(sys._getframe(), error)}
        gc.collect(0)  # from here on the youngest generation holds what the search makes

    def undo_some(self) -> bool:
        """Undo what is found to hold objects of the run, and return whether anything was."""
        self._made = held_by_others(self._made)
        alive = self._objects.alive(self._known)
        if not alive:
            return False
        what, is_result = _what(alive), all(id(one) in self._known for one in alive)
        alive += self._made
        referrers = Referrers(alive, self._young_ids, self._ignored)
        held = referrers.held_from_outside()
        if not held:
            return False
        holders = _holders_in_globals(referrers, self._values)
        holders = holders or referrers.holders_of(held[:SEARCH_BATCH], self._ignored)
        done = set(map(id, (*self.holders, *self._made)))
        new = [one for one in holders if id(one) not in done]
        made = [one for one in new if _is_made_with(one, referrers)]
        self._made += made
        new = [one for one in new if not any(one is other for other in made)]
        is_made = partial(_is_made, referrers=referrers)
        for holder in new:
            self.notes += undo(holder, is_made, self._values, what)
        self.holders += new
        if holders or self._is_failure or is_result:
            return bool(new or made)
        del referrers, held
        if self._stay_alive():
            self.notes.append(NOT_REMOVED.format(where=UNKNOWN, what=what))
        return False

    def _stay_alive(self) -> bool:
        """Whether objects stay when other threads have had time to finish what they do with them.

        The collector does not see the variables of a function that another thread runs.
        """
        for _ in range(WAITS if threading.active_count() > 1 else 0):
            time.sleep(WAIT_SECONDS)
            if not self._objects.alive(self._known):
                return False
        return True


def _is_made(item: Any, referrers: Referrers) -> bool:
    """Whether an element of something was made by the run and leads to what is searched for.

    A tuple may have been left out of what does, and so may tuples in it.
    """
    parts = item if type(item) is tuple else ()
    return item in referrers or any(
        _is_made(part, referrers) for part in parts if container_type_of(type(part)) is None
    )


def _is_made_with(holder: Any, referrers: Referrers) -> bool:
    """Whether an object that cannot change has an element that the run made, no container."""
    return isinstance(holder, (tuple, frozenset)) and any(
        element in referrers for element in holder if container_type_of(type(element)) is None
    )


def _holders_in_globals(referrers: Referrers, values: GlobalValues) -> list[Any]:
    """What the model's source reaches by global names and leads to an object of the run."""
    found = [
        container
        for container, before in values
        if any(_is_made(one, referrers) for one in new_elements(container, before))
    ]
    return [*found, *(cache for cache in values.caches if _caches_one(cache, referrers))]


def _caches_one(cache: Any, referrers: Referrers) -> bool:
    """Whether a cached function, or the dictionary that it may have, holds an object of the run."""
    parts = gc.get_referents(cache)
    parts += [item for part in parts if type(part) is dict for item in part.values()]
    return any(_is_made(part, referrers) for part in parts)


def references_in(items: Iterable[Any]) -> Counter[int]:
    """Return how many of the items, by place, are or hold each tensor, by the tensor's id."""
    return Counter(id(tensor) for item in items for tensor in tensors_in(item))


def new_elements(container: Any, before: Any) -> Iterator[Any]:
    """Yield the keys and elements that a container did not hold before."""
    now: Any = contents_now(container)
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
    """Drop the local variables in the tracebacks of an exception."""
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


def _what(items: list[Any]) -> str:
    """How a note names objects of a run."""
    first = _kind(items[0])
    return first if len(items) == 1 else f"{first} (and {len(items) - 1} more objects)"


def _kind(item: Any) -> str:
    if not isinstance(item, Tensor):
        return f"a copy of a {type(item).__name__}"
    shape = "×".join(map(str, item.shape)) or "scalar"
    return f"a {shape} tensor"
