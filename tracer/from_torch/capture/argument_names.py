"""The names that a ``forward`` has for the tensors of a call."""

from __future__ import annotations

from inspect import unwrap
from itertools import zip_longest

from tracer.escapes import escape_name
from tracer.from_torch.capture.pytree import operands
from tracer.from_torch.capture.recorded_op import Arguments, Keywords


class ArgumentNames:
    """Knows the positional arguments of each class of one run."""

    def __init__(self) -> None:
        self._known: dict[type, tuple[str, ...]] = {}

    def of_inputs(self, kind: type, args: Arguments, kwargs: Keywords) -> tuple[str, ...]:
        """Return the name of the argument that each tensor is in; empty where it has none.

        Args:
            kind: The class of the module.
            args: The positional arguments of the call.
            kwargs: Its keywords.
        """
        names = self._known.get(kind)
        if names is None:
            names = self._known[kind] = positional_names(kind)
        pairs = (*zip_longest(names[: len(args)], args, fillvalue=""), *kwargs.items())
        return tuple(escape_name(name) for name, item in pairs for _ in operands((item,), {}))


def positional_names(kind: type) -> tuple[str, ...]:
    """Return the names of the positional arguments of the ``forward`` of a class.

    >>> from torch import nn
    >>> positional_names(nn.Conv2d), positional_names(nn.Module)
    (('input',), ())
    """
    code = getattr(unwrap(getattr(kind, "forward", positional_names)), "__code__", None)
    return code.co_varnames[1 : code.co_argcount] if code else ()
