"""The objects that a run made, as Python's garbage collector sees them.

While the collector is paused, its youngest generation holds what was made since. The references
between these objects are counted, so that it shows which of them something else refers to: only
then all objects of the process are searched, which takes longer than a run.
"""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Container, Iterable, Mapping
from itertools import chain
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

    def __init__(
        self, targets: list[Any], young_ids: Container[int], ignored: Container[int]
    ) -> None:
        """Find what leads to the targets.

        Args:
            targets: Objects of the run. The list is emptied.
            young_ids: The ids of all objects of the run, which have survived one collection.
            ignored: The ids of objects that are not followed, such as the frames of a traceback.
        """
        ids = set(map(id, targets))
        young = gc.get_objects(generation=1)
        self._objects = [one for one in young if id(one) in young_ids and id(one) not in ids]
        self._objects += targets
        targets.clear()
        numbers = {id(one): number for number, one in enumerate(self._objects)}
        self._referrers: list[list[int]] = [[] for _ in self._objects]
        for number, one in enumerate(self._objects):
            for part in gc.get_referents(one):
                referred = numbers.get(id(part))
                if referred is not None:
                    self._referrers[referred].append(number)
        pending = [numbers[one] for one in ids]
        found = set(pending)
        while pending:
            for number in self._referrers[pending.pop()]:
                one = self._objects[number]
                if number not in found and id(one) not in ignored and not _is_of_tracer(one):
                    found.add(number)
                    pending.append(number)
        self._found = sorted(found)
        self._found_ids = {id(self._objects[number]) for number in found}

    def __contains__(self, item: Any) -> bool:
        """Whether an object is one of the targets, or was made by the run and leads to one."""
        return id(item) in self._found_ids

    def held_from_outside(self) -> list[Any]:
        """The objects that lead to a target and that something refers to besides the run."""
        held = [
            number
            for number in self._found
            if sys.getrefcount(self._objects[number])
            - OWN_REFERENCES
            - _references_in_c(self._objects[number])
            > len(self._referrers[number])
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


def _ids_of_generation(generation: int) -> list[int]:
    """The ids of all objects in one generation of the collector.

    No list of the objects exists while another thread can run: a thread that is about to finish
    a tuple would raise an error if that was in a list.
    """
    return list(map(id, chain.from_iterable(map(gc.get_objects, (generation,)))))


def _count(reference: weakref.ref[Any]) -> int:
    item = reference()
    return 0 if item is None else sys.getrefcount(item) - OWN_REFERENCES - _references_in_c(item)


def _references_in_c(item: Any) -> int:
    """How many of the references to an object belong to torch itself, as those of gradients do."""
    if not OF_TORCH or not isinstance(item, Tensor):
        return 0
    use_count = getattr(item, "_use_count", None)  # which not every version of torch has
    return OF_TORCH if use_count is not None and use_count() > 1 else 0


def _is_of_tracer(item: Any) -> bool:
    """Whether an object is a part of the tracer, which holds nothing for longer than a run."""
    owner = item if isinstance(item, (type, FunctionType)) else type(item)
    return str(owner.__module__).startswith(__name__.partition(".")[0] + ".")


def _measured() -> tuple[int, int]:
    """What `sys.getrefcount` returns for a tensor in a list, and how much more if torch has one."""
    with torch.inference_mode(False), torch.enable_grad():
        tensors = [torch.empty(0, requires_grad=True)]
        alone = sys.getrefcount(tensors[0])
        result = tensors[0].sum()  # its gradient function refers to the tensor
    both = sys.getrefcount(tensors[0])
    del result
    return alone, both - alone


OWN_REFERENCES, OF_TORCH = _measured()
"""The references that `sys.getrefcount` counts besides those of others, and those of torch."""
