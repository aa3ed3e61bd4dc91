"""The presets of the reference model, also where another `reference_model.py` comes first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from unet_trace.own_packages import import_own

if TYPE_CHECKING:
    from reference_model.config import Preset

PRESETS: Mapping[str, Preset] = import_own("reference_model.config").PRESETS
