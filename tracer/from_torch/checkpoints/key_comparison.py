"""Compares a model with a checkpoint, by what the model itself makes of the file's keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from torch import nn

from tracer.from_torch.checkpoints.checkpoint_reader import Checkpoint, read_checkpoint, state_of
from tracer.from_torch.checkpoints.trial_load import try_load
from tracer.snapshot.diff.state_dict_comparison import StateDictComparison, compare_state_dicts


def compare_checkpoint(
    model: nn.Module, file: Path, prefix: str = "", within: str | None = None
) -> StateDictComparison:
    """Return which keys of a checkpoint do not fit a model. Only shapes are read.

    Args:
        model: The model; it is not changed.
        file: A ``.safetensors`` file, an ``.index.json``, or what `torch.save` wrote.
        prefix: Only keys with this prefix are compared, without it.
        within: The dict to read, if the file holds several.

    Raises:
        TraceError: The file is no checkpoint, or does not say which dict to read.
    """
    checkpoint = read_checkpoint(file, within)
    loaded = try_load(model, checkpoint, prefix)
    by_name = compare_state_dicts(state_of(model), checkpoint.tensors, prefix)
    verdict = compare_state_dicts(loaded.model, loaded.file)
    return replace(
        verdict,
        hint=by_name.hint if verdict.problems else None,
        renamed=loaded.renamed,
        errors=loaded.errors,
        origin=_origin(checkpoint, file.name),
    )


def _origin(checkpoint: Checkpoint, name: str) -> str:
    """Which dict of a file was compared, where the file holds more."""
    if not checkpoint.within:
        return ""
    others = ", ".join(checkpoint.others)
    rest = f"; {name} also holds {others}" if others else ""
    return f'The tensors are those of "{checkpoint.within}"{rest}.'
