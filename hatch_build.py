"""What the build adds to the metadata: the project's URLs, and a README whose links are absolute.

They are made from the settings `repository` and `site` in pyproject.toml.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

RELATIVE = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#)([^)\s]+)\)")
"""A link or an image of Markdown that leads to a file of the repository."""


class RepositoryLinks(MetadataHookInterface):
    """Sets the fields `urls` and `readme`."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the fields from the address of the repository and the version."""
        repository = self.config["repository"].rstrip("/")
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        tag = f"v{metadata['version']}"
        metadata["urls"] = project_urls(repository, self.config["site"].rstrip("/"))
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": absolute_links(text, repository, tag),
        }


def project_urls(repository: str, site: str) -> dict[str, str]:
    """Return the project's URLs, under the labels that package indexes know.

    The documentation is the published site, or its sources if none is published.
    """
    return {
        "Repository": repository,
        "Documentation": site or f"{repository}/blob/main/docs/en/tool.md",
        "Changelog": f"{repository}/blob/main/CHANGELOG.md",
        "Issues": f"{repository}/issues",
    }


def absolute_links(text: str, repository: str, tag: str) -> str:
    """Return Markdown in which every link to a file leads to that file in the repository.

    >>> absolute_links("see [NOTICE](NOTICE)", "https://example.org/me/unet", "v1")
    'see [NOTICE](https://example.org/me/unet/blob/v1/NOTICE)'
    """

    def absolute(match: re.Match[str]) -> str:
        mark, label, path = match.groups()
        return f"{mark}[{label}]({repository}/{'raw' if mark else 'blob'}/{tag}/{path})"

    return RELATIVE.sub(absolute, text)
