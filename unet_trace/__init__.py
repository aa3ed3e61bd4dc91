"""The public names of unet-trace, under a name that no other distribution uses.

`tracer` is a name that other distributions and projects use, too. Here `tracer` of unet-trace is
imported at first use, also where another `tracer.py` comes first on the search path.

>>> import unet_trace as tracer
>>> "trace" in dir(tracer)
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING as _TYPE_CHECKING

if _TYPE_CHECKING:
    from typing import Any

    from tracer import *  # noqa: F403
    from tracer import load_ipython_extension as load_ipython_extension
    from tracer import unload_ipython_extension as unload_ipython_extension

    __version__: str


def __getattr__(name: str) -> Any:
    # imported here: until this module is imported, the command cannot report a signal
    from unet_trace.own_packages import import_own

    if name.startswith("__") and name not in ("__all__", "__version__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        found = getattr(import_own("tracer"), name)
    except AttributeError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    from unet_trace.own_packages import import_own

    return sorted(import_own("tracer").__all__)
