"""The reference model with one thing changed in its source: what a check has to notice, or not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import reference_model

SOURCE = Path(reference_model.__file__).parent
NETWORK = """
from reference_model.config import Config
from reference_model.inputs import example_inputs
from reference_model.model import Model

CONFIG = Config(
    ch=32, out_ch=3, ch_mult=(1, 2, 2), num_res_blocks=2, attn_resolutions=(8,), in_channels=3,
    resolution=16, dropout=0.1,
)


def network():
    return Model(**CONFIG.keywords()), example_inputs(CONFIG)
"""


@dataclass(frozen=True)
class Edit:
    """What stands in a file of the reference model, how often, and what stands there instead."""

    file: str
    old: str
    new: str
    times: int = 1


def write(folder: Path, package: str, *edits: Edit) -> str:
    """A copy of the reference model under another name, and the target that traces it."""
    copy = folder / package
    copy.mkdir()
    texts = {path.name: path.read_text(encoding="utf-8") for path in SOURCE.glob("*.py")}
    texts["network.py"] = NETWORK
    for edit in edits:
        found = texts[edit.file].count(edit.old)
        assert found == edit.times, f"{edit.file} has this {found} times: {edit.old}"
        texts[edit.file] = texts[edit.file].replace(edit.old, edit.new)
    for name, text in texts.items():
        (copy / name).write_text(text.replace("reference_model", package), encoding="utf-8")
    return f"{package}.network:network"
