"""The objects that a run made, as Python's garbage collector sees them.

While the collector is paused, its youngest generation holds what was made since. The references
between these objects are counted, so that it shows which of them something else refers to: only
then all objects of the process are searched, which takes longer than a run.
"""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Container, Iterable, Iterator, Mapping, Set
from functools import cache
from itertools import chain, compress, tee
from operator import and_, not_
from types import FunctionType
from typing import Any

import torch
from torch import Tensor


class RunObjects:
    """Weak references to the tensors and the copies of modules of one run."""

    def __init__(self) -> None:
        self._references: list[weakref.ref[Any]] = []
        self._first: list[Any] = []
        """The first object of the run. The collector lists objects in the order of creation."""

    def add(self, items: Iterable[Any]) -> None:
        """Add objects that the run made."""
        self._references.extend(map(weakref.ref, items))

    def alive(self, known: Mapping[int, int]) -> list[Any]:
        """Return the objects that something refers to besides the results of the run.

        Args:
            known: How many references to an object belong to the results, by its id.
        """
        self._references = [one for one in self._references if one() is not None]
        return [one() for one in self._references if _count(one) > known.get(id(one()), 0)]

    def younger_ids(self) -> set[int]:
        """The ids of all objects made since the run began."""
        ids = _ids_of_generation(0)
        number = id(self._first)
        return set(ids[ids.index(number) :] if number in ids else ids)


class Referrers:
    """Which objects of a run lead to some of them, and which of these something else refers to."""

    def __init__(self, targets: list[Any], young_ids: Set[int], ignored: Container[int]) -> None:
        """Find what leads to the targets.

        Args:
            targets: Objects of the run. The list is emptied.
            young_ids: The ids of all objects of the run, which have survived one collection.
            ignored: The ids of objects that are not followed, such as the frames of a traceback.
        """
        ids = set(map(id, targets))
        references, young = _references(young_ids, targets)
        leading = _leading_to(ids, references, frozenset()) - ids
        self._objects = [one for number, one in young.items() if number in leading]
        self._objects += targets
        young.clear()
        targets.clear()
        passed = {id(one) for one in self._objects if id(one) in ignored or _is_of_tracer(one)}
        self._found_ids = _leading_to(ids, references, passed - ids)
        self._referrer_counts = {one: len(references[one]) for one in self._found_ids}

    def __contains__(self, item: Any) -> bool:
        """Whether an object is one of the targets, or was made by the run and leads to one."""
        return id(item) in self._found_ids

    def held_from_outside(self) -> list[Any]:
        """The objects that lead to a target and that something refers to besides the run."""
        held = [
            number
            for number, one in enumerate(map(id, self._objects))
            if one in self._found_ids
            and sys.getrefcount(self._objects[number])
            - own_references()[0]
            - _references_in_c(self._objects[number])
            > self._referrer_counts[one]
        ]
        return [self._objects[number] for number in held]

    def holders_of(self, held: list[Any], ignored: Container[int]) -> list[Any]:
        """All objects that existed before the run and refer to one of those in `held`."""
        own = {*_ids_of_generation(0), id(self._objects)}
        run = set(map(id, self._objects))
        return [
            one
            for one in gc.get_referrers(*held)
            if not (id(one) in own or id(one) in run or id(one) in ignored or _is_of_tracer(one))
        ]


def held_by_others(items: list[Any]) -> list[Any]:
    """Return the items to which something refers besides the list."""
    counts = [sys.getrefcount(items[number]) for number in range(len(items))]
    return [one for one, n in zip(items, counts, strict=True) if n > own_references()[0]]


def _objects_of(generation: int) -> Iterator[Any]:
    """All objects in one generation of the collector, for functions written in C.

    Python code runs neither before such a function returns nor in those that it maps.
    """
    return chain.from_iterable(map(gc.get_objects, (generation,)))


def _ids_of_generation(generation: int) -> list[int]:
    """The ids of objects. `id` calls audit hooks; a hash is an id whose bits are rotated."""
    hashes = list(map(object.__hash__, _objects_of(generation)))
    rotated = (one & ID_MASK for one in hashes)
    return [(one << ROTATED | one >> ID_BITS - ROTATED) & ID_MASK for one in rotated]


def _hash_of_id(number: int) -> int:
    """What `object.__hash__` returns for the object with this id."""
    rotated = (number >> ROTATED | number << ID_BITS - ROTATED) & ID_MASK
    return rotated - ID_MASK - 1 if rotated > ID_MASK >> 1 else rotated


def _references(
    young_ids: Set[int], targets: Iterable[Any]
) -> tuple[dict[int, list[int]], dict[int, Any]]:
    """What refers to each object of a run, by ids, and the objects by their ids.

    While there are other threads, a tuple to which no other object of the run refers is left out,
    since it may not be finished. If it is, and holds an object of the run, it is found as something
    outside the run that does.
    """
    hashes = set(map(_hash_of_id, young_ids))
    is_alone = len(sys._current_frames()) == 1
    found = _finished_objects(_objects_of(1), hashes, 0 if is_alone else UNFINISHED)
    objects = dict(zip(map(id, found), found, strict=True))
    referents, new = dict[int, list[Any]](), [*found, *targets]
    while new:
        parts = list(map(gc.get_referents, new))
        referents |= zip(map(id, new), parts, strict=True)
        tuples = (
            () if is_alone else (one for one in chain.from_iterable(parts) if type(one) is tuple)
        )
        added = {id(one): one for one in tuples if id(one) in young_ids and id(one) not in objects}
        objects |= added
        new = list(added.values())
    references: dict[int, list[int]] = {number: [] for number in referents}
    for number, parts in referents.items():
        for referred in map(id, parts):
            if referred in references:
                references[referred].append(number)
    return references, objects


def _finished_objects(objects: Iterator[Any], hashes: Set[int], unfinished: int) -> list[Any]:
    """The objects with these hashes, but no tuple that may not be finished.

    Args:
        objects: All objects of a generation, as above, which does not hold the iterators here.
        hashes: What `object.__hash__` returns for those that are searched for.
        unfinished: How many references an unfinished tuple has here; 0 if there is none.
    """
    objects, addresses, kinds, referred = tee(objects, 4)  # asking twice would call audit hooks
    left_out = {(object.__hash__(tuple), unfinished)}.__contains__
    kinds_and_counts = zip(
        map(object.__hash__, map(type, kinds)), map(sys.getrefcount, referred), strict=True
    )
    selected = map(
        and_,
        map(hashes.__contains__, map(object.__hash__, addresses)),
        map(not_, map(left_out, kinds_and_counts)),
    )
    return list(compress(objects, selected))


def _measured_references() -> int:
    """How many references the function above counts for a tuple to which only a list refers."""
    items = [(object(),)]
    hashes, number = {object.__hash__(items[0])}, 1
    # the copy stands for the collector's list of all objects
    while _finished_objects(chain.from_iterable(map(list, (items,))), hashes, number):
        number += 1
    return number


def _leading_to(
    ids: Iterable[int], references: Mapping[int, list[int]], passed: Container[int]
) -> set[int]:
    """The ids of objects that lead to those in `ids`, but not through one in `passed`."""
    found = set(ids)
    pending = list(found)
    while pending:
        for number in references[pending.pop()]:
            if number not in found and number not in passed:
                found.add(number)
                pending.append(number)
    return found


def _count(reference: weakref.ref[Any]) -> int:
    item = reference()
    return (
        0 if item is None else sys.getrefcount(item) - own_references()[0] - _references_in_c(item)
    )


def _references_in_c(item: Any) -> int:
    """How many of the references to an object belong to torch itself, as those of gradients do."""
    of_torch = own_references()[1]
    if not of_torch or not isinstance(item, Tensor):
        return 0
    use_count = getattr(item, "_use_count", None)  # which not every version of torch has
    return of_torch if use_count is not None and use_count() > 1 else 0


def _is_of_tracer(item: Any) -> bool:
    """Whether an object is a part of the tracer, which holds nothing for longer than a run."""
    owner = item if isinstance(item, (type, FunctionType)) else type(item)
    return str(owner.__module__).startswith(__name__.partition(".")[0] + ".")


@cache
def own_references() -> tuple[int, int]:
    """Return what `sys.getrefcount` counts besides the references of others, and those of torch.

    It is measured once, on a tensor in a list, after a run of which something is left: torch takes
    memory for it.
    """
    with torch.inference_mode(False), torch.enable_grad():
        tensors = [torch.empty(0, requires_grad=True)]
        alone = sys.getrefcount(tensors[0])
        result = tensors[0].sum()  # its gradient function refers to the tensor
    both = sys.getrefcount(tensors[0])
    del result
    return alone, both - alone


ID_BITS, ROTATED = 8 * tuple.__itemsize__, 4
ID_MASK = (1 << ID_BITS) - 1
UNFINISHED = _measured_references()
