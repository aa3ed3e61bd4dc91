"""What is to be traced, as data: a target, its settings and inputs, names of axes, the mode."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from tracer.errors import TraceError, shortened

Mode = Literal["training", "evaluation"]
Texts = Mapping[str, str]
Dims = Mapping[str, Sequence[str | int]]
"""Names for the axes of inputs: names, numbers, or formulas of names such as ``"B*T"``.

An input that is named without axes has its axes proposed."""

OPTIONS = (
    "--set NAME=VALUE, --input NAME=SHAPE, --size SIZE, --batch N, --symbolic, --dims "
    "NAME=AXIS,..., --vary NAME, --train and --eval"
)
MAX_TARGET_LENGTH = 20_000
"""Characters of a target with its options."""
SIZE_TEXT = re.compile(r"[1-9]\d{0,9}(?:[x×][1-9]\d{0,9}){0,7}", re.ASCII)
BATCH_TEXT = re.compile(r"[1-9]\d{0,9}", re.ASCII)
MODE_OPTIONS: Mapping[str, Mode] = {"--train": "training", "--eval": "evaluation"}
"""How each mode is asked for."""


@dataclass(frozen=True, slots=True)
class TargetSpec:
    """What is to be traced. Its text is what follows ``unet-trace show`` on a command line.

    Attributes:
        target: The name of a preset, ``package.module:name``, ``path/file.py:name``, or the path
            of a saved trace.
        settings: Constructor arguments, as texts by name.
        inputs: Inputs such as ``1x3x256x256``, as texts by name.
        symbolic: Whether sizes are to be formulas; so they are with `dims` or `vary` too.
        dims: Names for the axes of inputs.
        vary: Constructor arguments that channels are to be formulas of.
        size: The size of the images among the inputs that are not given: one number for all
            directions, or one for each; nothing if the model is to say.
        batch: The batch size of the inputs that are not given; 0 if it follows from the others.
        mode: The mode that the model is run in. None is evaluation for a model that is built from
            a class or a function, and its own mode for one that is there already.

    >>> spec = TargetSpec("my_unet.py:UNet", settings={"name": "two words"}, vary=("ch",))
    >>> print(spec)
    my_unet.py:UNet --set 'name=two words' --vary ch
    >>> TargetSpec.parse(str(spec)) == spec
    True
    """

    target: str = ""
    settings: Texts = field(default_factory=dict, hash=False)
    inputs: Texts = field(default_factory=dict, hash=False)
    symbolic: bool = False
    dims: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    vary: tuple[str, ...] = ()
    mode: Mode | None = None
    size: tuple[int, ...] = ()
    batch: int = 0

    @classmethod
    def parse(cls, text: str) -> TargetSpec:
        """Return the request that a text such as ``my_unet.py:UNet --set ch=64`` writes.

        Raises:
            TraceError: Something other than a target and its options stands in the text.
        """
        if len(text) > MAX_TARGET_LENGTH:
            raise TraceError(f"A target is longer than {MAX_TARGET_LENGTH:,} characters.")
        try:
            target, *rest = shlex.split(text) or [""]
        except ValueError:
            raise _not_understood(text) from None
        spec = cls(target)
        words = iter(rest)
        for word in words:
            option, equals, value = word.partition("=")
            if option == "--symbolic" and not equals:
                spec = replace(spec, symbolic=True)
            elif word in MODE_OPTIONS:
                spec = replace(spec, mode=MODE_OPTIONS[word])
            else:
                spec = spec._with(option, value if equals else next(words, ""), text)
        return spec

    @classmethod
    def from_text(cls, text: str) -> TargetSpec:
        """Return the request that a text writes or, of any other text, one that names just that."""
        try:
            return cls.parse(text)
        except TraceError:
            return cls(text)

    def _with(self, option: str, value: str, text: str) -> TargetSpec:
        if option == "--size":
            return replace(self, size=size_of(value))
        if option == "--batch":
            return replace(self, batch=batch_of(value))
        name, equals, rest = value.partition("=")
        if option == "--vary" and name and not equals:
            return replace(self, vary=(*self.vary, name))
        if not (name and equals):
            raise _not_understood(text)
        match option:
            case "--set":
                return replace(self, settings={**self.settings, name: rest})
            case "--input":
                return replace(self, inputs={**self.inputs, name: rest})
            case "--dims":
                return replace(self, dims={**self.dims, name: axes_of(rest)})
        raise _not_understood(text)

    def with_options(
        self, inputs: Texts, settings: Texts, dims: Dims, mode: Mode | None
    ) -> TargetSpec:
        """Return the request with further options, which replace those of the same names."""
        return replace(
            self,
            inputs={**self.inputs, **inputs},
            settings={**self.settings, **settings},
            dims={**self.dims, **{name: tuple(map(str, axes)) for name, axes in dims.items()}},
            mode=mode or self.mode,
        )

    def __str__(self) -> str:
        return shlex.join(self._words()) if self.target else ""

    def _words(self) -> Iterator[str]:
        yield self.target
        for option, pairs in (("--set", self.settings), ("--input", self.inputs)):
            for name, text in pairs.items():
                yield from (option, f"{name}={text}")
        if self.size:
            yield from ("--size", "x".join(map(str, self.size)))
        if self.batch:
            yield from ("--batch", str(self.batch))
        if self.symbolic and not (self.dims or self.vary):
            yield "--symbolic"
        for name, axes in self.dims.items():
            yield from ("--dims", f"{name}={','.join(axes)}")
        for name in self.vary:
            yield from ("--vary", name)
        yield from (option for option, mode in MODE_OPTIONS.items() if mode == self.mode)

    @property
    def asks_for_inputs(self) -> bool:
        """Whether anything was said about the inputs."""
        return bool(self.inputs or self.size or self.batch)

    def without_inputs(self) -> TargetSpec:
        """Return the request without what it says about the inputs."""
        return replace(self, inputs={}, size=(), batch=0)

    @property
    def in_formulas(self) -> bool:
        """Whether sizes are to be formulas."""
        return self.symbolic or bool(self.dims or self.vary)

    @property
    def is_saved_trace(self) -> bool:
        """Whether the target is a file that holds a trace, so that no model is run."""
        path = Path(self.target)
        is_code = ":" in self.target or path.suffix == ".py"
        is_trace = path.name.endswith((".json", ".json.gz"))
        return is_trace or (not is_code and path.is_file())

    def inside(self, folder: Path) -> TargetSpec:
        """Return the request with a target that is a file looked up from a folder."""
        file, colon, name = self.target.partition(":")
        is_file = file.endswith((".py", ".json", ".json.gz"))
        return replace(self, target=f"{folder / file}{colon}{name}") if is_file else self

    def in_formulas_like(self, other: TargetSpec) -> TargetSpec:
        """Return the request for formulas of the same names as another's."""
        return replace(self, symbolic=other.symbolic, dims=other.dims, vary=other.vary)


def axes_of(text: str) -> tuple[str, ...]:
    """Return the axes that ``B,3,H,W`` names; an empty text names none."""
    return tuple(axis.strip() for axis in text.split(",")) if text else ()


def size_of(text: str) -> tuple[int, ...]:
    """Return the size that ``512`` or ``256x512`` writes.

    Raises:
        TraceError: It writes none.

    >>> size_of("512"), size_of("256x512")
    ((512,), (256, 512))
    """
    if not SIZE_TEXT.fullmatch(text):
        raise TraceError(f"--size {shortened(text)}: a size is a number, or several as 256x512.")
    return tuple(map(int, re.split("[x×]", text)))


def batch_of(text: str) -> int:
    """Return the batch size that a text writes. Raises TraceError if it writes none."""
    if not BATCH_TEXT.fullmatch(text):
        raise TraceError(f"--batch {shortened(text)}: a batch size is a number from 1 on.")
    return int(text)


def _not_understood(text: str) -> TraceError:
    return TraceError(
        f'"{shortened(text)}" is not understood. A target may be followed by {OPTIONS}.'
    )
