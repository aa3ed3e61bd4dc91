"""The MkDocs plugin, with `tracer` of unet-trace whatever else has that name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs.exceptions import ConfigurationError

from unet_trace.own_packages import OwnPackageError, import_own

if TYPE_CHECKING:
    from tracer.site.build.mkdocs_plugin import SitePlugin as SitePlugin
else:
    try:
        SitePlugin = import_own("tracer.site.build.mkdocs_plugin").SitePlugin
    except OwnPackageError as error:
        raise ConfigurationError(str(error)) from None
