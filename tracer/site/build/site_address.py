"""The address at which the site is published: a setting in pyproject.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tracer.errors import SiteError

TABLE = ("tool", "hatch", "metadata", "hooks", "custom")


def read_site_address(root: Path) -> str:
    """Return the address without a slash at its end, or an empty string if it is not set.

    Args:
        root: The folder of the project.

    Raises:
        SiteError: The setting is not an address.
    """
    file = root / "pyproject.toml"
    settings: dict[str, Any] = {}
    if file.is_file():
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    for key in TABLE:
        settings = settings.get(key, {})
    address = str(settings.get("site", "")).rstrip("/")
    if address and (urlsplit(address).scheme not in {"http", "https"} or '"' in address):
        raise SiteError(
            f"{file}: site is {address!r}, which is not an address such as "
            "https://example.org/unet-trace. Set it with `make address SITE=...`, or empty it."
        )
    return address
