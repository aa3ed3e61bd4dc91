"""Every call of a module during a run: a tree of calls, with what went in and what came out."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

from torch import Tensor, nn

from tracer.from_torch.capture.op_recorder import OpRecorder
from tracer.from_torch.capture.operation import Scope
from tracer.from_torch.capture.pytree import operands
from tracer.record import Value


@dataclass(slots=True)
class Call:
    """One call of one module. `first` and `last` bound the operations that ran meanwhile."""

    call: str
    path: str
    module: nn.Module
    inputs: tuple[Value, ...]
    first: int
    last: int = 0
    outputs: tuple[Value, ...] = ()
    children: list[Call] = field(default_factory=list)


def uncompiled(model: nn.Module) -> nn.Module:
    """The module inside the wrapper that `torch.compile` puts around one."""
    return getattr(model, "_orig_mod", model)


class CallTree:
    """Watches the modules of one model, and tells the recorder which block is running.

    `root` is the first call of all, the model's own; None until it happened.
    """

    def __init__(self, recorder: OpRecorder, paths: dict[nn.Module, str]) -> None:
        self.root: Call | None = None
        self.failed: tuple[BaseException, str] | None = None
        """The last exception that left a module, and the call that it left first."""
        self._recorder = recorder
        self._paths = {module: path.replace("._orig_mod", "") for module, path in paths.items()}
        self._counts: Counter[str] = Counter()
        self._open: list[Call] = []
        self._begun: nn.Module | None = None
        """The module whose class says itself how it is called, until it asks `nn.Module` to."""

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Inside, each call of a module in this thread is recorded.

        `nn.Module.__call__` is replaced meanwhile, as `torch.fx.symbolic_trace` does it, and so is
        that of each class that has its own. Hooks would leave a mark on the user's modules, and the
        global ones do not see keywords.
        """
        thread = threading.get_ident()
        before = {kind: vars(kind)["__call__"] for kind in self._callables()}
        convert = nn.Module._apply
        nn.Module._apply = _apply  # type: ignore[method-assign]
        try:
            for kind, original in before.items():
                kind.__call__ = self._watching(original, thread)  # type: ignore[method-assign]
            yield
        finally:
            for kind, original in before.items():
                kind.__call__ = original  # type: ignore[method-assign]
            nn.Module._apply = convert  # type: ignore[method-assign]

    def _callables(self) -> set[type[nn.Module]]:
        """The classes of the model, and those that they are made of, that say how to call one."""
        kinds = {kind for module in self._paths for kind in type(module).__mro__}
        return {kind for kind in kinds if issubclass(kind, nn.Module) and "__call__" in vars(kind)}

    def _watching(self, original: Any, thread: int) -> Any:
        """A `__call__` that notes the call in this thread, unless it was begun as another's."""
        own = original is not nn.Module.__call__

        def run(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != thread or self._recorder.asked:
                return original(module, *args, **kwargs)
            inner = uncompiled(module)
            if inner is not module:
                self._paths[inner] = self._path(module)
                return inner(*args, **kwargs)
            forward: Any = partial(original, module) if own else module._call_impl
            if self._begun is not module:
                return self.call(module, forward, args, kwargs, own=own)
            self._begun = module if own else None
            return forward(*args, **kwargs)

        return run

    def call(
        self, module: nn.Module, forward: Any, args: Any, kwargs: Any, *, own: bool = False
    ) -> Any:
        """Run one module (never a compiled version of it), and note the call."""
        before, begun = self._recorder.scope, self._begun
        call = self._enter(module, (*args, *kwargs.values()))
        self._begun = module if own else None
        try:
            result = forward(*args, **kwargs)
            call.outputs = self._values(result)
        except BaseException as error:
            if self.failed is None or self.failed[0] is not error:
                self.failed = (error, call.call)
            raise
        else:
            return result
        finally:
            call.last = len(self._recorder.operations)
            self._recorder.scope, self._begun = before, begun
            self._open.pop()

    def _enter(self, module: nn.Module, inputs: Any) -> Call:
        path = self._path(module)
        name = f"{path}@{self._counts[path]}" if self._counts[path] else path
        self._counts[path] += 1
        call = Call(name, path, module, self._values(*inputs), len(self._recorder.operations))
        if self._open:
            self._open[-1].children.append(call)
        else:
            self.root = call
        self._open.append(call)
        self._recorder.scope = Scope(name, path, type(module), self._recorder.scope)
        return call

    def _path(self, module: nn.Module) -> str:
        found = self._paths.get(module)
        if found is None:
            parent = self._open[-1] if self._open else None
            found = self._paths[module] = self._unregistered_path(module, parent)
        return found

    def _unregistered_path(self, module: nn.Module, parent: Call | None) -> str:
        """A path for a module that PyTorch does not know: kept in a plain list, or just made."""
        name = parent and _name_in(parent.module, module)
        stem = f"{parent.path if parent else ''}.{name or f'<{type(module).__name__}>'}".lstrip(".")
        taken = set(self._paths.values())
        numbered = (f"{stem}#{number}" for number in count(2))
        return stem if stem not in taken else next(path for path in numbered if path not in taken)

    def _values(self, *items: Any) -> tuple[Value, ...]:
        values = self._recorder.values
        return tuple(values.of(self._recorder.adopt(tensor)) for tensor in operands(items, {}))


class NullCallTree(CallTree):
    """Lets the calls of all modules pass, where it does not matter which block ran what."""

    def call(
        self, module: nn.Module, forward: Any, args: Any, kwargs: Any, *, own: bool = False
    ) -> Any:
        """Run one module, and never a compiled version of it."""
        try:
            result = forward(*args, **kwargs)
        except BaseException as error:
            if self.failed is None or self.failed[0] is not error:
                self.failed = (error, self._paths.get(module, ""))
            raise
        for tensor in operands((result,), {}):
            self._recorder.adopt(tensor)
        return result


def _apply(module: nn.Module, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> nn.Module:
    """`nn.Module._apply`, by which a module converts itself, for parameters that were lent.

    PyTorch's own exchanges the data of a parameter, and a tensor without data has none.
    """
    for child in module.children() if recurse else ():
        child._apply(fn)
    for held in (module._parameters, module._buffers):
        for key, old in held.items():
            new = None if old is None else fn(old)
            if new is not None and new is not old:
                if isinstance(old, nn.Parameter):
                    new._is_param = True
                held[key] = new  # type: ignore[assignment]
    return module


def _name_in(owner: nn.Module, module: nn.Module) -> str | None:
    """Where `owner` keeps `module` in a plain attribute: ``"blocks.0"`` for a list `blocks`."""
    for name, held in vars(owner).items():
        if held is module:
            return name
        for key, element in _elements(held):
            if element is module:
                return str(key) if name == "_modules" else f"{name}.{key}"
    return None


def _elements(held: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(held, (list, tuple)):
        return enumerate(held)
    return held.items() if isinstance(held, dict) else ()
