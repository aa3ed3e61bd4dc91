"""The models of a site of one's own: their names in addresses, their titles, what is explored."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from tracer.record import Trace
from tracer.render.explorer.document import ExplorerContent
from tracer.site.content.model_results import TracePair
from tracer.target_spec import TargetSpec

NOT_IN_ADDRESSES = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class OwnModel:
    """A model of the site.

    Attributes:
        name: Its name in addresses, which no other model of the site has.
        title: Its name on pages.
        content: What is explored.
    """

    name: str
    title: str
    content: ExplorerContent

    @property
    def formulas(self) -> Trace:
        """Its trace, with formulas where there are any."""
        return self.content.trace

    @cached_property
    def traces(self) -> TracePair:
        """Its trace with numbers and with formulas."""
        return TracePair(self.content.numbers, self.content.trace)

    def in_language(self, language: str) -> ExplorerContent:
        """What is explored, with everything in one language."""
        return replace(self.content, lang=language)


def own_models(contents: Iterable[ExplorerContent]) -> tuple[OwnModel, ...]:
    """Return the models of a site; models of one class are told apart by their targets."""
    contents = tuple(contents)
    classes = Counter(one.trace.model for one in contents)
    models: list[OwnModel] = []
    for content in contents:
        trace = content.trace
        target = trace.target or trace.model
        title = trace.model if classes[trace.model] == 1 else f"{trace.model} ({target})"
        name = _unused(_address_name(target), {one.name for one in models})
        models.append(OwnModel(name, title, content))
    return tuple(models)


def _address_name(target: str) -> str:
    """``my.py:net --set ch=8`` as a name in addresses: ``my-net-ch-8``."""
    spec = TargetSpec.from_text(target)
    words = [spec.target.replace(".py:", ":").removesuffix(".gz").removesuffix(".json")]
    words += [f"{name}-{value}" for name, value in (*spec.settings.items(), *spec.inputs.items())]
    return NOT_IN_ADDRESSES.sub("-", " ".join(words).lower()).strip("-") or "model"


def _unused(name: str, used: set[str]) -> str:
    numbered = (f"{name}-{number}" for number in range(2, len(used) + 3))
    return name if name not in used else next(one for one in numbered if one not in used)
