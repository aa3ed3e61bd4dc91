"""A project of somebody else: its documentation has a page with three blocks that show a model."""

from __future__ import annotations

from pathlib import Path

CONFIG = """\
site_name: Somebody else's
theme: {{name: material, font: false}}
use_directory_urls: false
markdown_extensions:
  - admonition
  - pymdownx.superfences
  - {extension}
"""
PAGE = """\
---
title: A page
---

# Their model

```unet-trace
target: {target}
show: map, stack
```

Inside a note:

!!! note

    ```unet-trace
    target: {target}
    show: source, stack
    lang: ko
    ```

Another size:

```unet-trace
target: {target}
size: 32
show: tables
depth: 1
```
"""


def write_foreign_project(folder: Path, target: str, extension: str = "unet_trace") -> None:
    """Write the documentation of the project.

    Args:
        folder: The folder of the project.
        target: The model.
        extension: The extension by its entry point, or by its module where that is not installed.
    """
    (folder / "docs").mkdir()
    (folder / "mkdocs.yml").write_text(CONFIG.format(extension=extension), encoding="utf-8")
    (folder / "docs" / "index.md").write_text(PAGE.format(target=target), encoding="utf-8")
