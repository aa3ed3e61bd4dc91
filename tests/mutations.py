"""Changes of the reference model: twenty and more that change its shapes or skips, and some not."""

from __future__ import annotations

from dataclasses import dataclass

from tests.mutants import Edit


@dataclass(frozen=True)
class Mutation:
    """A change of the source, and the words with which a check has to name it."""

    edits: tuple[Edit, ...]
    causes: tuple[str, ...]


def change(file: str, old: str, new: str, *causes: str) -> Mutation:
    """A change in one place."""
    return Mutation((Edit(f"{file}.py", old, new),), causes)


MUTATIONS = {
    "half the channels": change("network", "ch=32", "ch=64", "conv_in"),
}
