"""Which modules are equal at first sight: by class, shapes of parameters and simple attributes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Final

from torch import nn

from tracer.from_torch.capture.memo.block_state import COMPARED_TYPES

FEWEST_MODULES: Final = 3
"""A block with fewer modules runs as fast as it is compared."""


class BlockKinds:
    """Numbers for modules, the same for equal ones.

    `known` are the kinds of the blocks of all runs so far.
    """

    LIMIT: Final = 100_000

    def __init__(self) -> None:
        self.known: set[int] = set()
        self._numbers: dict[Hashable, int] = {}
        self._last: tuple[tuple[int, ...], dict[int, int]] = (), {}
        """The ids of the modules that were looked at last, and what was found."""

    def of(self, modules: Mapping[str, nn.Module]) -> dict[int, int]:
        """Return the kinds of the modules of a model that are no single layers, by their ids.

        A search for sizes runs one model many times, so what was found last is kept.
        """
        ids = tuple(map(id, modules.values()))
        if self._last[0] != ids:
            self._last = ids, self._found(modules)
        return self._last[1]

    def _found(self, modules: Mapping[str, nn.Module]) -> dict[int, int]:
        kinds: dict[int, int] = {}
        sizes: dict[int, int] = {}
        for module in reversed([*modules.values()]):  # those inside a module come before it
            below = [id(one) for one in module._modules.values()]
            key: tuple[Hashable, ...]
            shapes = [one is not None and one.shape for one in module._parameters.values()]
            key = (id(type(module)), *shapes, *[kinds.get(one, 0) for one in below])
            if below:  # layers with other numbers rarely have the same shapes
                own = object.__getattribute__(module, "__dict__").values()
                key += tuple([one for one in own if type(one) in COMPARED_TYPES])
            kinds[id(module)] = self._numbers.setdefault(key, len(self._numbers) + 1)
            sizes[id(module)] = 1 + sum([sizes.get(one, 0) for one in below])
        return {one: kind for one, kind in kinds.items() if sizes[one] >= FEWEST_MODULES}

    @property
    def is_full(self) -> bool:
        """Whether there are more numbers than are worth their memory."""
        return len(self._numbers) > self.LIMIT
