"""The reference model with one thing changed in its source: what a check has to notice, or not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import reference_model

SOURCE = Path(reference_model.__file__).parent
NETWORK = """
from {package}.config import Config
from {package}.inputs import example_inputs
from {package}.model import Model

CONFIG = Config(
    ch=32, out_ch=3, ch_mult=(1, 2, 2), num_res_blocks=2, attn_resolutions=(8,), in_channels=3,
    resolution=16,
)


def network():
    return Model(**CONFIG.keywords()), example_inputs(CONFIG)
"""


@dataclass(frozen=True)
class Edit:
    """One place in a file of the reference model, and what stands there instead."""

    file: str
    old: str
    new: str


def write(folder: Path, package: str, *edits: Edit) -> str:
    """A copy of the reference model under another name, and the target that traces it."""
    copy = folder / package
    copy.mkdir()
    for path in SOURCE.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        for edit in edits:
            if edit.file == path.name:
                assert text.count(edit.old) == 1, f"{path.name} has this not once: {edit.old}"
                text = text.replace(edit.old, edit.new)
        (copy / path.name).write_text(text.replace("reference_model", package), encoding="utf-8")
    network = copy / "network.py"
    network.write_text(NETWORK.format(package=package), encoding="utf-8")
    return f"{package}.network:network"
