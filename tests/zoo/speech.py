"""UNets that clean speech: waveforms in, normalized by their own deviation, and waveforms out."""

from __future__ import annotations

from torch import nn

from tests.zoo.specimens import SKIPS, numbers, pairs, specimen

# What the encoder pushes last is popped first, and added to what the LSTM made of it.
STACK = pairs([f"encoder.{n}" for n in range(3)], [f"decoder.{n}" for n in range(3)], "add")
FAULTS = {SKIPS: "a skip that is added at the lowest resolution is not found"}


# The waveform is divided by its own standard deviation, and the output is multiplied with it. Each
# skip is cropped to the length of what comes up.
@specimen(
    "denoiser", "audio, 1-D", numbers(1, 1, 512), skips=STACK, lists={"skips": 3}, faults=FAULTS
)
def denoiser() -> nn.Module:
    from denoiser.demucs import Demucs

    return Demucs(hidden=8, depth=3, resample=2)


# The input itself is divided in place. The list is reversed and read by index, never popped.
@specimen(
    "cleanunet",
    "audio, 1-D",
    numbers(1, 1, 256),
    skips=STACK,
    lists={"skip_connections": 3},
    faults=FAULTS,
)
def cleanunet() -> nn.Module:
    from cleanunet.network import CleanUNet

    return CleanUNet(
        channels_H=8,
        encoder_n_layers=3,
        tsfm_n_layers=1,
        tsfm_n_head=2,
        tsfm_d_model=16,
        tsfm_d_inner=32,
    )
