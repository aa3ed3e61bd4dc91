"""UNets put together by hypothesis that keep their skips in a container of some kind.

Each skip may have weights of its own before it is put in, and may be added at any resolution: there
the container alone tells a skip from a branch or a residual.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import torch.nn.functional as F
from hypothesis import strategies as st
from torch import Tensor

from tests.from_torch.drawn_unets import Drawn, Plan, plans

CONTAINERS = ("list", "index", "tuple", "deque", "dict", "attribute")


@dataclass(frozen=True)
class Keeping:
    """A plan, and the kind of container; `plan.on_the_way` is done before a skip is put in."""

    plan: Plan
    container: str


class DrawnWithContainer(Drawn):
    """The UNet of a plan, which keeps its skips in a container."""

    skips: list[Tensor]

    def __init__(self, keeping: Keeping) -> None:
        super().__init__(keeping.plan)
        self.container = keeping.container

    def forward(self, x: Tensor) -> Tensor:  # noqa: C901, PLR0912 - one loop for all containers
        hs: list[Tensor] = []
        pair: tuple[Tensor, ...] = ()
        queue: deque[Tensor] = deque()
        named: dict[int, Tensor] = {}
        self.skips = []
        h, ways, count = self.head(x), iter(self.skip), 0
        for blocks, sample in zip(self.encoder, self.downs, strict=True):
            for block in blocks:
                h = block(h)
                kept = next(ways)(h)
                if self.container in {"list", "index"}:
                    hs.append(kept)
                elif self.container == "tuple":
                    pair = (*pair, kept)
                elif self.container == "deque":
                    queue.appendleft(kept)
                elif self.container == "dict":
                    named[count] = kept
                else:
                    self.skips.append(kept)
                count += 1
            h = sample(h)
        h = F.silu(self.middle(h))
        for blocks, sample in zip(reversed(self.decoder), reversed(self.ups), strict=True):
            h = sample(h)
            for block in blocks:
                count -= 1
                if self.container == "list":
                    h = self.joined(h, hs.pop())
                elif self.container == "index":
                    h = self.joined(h, hs[count])
                elif self.container == "tuple":
                    skip, pair = pair[-1], pair[:-1]
                    h = self.joined(h, skip)
                elif self.container == "deque":
                    h = self.joined(h, queue.popleft())
                elif self.container == "dict":
                    skip = named[count]
                    h = self.joined(h, skip)
                else:
                    h = self.joined(h, self.skips.pop())
                h = block(h)
        return self.tail(h)


def keepings() -> st.SearchStrategy[Keeping]:
    """Plans of any kind, also flat ones whose skips are added or have weights of their own."""
    flat = st.tuples(plans(), st.booleans(), st.sampled_from(["nothing", "projection", "block"]))
    drawn = flat.map(lambda one: replace(one[0], flat=one[1], on_the_way=one[2]))
    return st.builds(Keeping, drawn, st.sampled_from(CONTAINERS))
