"""The tensors that a model would load, against those of a checkpoint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from tracer.snapshot import TensorSpec
from tracer.snapshot.diff.renames import parents

StateShapes = Mapping[str, TensorSpec]
Trouble = Literal["missing", "unexpected", "another shape"]


@dataclass(frozen=True, slots=True)
class KeyTrouble:
    """A key that does not fit: not in the file, not in the model, or not of the same shape.

    `block` is the outermost module all of whose keys have that trouble, or else the key's own.
    """

    trouble: Trouble
    key: str
    block: str
    model: TensorSpec | None
    file: TensorSpec | None


@dataclass(frozen=True, slots=True)
class StateVerdict:
    """All keys that do not fit, in the order of the model, and how many do.

    `casts` counts the keys whose dtype differs, which loading converts. `hint` is a prefix of the
    file's keys with which more of them would be found, and how many.
    """

    troubles: tuple[KeyTrouble, ...]
    fitting: int
    casts: Mapping[tuple[str, str], int]
    hint: tuple[str, int] | None = None


def compare_states(model: StateShapes, file: StateShapes, prefix: str = "") -> StateVerdict:
    """Compare two sets of tensors; only the file's keys that begin with `prefix` count."""
    known = {key.removeprefix(prefix): spec for key, spec in file.items() if key.startswith(prefix)}
    missing = {key: spec for key, spec in model.items() if key not in known}
    unexpected = {key: spec for key, spec in known.items() if key not in model}
    both = [key for key in model if key in known]
    other = [key for key in both if model[key].shape != known[key].shape]
    casts = Counter((known[key].dtype, model[key].dtype) for key in both)
    troubles = (
        *(
            KeyTrouble("missing", key, block, model[key], None)
            for key, block in _blocks(missing, model)
        ),
        *(
            KeyTrouble("unexpected", key, block, None, known[key])
            for key, block in _blocks(unexpected, known)
        ),
        *(
            KeyTrouble("another shape", key, key.rpartition(".")[0], model[key], known[key])
            for key in other
        ),
    )
    fitting = len(both) - len(other)
    differing = {pair: count for pair, count in casts.items() if pair[0] != pair[1]}
    return StateVerdict(troubles, fitting, differing, _hint(model, file, len(both)))


def _blocks(troubled: StateShapes, keys: StateShapes) -> Iterator[tuple[str, str]]:
    """Each key, and the outermost block of which no other keys are left."""
    inside = Counter(parent for key in keys for parent in parents(key))
    of_them = Counter(parent for key in troubled for parent in parents(key))
    for key in troubled:
        whole = [one for one in parents(key) if inside[one] == of_them[one]]
        yield key, whole[-1] if whole else key.rpartition(".")[0]


def _hint(model: StateShapes, file: StateShapes, found: int) -> tuple[str, int] | None:
    """The prefix with which most keys are found, if that is more than were found."""
    if not model:
        return None
    longest = max(model, key=len)
    candidates = {key.removesuffix(longest) for key in file if key.endswith(longest)}
    counts = {prefix: _count(model, file, prefix) for prefix in sorted(candidates)}
    best = max(counts, key=lambda prefix: counts[prefix], default="")
    return (best, counts[best]) if counts.get(best, 0) > found else None


def _count(model: Iterable[str], file: StateShapes, prefix: str) -> int:
    return sum(f"{prefix}{key}" in file for key in model)
