"""The extension for Python-Markdown, with `tracer` of unet-trace whatever else has that name.

    markdown_extensions:
      - unet_trace

Then a block on a page that begins with ```unet-trace becomes an explorer of a model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unet_trace.own_packages import import_own

if TYPE_CHECKING:
    from tracer.site.blocks.block_extension import ExplorerBlocks as ExplorerBlocks


def makeExtension(**settings: Any) -> ExplorerBlocks:  # noqa: N802 - the name that is called
    """Return the extension with these settings."""
    module = import_own("tracer.site.blocks.block_extension")
    extension: ExplorerBlocks = module.ExplorerBlocks(**settings)
    return extension
