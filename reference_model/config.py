"""The keywords of `Model` as one frozen value, and the published configurations by name.

Torch is not imported here, so that a command line can list the presets in no time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any

UPSTREAM = (
    "https://github.com/CompVis/latent-diffusion/blob/"
    "a506df5756472e2ebaf9078affdde2c4f1502cd4/ldm/modules/diffusionmodules/model.py"
)
"""The file whose classes this package re-implements, at the commit that line numbers refer to."""

NUM_GROUPS = 32
"""Groups of every `GroupNorm` of the model, so each width is a multiple of it (model.py L38-39)."""

ATTN_TYPES = ("vanilla", "linear", "none")
"""The kinds of attention that `make_attn` knows (model.py L205-213)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The keywords of `reference_model.Model`, under upstream's names (model.py L217-219).

    - `ch`: channels of the first feature map; every other width is a multiple of it.
    - `out_ch`: channels of the output, usually those of the image.
    - `ch_mult`: one factor per level, finest level first; level i is ``ch * ch_mult[i]`` wide.
    - `num_res_blocks`: residual blocks of a level on the way down; the way up has one more.
    - `attn_resolutions`: side lengths, in pixels, at which attention follows each residual block.
    - `dropout`: probability that a residual block drops an activation while training.
    - `resamp_with_conv`: whether resampling is learned, or only averages and repeats pixels.
    - `in_channels`: channels of the input; those of a concatenated `context` count too.
    - `resolution`: side length of the input in pixels. It says which levels `attn_resolutions`
      means, and nothing more: other sizes run.
    - `use_timestep`: whether the model is conditioned on a timestep `t`.
    - `use_linear_attn`: says ``attn_type="linear"``, whatever `attn_type` says.
    - `attn_type`: "vanilla" (softmax over all pixels), "linear" or "none".

    Raises a ValueError that lists every value that could not work. Whatever runs upstream is
    accepted here, down to resolutions that do not halve evenly.
    """

    ch: int
    out_ch: int
    ch_mult: Sequence[int] = (1, 2, 4, 8)
    num_res_blocks: int
    attn_resolutions: Collection[int]
    dropout: float = 0.0
    resamp_with_conv: bool = True
    in_channels: int
    resolution: int
    use_timestep: bool = True
    use_linear_attn: bool = False
    attn_type: str = "vanilla"

    def __post_init__(self) -> None:
        for name in ("ch_mult", "attn_resolutions"):
            object.__setattr__(self, name, _as_tuple(name, getattr(self, name)))
        if problems := list(_problems(self)):
            raise ValueError("\n".join(problems))

    def keywords(self) -> dict[str, Any]:
        """Every keyword with its value, ready for ``Model(**config.keywords())``."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def override(self, **changes: Any) -> Config:
        """The same configuration with other values for some keywords.

        Raises a ValueError for a keyword that the model does not have.
        """
        return configure(**{**self.keywords(), **changes})

    def width(self, i_level: int) -> int:
        """Channels that the residual blocks of level `i_level` put out; -1 stands for conv_in."""
        return self.ch * (1, *self.ch_mult)[i_level + 1]

    @property
    def mid_width(self) -> int:
        """Channels at the bottom of the U; without residual blocks nothing has widened them."""
        return self.width(len(self.ch_mult) - 1 if self.num_res_blocks else -1)

    def attends_down(self, i_level: int) -> bool:
        """Whether attention follows the blocks of this level on the way down."""
        return self.resolution // 2**i_level in self.attn_resolutions

    def attends_up(self, i_level: int) -> bool:
        """Whether attention follows the blocks of this level on the way up.

        The way up doubles what the way down has halved and rounded down: a resolution of 37 counts
        37, 18, 9 on the way down, and 9, 18, 36 on the way up.
        """
        coarsest = len(self.ch_mult) - 1
        curr_res = self.resolution // 2**coarsest * 2 ** (coarsest - i_level)
        return curr_res in self.attn_resolutions

    @property
    def attention(self) -> str:
        """The kind of attention in force, once `use_linear_attn` has had its say."""
        return "linear" if self.use_linear_attn else self.attn_type


@dataclass(frozen=True, slots=True)
class Preset:
    """A published configuration: its name, what it is, its keywords, and where they come from.

    `parameters` is how many the model has, as counted. `target` names, as ``package:name``, a
    callable that takes the keywords and returns the model and inputs for it.
    """

    name: str
    summary: str
    config: Config
    parameters: int
    source: str
    url: str
    target: str = "reference_model:example"

    def keywords(self) -> dict[str, Any]:
        """What `target` is called with."""
        return self.config.keywords()


def configure(**keywords: Any) -> Config:
    """The configuration of those keywords; a ValueError for one that the model does not have."""
    known = [field.name for field in fields(Config)]
    for name in keywords:
        _require_known("keyword of the model", name, known)
    return Config(**keywords)


def preset(name: str) -> Preset:
    """The preset of that name; a ValueError that names the others when there is none."""
    _require_known("preset", name, PRESETS)
    return PRESETS[name]


def _require_known(what: str, name: str, known: Iterable[str]) -> None:
    known = list(known)
    if name in known:
        return
    near = get_close_matches(name, known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(known)}."
    raise ValueError(f"{name!r} is not a {what}. {hint}")


def _as_tuple(name: str, value: object) -> tuple[Any, ...]:
    if isinstance(value, Iterable) and not isinstance(value, str):
        return tuple(value)
    raise ValueError(f"{name}={value!r}: give a sequence of whole numbers, such as ({value},).")


def _problems(config: Config) -> Iterator[str]:
    yield from _width_problems(config)
    yield from _level_problems(config)
    if not _is_number(config.dropout) or not 0 <= config.dropout <= 1:
        yield f"dropout={config.dropout!r}: give a probability, from 0 to 1."
    if config.attention not in ATTN_TYPES:
        yield unknown_attention(config.attn_type)


def _width_problems(config: Config) -> Iterator[str]:
    if not _is_whole(config.ch, at_least=1) or config.ch % NUM_GROUPS:
        yield (
            f"ch={config.ch!r}: every normalization splits its channels into {NUM_GROUPS} groups, "
            f"so give a positive multiple of {NUM_GROUPS}."
        )
    for name in ("in_channels", "out_ch"):
        value = getattr(config, name)
        if not _is_whole(value, at_least=1):
            yield f"{name}={value!r}: give a whole number of channels, 1 or more."


def _level_problems(config: Config) -> Iterator[str]:
    ch_mult, blocks = config.ch_mult, config.num_res_blocks
    if not ch_mult or not all(_is_whole(factor, at_least=1) for factor in ch_mult):
        yield f"ch_mult={ch_mult!r}: give each level a whole factor, 1 or more: (1, 2, 2), say."
    if not _is_whole(blocks, at_least=0):
        yield f"num_res_blocks={blocks!r}: give a whole number of blocks per level, usually 2."
    elif blocks == 0 and any(factor != 1 for factor in ch_mult[:-1]):
        yield (
            f"num_res_blocks=0 with ch_mult={ch_mult!r}: only residual blocks can widen a level on "
            "the way down, so give num_res_blocks=1 or more."
        )
    if not _is_number(config.resolution):
        yield f"resolution={config.resolution!r}: give one number, the side length in pixels."


def _is_number(value: object) -> bool:
    return isinstance(value, Real)


def _is_whole(value: object, *, at_least: int) -> bool:
    return isinstance(value, Integral) and int(value) >= at_least


def unknown_attention(attn_type: object) -> str:
    """What to tell someone who asked for a kind of attention that there is not."""
    return f"attn_type={attn_type!r}: give one of {', '.join(map(repr, ATTN_TYPES))}."


_DDPM = "https://github.com/hojonathanho/diffusion/blob/1e0dceb3b3495bbe19116a5e1b3596cd0706c543"
_PAPER = "DDPM (Ho, Jain and Abbeel 2020, arXiv 2006.11239), appendix B"

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        entry.name: entry
        for entry in (
            Preset(
                name="ddpm-cifar10",
                summary="DDPM for CIFAR-10: 32 x 32 pixels, four levels, attention at 16 x 16",
                config=Config(
                    ch=128,
                    out_ch=3,
                    ch_mult=(1, 2, 2, 2),
                    num_res_blocks=2,
                    attn_resolutions=(16,),
                    dropout=0.1,
                    in_channels=3,
                    resolution=32,
                ),
                parameters=35_746_307,
                source=f"{_PAPER}, which says 35.7 million parameters; scripts/run_cifar.py",
                url=f"{_DDPM}/scripts/run_cifar.py",
            ),
            Preset(
                name="ddpm-celebahq-256",
                summary="DDPM for CelebA-HQ: 256 x 256 pixels, six levels, attention at 16 x 16",
                config=Config(
                    ch=128,
                    out_ch=3,
                    ch_mult=(1, 1, 2, 2, 4, 4),
                    num_res_blocks=2,
                    attn_resolutions=(16,),
                    dropout=0.0,
                    in_channels=3,
                    resolution=256,
                ),
                parameters=113_673_219,
                source=f"{_PAPER}, which says 114 million parameters; scripts/run_celebahq.py",
                url=f"{_DDPM}/scripts/run_celebahq.py",
            ),
            Preset(
                name="compvis-default",
                summary="The class's own defaults: four levels, 1024 channels at the bottom",
                config=Config(
                    ch=128,
                    out_ch=3,
                    num_res_blocks=2,
                    attn_resolutions=(16,),
                    in_channels=3,
                    resolution=32,
                ),
                parameters=227_500_803,
                source=(
                    "ch_mult 1-2-4-8 and no dropout are the defaults of CompVis latent-diffusion's "
                    "Model; what has no default there is as in DDPM's scripts/run_cifar.py"
                ),
                url=f"{UPSTREAM}#L217-L219",
            ),
            Preset(
                name="tiny",
                summary="The same architecture, very small: three levels, attention at one of them",
                config=Config(
                    ch=32,
                    out_ch=3,
                    ch_mult=(1, 2, 2),
                    num_res_blocks=1,
                    attn_resolutions=(8,),
                    in_channels=3,
                    resolution=16,
                ),
                parameters=1_113_955,
                source="made for this project's tests and examples; nobody has trained it",
                url=f"{UPSTREAM}#L216-L362",
            ),
        )
    }
)
"""The published configurations, by name."""
