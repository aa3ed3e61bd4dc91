"""Compares the tensors that a model would load with those of a checkpoint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tracer.escapes import escape_path
from tracer.printed_result import DisplayedResult
from tracer.snapshot import TensorSpec
from tracer.snapshot.diff.call_names import enclosing_calls

ANCHORS = 20
"""The number of keys of the model that prefixes are read off."""
StateShapes = Mapping[str, TensorSpec]
"""The shape and dtype of each tensor in a state dict, by its key."""
KeyProblemKind = Literal["missing", "unexpected", "another shape"]


@dataclass(frozen=True, slots=True)
class KeyProblem:
    """A key that is not in the file, not in the model, or whose shape differs.

    `block` is the outermost module all of whose keys have the same problem, or else the key's own
    module. `model` and `file` are the tensors on either side.
    """

    trouble: KeyProblemKind
    key: str
    block: str
    model: TensorSpec | None
    file: TensorSpec | None


@dataclass(frozen=True, slots=True, repr=False)
class StateDictComparison(DisplayedResult):
    """The problems in the order of the model, and the number of keys without one.

    `casts` counts the keys by dtypes in the file and in the model, where they differ; loading
    converts them. `hint` is a prefix of the file's keys with which more keys would be found, and
    how many. `renamed` has the keys of the model by those of the file that it renames as it loads,
    `errors` what it said of other keys. `origin` is a sentence about the dict of the file that was
    compared, if the file holds more.
    """

    problems: tuple[KeyProblem, ...]
    matching: int
    casts: Mapping[tuple[str, str], int]
    hint: tuple[str, int] | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    origin: str = ""

    @property
    def fits(self) -> bool:
        """Whether the model loads the file without an error."""
        return not (self.problems or self.errors)


def compare_state_dicts(
    model: StateShapes, file: StateShapes, prefix: str = ""
) -> StateDictComparison:
    """Compare the tensors of a model with those of a checkpoint.

    Args:
        model: The tensors of the model's state dict.
        file: The tensors in the file.
        prefix: Only the file's keys with this prefix are compared, without it.

    >>> model = {"conv.weight": TensorSpec((8, 3, 3, 3), "float32")}
    >>> file = {"net.conv.weight": TensorSpec((8, 4, 3, 3), "float32")}
    >>> compare_state_dicts(model, file).hint
    ('net.', 1)
    >>> [one.trouble for one in compare_state_dicts(model, file, prefix="net.").problems]
    ['another shape']
    """
    found = {key.removeprefix(prefix): spec for key, spec in file.items() if key.startswith(prefix)}
    hint = _hint(model, file, len(model.keys() & found.keys()))
    model, known = _with_visible_keys(model), _with_visible_keys(found)
    missing = {key: spec for key, spec in model.items() if key not in known}
    unexpected = {key: spec for key, spec in known.items() if key not in model}
    common = [key for key in model if key in known]
    reshaped = [key for key in common if model[key].shape != known[key].shape]
    casts = Counter((known[key].dtype, model[key].dtype) for key in common)
    problems = (
        *(
            KeyProblem("missing", key, block, model[key], None)
            for key, block in _with_blocks(missing, model)
        ),
        *(
            KeyProblem("unexpected", key, block, None, known[key])
            for key, block in _with_blocks(unexpected, known)
        ),
        *(
            KeyProblem("another shape", key, key.rpartition(".")[0], model[key], known[key])
            for key in reshaped
        ),
    )
    matching = len(common) - len(reshaped)
    differing = {dtypes: count for dtypes, count in casts.items() if dtypes[0] != dtypes[1]}
    return StateDictComparison(problems, matching, differing, hint)


def _with_visible_keys(tensors: StateShapes) -> StateShapes:
    """The tensors by their keys as tables show them, and as the paths of blocks are written."""
    return {escape_path(key): spec for key, spec in tensors.items()}


def _with_blocks(keys: StateShapes, all_keys: StateShapes) -> Iterator[tuple[str, str]]:
    """Each key, and the outermost block all of whose keys are among `keys`."""
    inside = Counter(outer for key in all_keys for outer in enclosing_calls(key))
    among_keys = Counter(outer for key in keys for outer in enclosing_calls(key))
    for key in keys:
        whole = [outer for outer in enclosing_calls(key) if inside[outer] == among_keys[outer]]
        yield key, whole[-1] if whole else key.rpartition(".")[0]


def _hint(model: StateShapes, file: StateShapes, found: int) -> tuple[str, int] | None:
    """The prefix with which most keys are found, if it finds more than were found."""
    if not model:
        return None
    longest = tuple(sorted(model, key=len)[-ANCHORS:])  # long keys are the ends of few others
    candidates = {
        key.removesuffix(anchor) for key in file for anchor in longest if key.endswith(anchor)
    }
    counts = {prefix: _count(model, file, prefix) for prefix in sorted(candidates)}
    best = max(counts, key=lambda prefix: counts[prefix], default="")
    return (best, counts[best]) if counts.get(best, 0) > found else None


def _count(model: Iterable[str], file: StateShapes, prefix: str) -> int:
    return sum(f"{prefix}{key}" in file for key in model)
