"""Records every call of a module during a run: a tree of calls with their inputs and outputs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any, Protocol

from torch import nn

from tracer.escapes import escape_path
from tracer.from_torch.capture.argument_names import ArgumentNames
from tracer.from_torch.capture.isolation.module_shadow import ModuleShadow
from tracer.from_torch.capture.late_imports import originals_in_late_imports
from tracer.from_torch.capture.lazy_results import observed
from tracer.from_torch.capture.memo.block_memo import BlockMemo
from tracer.from_torch.capture.model_call import forward_of, uncompiled
from tracer.from_torch.capture.module_call import Call
from tracer.from_torch.capture.module_conversion import apply_in
from tracer.from_torch.capture.op_recorder import OpRecorder
from tracer.from_torch.capture.pytree import PyTree, operands
from tracer.from_torch.capture.recorded_op import Arguments, Keywords, ModuleScope
from tracer.from_torch.private_torch import mode_count
from tracer.record import Value

Forward = Callable[..., Any]


class OpenCall(Protocol):
    """A call of a module that has begun and not ended."""

    @property
    def name(self) -> str:
        """How the call is named where an exception leaves it."""

    @property
    def is_known(self) -> bool:
        """Whether the call need not run, because it does what an equal one did."""

    def repeated(self) -> Any:
        """Record what an equal call did, and return the result of this one."""

    def returned(self, result: Any) -> Any:
        """Return the result of the call, which may run on later."""

    def end(self) -> None:
        """End the call, after its result or an exception."""


BeginCall = Callable[["CallTree", nn.Module, Arguments, Keywords, bool], OpenCall]
"""Begins a call of a module with its arguments, by its own `__call__` if the last says so."""


class CallTree:
    """Records the module calls of one model, and tells the recorder which module is running.

    `root` is the model's own call, None before it.
    """

    def __init__(
        self,
        recorder: OpRecorder,
        modules: Mapping[str, nn.Module],
        shadow: ModuleShadow,
        begin: BeginCall,
        memo: BlockMemo | None = None,
    ) -> None:
        """Prepare a run; `memo` knows calls that need not run, unless each one has to."""
        self.root: Call | None = None
        self.last_error: tuple[BaseException, str] | None = None
        """The last exception that left a module, and the innermost call that it left."""
        self.created: list[nn.Module] = []
        """The modules that ran and are not part of the model: the run created them."""
        self.recorder = recorder
        self.custom_call: nn.Module | None = None
        """The module whose own `__call__` runs, until that calls `nn.Module.__call__`."""
        self.modes = 0
        """How many modes of torch there are in a run by themselves."""
        self.memo = memo
        self.shadow = shadow
        self._begin = begin
        self._paths = {
            shadow.of(module): escape_path(path.replace("._orig_mod", ""))
            for path, module in modules.items()
        }
        self._counts: dict[str, int] = {}
        self._open_calls: list[Call] = []
        self._is_over = False
        self._names = ArgumentNames()

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record each module call of this thread inside the `with` block.

        `nn.Module.__call__` is replaced meanwhile, as `torch.fx.symbolic_trace` does, and so is
        the `__call__` of each class that defines its own. Module hooks would leave traces in the
        user's modules, and global hooks do not see keyword arguments.
        """
        thread = threading.get_ident()
        originals = {cls: vars(cls)["__call__"] for cls in self._callable_classes()}
        recorded = {cls: self._recorded(one, thread) for cls, one in originals.items()}
        module_apply = nn.Module._apply
        apply_here = apply_in(thread, module_apply)
        replaced = {recorded[cls]: one for cls, one in originals.items()}
        nn.Module._apply = apply_here  # type: ignore[method-assign]
        try:
            with originals_in_late_imports({**replaced, apply_here: module_apply}):
                for cls, replacement in recorded.items():
                    cls.__call__ = replacement  # type: ignore[method-assign]
                yield
        finally:
            for cls, original in originals.items():
                cls.__call__ = original  # type: ignore[method-assign]
            nn.Module._apply = module_apply  # type: ignore[method-assign]

    def _callable_classes(self) -> set[type[nn.Module]]:
        """The classes of the model, and their base classes, that define `__call__`."""
        classes = {cls for module in self._paths for cls in type(module).__mro__}
        return {cls for cls in classes if issubclass(cls, nn.Module) and "__call__" in vars(cls)}

    def _recorded(self, original: Forward, thread: int) -> Forward:
        """A `__call__` that records a call in this thread, once for each call of a module.

        It runs the module itself: each function between a module and the next is a frame for each
        level of nesting, and Python allows a limited number of frames.
        """
        is_custom = original is not nn.Module.__call__

        def run(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
            if self._is_over or threading.get_ident() != thread or self.recorder.inside_call:
                return original(module, *args, **kwargs)
            module = self.shadow.of(module)  # code may reach the model past its copy
            inner = uncompiled(module)
            if inner is not module:
                self._paths[inner] = self.path_of(module, self._caller)
                return inner(*args, **kwargs)
            if self.custom_call is module:
                self.custom_call = module if is_custom else None
                forward: Forward = partial(original, module) if is_custom else forward_of(module)
                return forward(*args, **kwargs)
            running = self._begin(self, module, args, kwargs, is_custom)
            try:
                if running.is_known:
                    return running.repeated()
                forward = partial(original, module) if is_custom else forward_of(module)
                return running.returned(forward(*args, **kwargs))
            except BaseException as error:
                self.record_error(error, running.name)
                raise
            finally:
                running.end()

        return run

    def release(self) -> None:
        """Drop the copies of modules after the run."""
        self._is_over = True  # something may have kept the `__call__` of this run
        for created in self.created:
            for module in created.modules():
                for name, child in module._modules.items():
                    if child is not None:
                        module._modules[name] = self.shadow.original(child)
        self._paths.clear()
        self._open_calls.clear()
        self.custom_call = None

    def observed(self, module: nn.Module, call: Call, result: PyTree) -> Any:
        """Return the result of a call; what runs of it later, as a generator, belongs to it."""
        current = call

        @contextmanager
        def resume() -> Iterator[None]:
            nonlocal current
            with self._resumed(module, current) as current:
                yield

        def observe(item: PyTree) -> None:
            current.outputs += self.values(item)

        return observed(result, resume, observe)

    @contextmanager
    def _resumed(self, module: nn.Module, call: Call) -> Iterator[Call]:
        """Record what a module runs on with: as part of its last call, or as a further one.

        It is a further call where other operations ran meanwhile, or where another block goes on
        with it, because a block runs one range of operations.
        """
        outer = self._open_calls[-1] if self._open_calls else self.root
        siblings = outer.children if outer else []
        is_last = siblings[-1:] == [call] and call.last == len(self.recorder.operations)
        is_last |= call is outer
        scope = self.recorder.scope
        if is_last:
            self._open_calls.append(call)
            self.recorder.scope = ModuleScope(call.call, call.path, type(module), scope)
        else:
            call = self._added(module, ())
        try:
            yield call
        except (StopIteration, StopAsyncIteration, GeneratorExit):
            raise
        except BaseException as error:
            self.record_error(error, call.call)
            raise
        finally:
            self.leave(call, scope)
            if not (is_last or call.outputs or call.children or call.last > call.first):
                siblings.remove(call)
                self._counts[call.path] -= 1

    def record_error(self, error: BaseException, call: str) -> None:
        """Note that an exception leaves a call, which is the innermost for the first one noted."""
        if self.last_error is None or self.last_error[0] is not error:
            self.last_error = (error, call)

    def enter(self, module: nn.Module, args: Arguments, kwargs: Keywords) -> Call:
        """Add a call inside the one that is running. `leave` ends it."""
        call = self._added(module, (*args, *kwargs.values()))
        call.arguments = self._names.of_inputs(type(module), args, kwargs)
        return call

    def _added(self, module: nn.Module, inputs: tuple[PyTree, ...]) -> Call:
        outer = self._caller or self.root
        if outer is None:
            self.modes = mode_count()
        call = self.new_call(module, outer)
        call.inputs, call.first = self.values(*inputs), len(self.recorder.operations)
        self._open_calls.append(call)
        self.recorder.scope = ModuleScope(call.call, call.path, type(module), self.recorder.scope)
        return call

    def new_call(self, module: nn.Module, outer: Call | None) -> Call:
        """Return the next call of a module, which is added to the call around it."""
        path = self.path_of(module, outer)
        number = self._counts.get(path, 0)
        self._counts[path] = number + 1
        name = f"{path}@{number}" if number else path
        call = Call(name, path, self.shadow.original(module), (), 0)
        if outer is None:
            self.root = call
        else:
            outer.children.append(call)
        return call

    def leave(self, call: Call, scope: ModuleScope) -> None:
        """End the innermost call; `scope` is the one around it."""
        call.last = len(self.recorder.operations)
        self.recorder.scope = scope
        self._open_calls.pop()

    def finish(self, result: PyTree) -> None:
        """Record what the model gave in the end, after what it returned has run."""
        if self.root is not None:
            self.root.outputs = self.values(result)
            self.root.last = len(self.recorder.operations)

    @property
    def _caller(self) -> Call | None:
        """The innermost call that is running."""
        return self._open_calls[-1] if self._open_calls else None

    def path_of(self, module: nn.Module, caller: Call | None = None) -> str:
        """Return the path of a module; one that is new gets one, and is noted as created."""
        path = self._paths.get(module)
        if path is None:
            path = self._paths[module] = self._unregistered_path(module, caller)
            if module not in self.shadow:
                self.created.append(module)
        return path

    def _unregistered_path(self, module: nn.Module, caller: Call | None) -> str:
        """A path for a module that is not registered: in a plain list, or created in a forward."""
        name = caller and _attribute_path(self.shadow.of(caller.module), module)
        name = escape_path(name or f"<{type(module).__name__}>")
        stem = f"{caller.path if caller else ''}.{name}".lstrip(".")
        taken = set(self._paths.values())
        numbered = (f"{stem}#{number}" for number in count(2))
        return stem if stem not in taken else next(path for path in numbered if path not in taken)

    def values(self, *items: PyTree) -> tuple[Value, ...]:
        """Return the values of the tensors in `items`, also of those that no operation made."""
        current, adopt = self.recorder.values.current, self.recorder.adopt
        return tuple([current(adopt(tensor)) for tensor in operands(items, {})])


def _attribute_path(caller: nn.Module, module: nn.Module) -> str | None:
    """Where `caller` holds `module` in a plain attribute: ``"blocks.0"`` for a list `blocks`."""
    for name, attribute in vars(caller).items():
        if attribute is module:
            return name
        for key, element in _elements(attribute):
            if element is module:
                return str(key) if name == "_modules" else f"{name}.{key}"
    return None


def _elements(attribute: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(attribute, (list, tuple)):
        return enumerate(attribute)
    return attribute.items() if isinstance(attribute, dict) else ()
