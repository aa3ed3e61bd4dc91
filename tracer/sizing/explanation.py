"""Why inputs of one size fail, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tracer.analysis.size_rules import Cause, Rule
from tracer.printed_result import DisplayedResult
from tracer.record import Value
from tracer.target_spec import Mode


@dataclass(frozen=True, slots=True)
class Advice:
    """The nearest sizes that work, for a size that does not; None if no run found one."""

    name: str
    size: int
    below: int | None
    above: int | None
    rule: Rule


@dataclass(frozen=True, slots=True)
class Padding:
    """How to pad one input so that it works.

    `pad` are the arguments of ``F.pad``, the last axis first. `crop` is the index that removes the
    padding from a tensor of the padded size.
    """

    input: str
    pad: tuple[int, ...]
    crop: str


@dataclass(frozen=True, slots=True, repr=False)
class Explanation(DisplayedResult):
    """Whether a model works on some inputs, and if not, why and which sizes work.

    Attributes:
        model: The name of its class.
        inputs: The inputs.
        sizes: Their sizes by name.
        axes: The axes of each input that has named ones.
        cause: What ended the run; None if the model works.
        advice: Each size that has to change. The model was run at all sizes `below` together, and
            at all sizes `above`, and works. It is empty if no size was found that works.
        padding: How to pad the inputs to the sizes above.
        works_at: Inputs that work, if no change of size does.
        fitting: Inputs with another shape each, one of which alone makes the model work, where the
            sizes of two inputs do not fit each other.
        target: What the user asked for.
        notes: What the trace notes.
        mode: The mode in which the model was run.
    """

    model: str
    inputs: tuple[Value, ...]
    sizes: Mapping[str, int]
    axes: Mapping[str, tuple[str, ...]]
    cause: Cause | None
    advice: tuple[Advice, ...] = ()
    padding: tuple[Padding, ...] = ()
    works_at: tuple[Value, ...] = ()
    fitting: tuple[Value, ...] = ()
    target: str = ""
    notes: tuple[str, ...] = ()
    mode: Mode | None = None

    @property
    def works(self) -> bool:
        """Whether the model ran to its end."""
        return self.cause is None
