"""A trace makes torch import neither sympy nor its compiler, and afterwards both are as ever."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
import torch
from torch.fx.experimental import symbolic_shapes as real

from tests.conftest import ROOT
from tracer.from_torch.capture.stubs.no_sympy import IDENTITIES, SymbolicShapesStub

HEAVY = (
    "sympy",
    "torch._dynamo",
    "torch.distributed.tensor",
    "torch.fx.experimental.symbolic_shapes",
)


def lines_of(code: str) -> list[str]:
    """What a new process prints that runs some code."""
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[:-1]


def test_the_first_trace_of_a_process_imports_none_of_them() -> None:
    code = f"""
import sys, tracer
for preset in ("ddpm-cifar10", "compvis-default"):
    tracer.Session.open(preset).trace
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    assert lines_of(code) == ["[]"]


def test_after_a_trace_they_can_be_imported() -> None:
    code = """
import tracer
tracer.Session.open("ddpm-cifar10").trace
import torch, sympy, torch._dynamo
from torch.fx.experimental.symbolic_shapes import ShapeEnv, expect_true
print(sympy.Symbol("x") + 1, torch._dynamo.eval_frame.__name__, expect_true(True))
print(torch.export.export(torch.nn.ReLU(), (torch.ones(2),)).graph_signature.user_outputs)
"""
    assert lines_of(code) == ["x + 1 torch._dynamo.eval_frame True", "('relu',)"]


def test_a_model_can_import_them_while_it_runs() -> None:
    code = """
import torch, tracer

class Model(torch.nn.Module):
    def forward(self, x):
        import sympy
        from torch.fx.experimental.symbolic_shapes import ShapeEnv, guard_or_false
        self.kept = sympy.Symbol, ShapeEnv, guard_or_false
        return x[:, : int(sympy.Integer(1) + 1)] if guard_or_false(True) else x

print(*tracer.trace(Model(), torch.ones(1, 4)).outputs)
import sympy, torch.fx.experimental.symbolic_shapes as shapes
print(sympy.__name__, shapes.sympy is sympy, hasattr(sympy, "Basic"), shapes.S is sympy.S)
"""
    assert lines_of(code)[-1] == "sympy True True True"


@pytest.fixture(scope="module")
def stub() -> SymbolicShapesStub:
    return SymbolicShapesStub()


@pytest.mark.filterwarnings("ignore:guard_size_oblivious")
@pytest.mark.parametrize("name", [*IDENTITIES, "statically_known_false"])
@pytest.mark.parametrize("condition", [True, False])
def test_a_condition_that_is_known_is_answered_as_torch_does(
    stub: SymbolicShapesStub, name: str, condition: bool
) -> None:
    assert getattr(stub, name)(condition) is getattr(real, name)(condition)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        *(("sym_and", conditions) for conditions in ((True,), (True, False), (True, True, True))),
        *(("sym_or", conditions) for conditions in ((False,), (True, False), (False, False))),
        *(
            ("sym_eq", pair)
            for pair in ((2, 2), (2, 3), ((1, 2), [1, 2]), ((1,), (1, 2)), ((), ()))
        ),
        *((name, (3,)) for name in ("is_nested_int", "is_symbolic")),
        *((name, (3,)) for name in ("has_guarding_hint", "size_hint") if hasattr(real, name)),
        *(
            (name, (torch.ones(2, 3),))
            for name in ("has_free_symbols", "has_free_unbacked_symbols")
        ),
    ],
)
def test_sizes_that_are_numbers_are_answered_as_torch_does(
    stub: SymbolicShapesStub, name: str, arguments: tuple[Any, ...]
) -> None:
    assert getattr(stub, name)(*arguments) == getattr(real, name)(*arguments)


def test_a_size_that_is_a_symbol_is_left_to_torch(stub: SymbolicShapesStub) -> None:
    size = real.ShapeEnv().create_unbacked_symint()
    assert list(stub._iterate_exprs((3, size))) == list(real._iterate_exprs((3, size))) != []
    assert stub.is_symbolic(size) is real.is_symbolic(size) is True
    assert stub.guard_or_false(size > 7) is real.guard_or_false(size > 7) is False
    assert stub.has_free_symbols(size) is True


@pytest.mark.parametrize("wrong", [1, None, "true"])
def test_what_is_no_condition_raises_what_torch_raises(
    stub: SymbolicShapesStub, wrong: object
) -> None:
    with pytest.raises(AssertionError) as error:
        real.guard_or_false(wrong)
    with pytest.raises(AssertionError, match=f"^{re.escape(str(error.value))}$") as ours:
        stub.guard_or_false(wrong)
    assert str(ours.value) == str(error.value)
