"""Which modules are equal at first sight: by class, shapes of parameters and simple attributes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping

from torch import nn

from tracer.from_torch.capture.memo.block_state import COMPARED_TYPES

FEWEST_MODULES = 3
"""A block with fewer modules runs as fast as it is compared."""


class BlockKinds:
    """Numbers for modules, the same for equal ones, and how many modules have each number."""

    LIMIT = 100_000

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()
        """How many modules of each kind there were in all runs so far."""
        self._numbers: dict[Hashable, int] = {}

    @property
    def is_full(self) -> bool:
        """Whether there are too many kinds."""
        return len(self._numbers) > self.LIMIT

    def of(self, modules: Mapping[str, nn.Module]) -> dict[int, int]:
        """Return the kinds of the modules of a model that are no layers, by id, and count them."""
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
            number = self._numbers.setdefault(key, len(self._numbers) + 1)
            kinds[id(module)] = number
            sizes[id(module)] = 1 + sum([sizes.get(one, 0) for one in below])
        blocks = {one: kind for one, kind in kinds.items() if sizes[one] >= FEWEST_MODULES}
        self.counts.update(blocks.values())
        return blocks
