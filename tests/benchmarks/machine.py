"""What the numbers were measured on: the machine, Python, and the versions of the packages."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.contenders import CONTENDERS

PACKAGES = ("torch", "diffusers", "mkdocs-material", "graphviz-pure", "rich")


@dataclass(frozen=True)
class Machine:
    """The machine by its processor and cores, and the versions by package."""

    processor: str
    cores: int
    system: str
    python: str
    packages: dict[str, str]


def this_machine() -> Machine:
    """The one that this runs on."""
    peers = {one.package for one in CONTENDERS} - {"unet-trace"}
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 0,
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        packages={name: version(name) for name in sorted(peers | set(PACKAGES))},
    )


def _processor() -> str:
    """The name that Linux has for it; elsewhere the kind of machine."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
