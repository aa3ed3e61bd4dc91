"""Records every call of a module during a run: a tree of calls with their inputs and outputs."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any

from torch import Tensor, nn

from tracer.escapes import escape_path
from tracer.from_torch.capture.argument_names import ArgumentNames
from tracer.from_torch.capture.isolation.module_shadow import ModuleShadow
from tracer.from_torch.capture.late_imports import originals_in_late_imports
from tracer.from_torch.capture.lazy_results import LAZY_TYPES, observed
from tracer.from_torch.capture.lines.plain_layers import may_run_own_code
from tracer.from_torch.capture.memo.block_memo import BlockMemo
from tracer.from_torch.capture.memo.visit import Visit
from tracer.from_torch.capture.model_call import uncompiled
from tracer.from_torch.capture.module_call import Call
from tracer.from_torch.capture.op_recorder import OpRecorder
from tracer.from_torch.capture.pytree import PyTree, operands
from tracer.from_torch.capture.recorded_op import Arguments, Keywords, ModuleScope
from tracer.from_torch.private_torch import mode_count
from tracer.record import Value

Forward = Callable[..., Any]
Apply = Callable[..., nn.Module]


class CallTree:
    """Records the module calls of one model, and tells the recorder which module is running.

    `root` is the model's own call, None before it.
    """

    def __init__(
        self,
        recorder: OpRecorder,
        modules: Mapping[str, nn.Module],
        shadow: ModuleShadow,
        memo: BlockMemo | None = None,
    ) -> None:
        """Prepare a run; `memo` has what the blocks of it did, unless each one has to run."""
        self.root: Call | None = None
        self.last_error: tuple[BaseException, str] | None = None
        """The last exception that left a module, and the innermost call that it left."""
        self.created: list[nn.Module] = []
        """The modules that ran and are not part of the model: the run created them."""
        self._recorder = recorder
        self._shadow = shadow
        self._memo = memo
        self._paths = {
            shadow.of(module): escape_path(path.replace("._orig_mod", ""))
            for path, module in modules.items()
        }
        self._counts: dict[str, int] = {}
        self._open_calls: list[Call] = []
        self._custom_call: nn.Module | None = None
        """The module whose own `__call__` runs, until that calls `nn.Module.__call__`."""
        self._is_over = False
        self._names = ArgumentNames()
        self._modes = 0
        """How many modes of torch there are in a run by themselves."""

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
        apply_here = _apply_in(thread, module_apply)
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
        """A `__call__` that records a call in this thread, once for each call of a module."""
        is_custom = original is not nn.Module.__call__

        def run(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
            if self._is_over or threading.get_ident() != thread or self._recorder.inside_call:
                return original(module, *args, **kwargs)
            module = self._shadow.of(module)  # code may reach the model past its copy
            inner = uncompiled(module)
            if inner is not module:
                self._paths[inner] = self._path(module, self._caller)
                return inner(*args, **kwargs)
            forward: Forward = partial(original, module) if is_custom else module._call_impl
            if self._custom_call is not module:
                return self.run(module, forward, args, kwargs, is_custom=is_custom)
            self._custom_call = module if is_custom else None
            return forward(*args, **kwargs)

        return run

    def run(
        self,
        module: nn.Module,
        forward: Forward,
        args: Arguments,
        kwargs: Keywords,
        *,
        is_custom: bool = False,
    ) -> Any:
        """Run one module, never a compiled version of it, and record the call."""
        line_trace = line_trace_paused()
        scope, custom_call = self._recorder.scope, self._custom_call
        call = self._enter(module, (*args, *kwargs.values()))
        call.arguments = self._names.of_inputs(type(module), args, kwargs)
        self._custom_call = module if is_custom else None
        visit = None
        try:
            visit = self._visit_of(call, module, args, kwargs)
            if visit is not None and visit.known is not None:
                return visit.repeat(visit.known, self._new_call)
            trace = line_trace if visit is None else visit.observed(line_trace)
            if trace is not None and may_run_own_code(module, args, kwargs, self._modes):
                sys.settrace(trace)
                result = forward(*args, **kwargs)
                trace = line_trace_paused()
                line_trace = line_trace and trace
            else:
                result = forward(*args, **kwargs)
            if isinstance(result, LAZY_TYPES):
                result = self._observed(module, call, result)
            call.outputs = self._values(result)
        except BaseException as error:
            self._record_error(error, call.call)
            raise
        else:
            if visit is not None:
                visit.add(result)
            return result
        finally:
            call.last = len(self._recorder.operations)
            self._recorder.scope, self._custom_call = scope, custom_call
            self._open_calls.pop()
            if visit is not None:
                visit.close()
            sys.settrace(line_trace)

    def _visit_of(
        self, call: Call, module: nn.Module, args: Arguments, kwargs: Keywords
    ) -> Visit | None:
        """What decides whether a call that was entered has to run; None if it has to."""
        return None if self._memo is None else self._memo.visit(call, module, args, kwargs)

    def release(self) -> None:
        """Drop the copies of modules after the run."""
        self._is_over = True  # something may have kept the `__call__` of this run
        for created in self.created:
            for module in created.modules():
                for name, child in module._modules.items():
                    if child is not None:
                        module._modules[name] = self._shadow.original(child)
        self._paths.clear()
        self._open_calls.clear()
        self._custom_call = None

    def _observed(self, module: nn.Module, call: Call, result: PyTree) -> Any:
        """The result of a call; what runs of it later, such as a generator, belongs to the call."""
        current = call

        @contextmanager
        def resume() -> Iterator[None]:
            nonlocal current
            with self._resumed(module, current) as current:
                yield

        def observe(item: PyTree) -> None:
            current.outputs += self._values(item)

        return observed(result, resume, observe)

    @contextmanager
    def _resumed(self, module: nn.Module, call: Call) -> Iterator[Call]:
        """Record what a module runs on with: as part of its last call, or as a further one.

        It is a further call where other operations ran meanwhile, or where another block goes on
        with it, because a block runs one range of operations.
        """
        outer = self._open_calls[-1] if self._open_calls else self.root
        siblings = outer.children if outer else []
        is_last = siblings[-1:] == [call] and call.last == len(self._recorder.operations)
        is_last |= call is outer
        scope = self._recorder.scope
        if is_last:
            self._open_calls.append(call)
            self._recorder.scope = ModuleScope(call.call, call.path, type(module), scope)
        else:
            call = self._enter(module, ())
        try:
            yield call
        except (StopIteration, StopAsyncIteration, GeneratorExit):
            raise
        except BaseException as error:
            self._record_error(error, call.call)
            raise
        finally:
            call.last = len(self._recorder.operations)
            self._recorder.scope = scope
            self._open_calls.pop()
            if not (is_last or call.outputs or call.children or call.last > call.first):
                siblings.remove(call)
                self._counts[call.path] -= 1

    def _record_error(self, error: BaseException, call: str) -> None:
        if self.last_error is None or self.last_error[0] is not error:
            self.last_error = (error, call)

    def _enter(self, module: nn.Module, inputs: tuple[PyTree, ...]) -> Call:
        outer = self._caller or self.root
        if outer is None:
            self._modes = mode_count()
        call = self._new_call(module, outer)
        call.inputs, call.first = self._values(*inputs), len(self._recorder.operations)
        self._open_calls.append(call)
        self._recorder.scope = ModuleScope(call.call, call.path, type(module), self._recorder.scope)
        return call

    def _new_call(self, module: nn.Module, outer: Call | None) -> Call:
        """The next call of a module, inside the call around it."""
        path = self._path(module, outer)
        number = self._counts.get(path, 0)
        self._counts[path] = number + 1
        name = f"{path}@{number}" if number else path
        call = Call(name, path, self._shadow.original(module), (), 0)
        if outer is None:
            self.root = call
        else:
            outer.children.append(call)
        return call

    def finish(self, result: PyTree) -> None:
        """Record what the model gave in the end, after what it returned has run."""
        if self.root is not None:
            self.root.outputs = self._values(result)
            self.root.last = len(self._recorder.operations)

    @property
    def _caller(self) -> Call | None:
        """The innermost call that is running."""
        return self._open_calls[-1] if self._open_calls else None

    def _path(self, module: nn.Module, caller: Call | None) -> str:
        path = self._paths.get(module)
        if path is None:
            path = self._paths[module] = self._unregistered_path(module, caller)
            if module not in self._shadow:
                self.created.append(module)
        return path

    def _unregistered_path(self, module: nn.Module, caller: Call | None) -> str:
        """A path for a module that is not registered: in a plain list, or created in a forward."""
        name = caller and _attribute_path(self._shadow.of(caller.module), module)
        name = escape_path(name or f"<{type(module).__name__}>")
        stem = f"{caller.path if caller else ''}.{name}".lstrip(".")
        taken = set(self._paths.values())
        numbered = (f"{stem}#{number}" for number in count(2))
        return stem if stem not in taken else next(path for path in numbered if path not in taken)

    def _values(self, *items: PyTree) -> tuple[Value, ...]:
        current, adopt = self._recorder.values.current, self._recorder.adopt
        return tuple([current(adopt(tensor)) for tensor in operands(items, {})])


def line_trace_paused() -> Any:
    """Stop the tracing of lines, and return what goes on with it: it is for the model's own code.

    The function is read each time, because a debugger may have been started meanwhile.
    """
    line_trace = sys.gettrace()
    if line_trace is not None:
        sys.settrace(None)
    return line_trace


def _apply_in(thread: int, original: Apply) -> Apply:
    """`nn.Module._apply`, through which a module converts itself, for swapped parameters.

    PyTorch's own replaces the data of a parameter, and a tensor without data has none. Modules that
    other threads convert meanwhile are left to it.
    """

    def apply(module: nn.Module, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> nn.Module:
        if threading.get_ident() != thread:
            return original(module, fn, recurse)
        for child in module.children() if recurse else ():
            child._apply(fn)
        for state in (module._parameters, module._buffers):
            for name, old in state.items():
                new = None if old is None else fn(old)
                if new is not None and new is not old:
                    if isinstance(old, nn.Parameter):
                        new._is_param = True
                    state[name] = new  # type: ignore[assignment]
        return module

    return apply


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
