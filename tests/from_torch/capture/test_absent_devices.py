"""A model that asks for a device runs on a machine that has no such device."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

import tracer
from tests.user_code import forgotten, write
from tracer.from_torch.capture.absent_devices import ABSENT_DEVICE_NOTE, is_absent
from tracer.from_torch.verify.verdict import verify_replay
from tracer.session import Session

pytestmark = pytest.mark.skipif(
    torch.cuda.is_available() or torch.backends.mps.is_available(), reason="has the device"
)

IMAGE = torch.zeros(1, 3, 8, 8)
OTHER = torch.zeros(1, device="cpu")


class Runs(nn.Module):
    def __init__(self, run: Callable[[Tensor], object]) -> None:
        super().__init__()
        self.conv, self.run = nn.Conv2d(3, 3, 1), run

    def forward(self, x: Tensor) -> Tensor:
        result = self.run(x)
        return self.conv(result if isinstance(result, Tensor) else x)


def with_streams(x: Tensor) -> Tensor:
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.device(torch.cuda.current_device()), torch.cuda.stream(side):
        y = x.cuda(non_blocking=True)
        y.record_stream(side)
    torch.cuda.synchronize()
    return y


def with_a_default_device(x: Tensor) -> Tensor:
    with torch.device("cuda"):
        return x + torch.ones(3, 1, 1)


def guarded(x: Tensor) -> Tensor:
    return x.cuda() if torch.cuda.is_available() else x


MOVES: dict[str, tuple[Callable[[Tensor], object], str]] = {
    "cuda()": (lambda x: x.cuda(), "cuda"),
    "cuda(0)": (lambda x: x.cuda(0), "cuda"),
    "to(str)": (lambda x: x.to("cuda:1"), "cuda"),
    "to(device)": (lambda x: x.to(torch.device("mps")), "mps"),
    "to(int)": (lambda x: x.to(0), "cuda"),
    "to(device=)": (lambda x: x.to(device="xpu", dtype=torch.float32), "xpu"),
    "to(str, dtype)": (lambda x: x.to("cuda", torch.float32), "cuda"),
    "type": (lambda x: x.type("torch.cuda.FloatTensor"), "cuda"),
    "zeros": (lambda x: x + torch.zeros(1, device="cuda"), "cuda"),
    "tensor": (lambda x: x + torch.tensor([1.0], device="mps"), "mps"),
    "new_zeros": (lambda x: x + x.new_zeros(1, device="cuda"), "cuda"),
    "randn_like": (lambda x: torch.randn_like(x, device="cuda"), "cuda"),
    "pinned": (lambda x: x.pin_memory().cuda(), "cuda"),
    "streams": (with_streams, "cuda"),
    "a default device": (with_a_default_device, "cuda"),
    "a module": (lambda x: nn.ReLU().cuda()(x.cuda()), "cuda"),
    "control alone": (lambda x: torch.cuda.nvtx.range_push("here"), "cuda"),
    "mps": (lambda x: torch.mps.synchronize(), "mps"),
}


@pytest.mark.parametrize("name", MOVES)
def test_what_a_forward_puts_on_an_absent_device_is_on_the_cpu(name: str) -> None:
    run, kind = MOVES[name]
    trace = tracer.trace(Runs(run), IMAGE)
    assert trace.outputs[0].shape == (1, 3, 8, 8)
    (note,) = trace.notes
    assert note.startswith(f"The model asks for the device {kind} at ")
    assert note.endswith(ABSENT_DEVICE_NOTE.partition("{}{}")[2])
    assert trace.missed == 0


@pytest.mark.parametrize(
    "run", [guarded, lambda x: x.to(OTHER.device), lambda x: x.to("cpu"), lambda x: x.to(x.device)]
)
def test_a_device_that_is_there_is_not_noted(run: Callable[[Tensor], object]) -> None:
    assert tracer.trace(Runs(run), IMAGE).notes == ()


def test_torch_is_as_before_after_a_run() -> None:
    before = {name: getattr(torch.cuda, name) for name in ("synchronize", "Stream", "device")}
    record_stream = Tensor.record_stream
    tracer.trace(Runs(with_streams), IMAGE)
    assert all(getattr(torch.cuda, name) is item for name, item in before.items())
    assert Tensor.record_stream is record_stream
    with pytest.raises((RuntimeError, AssertionError)):
        torch.cuda.synchronize()


def test_a_model_that_reads_values_runs_on_the_cpu_too() -> None:
    def branches(x: Tensor) -> Tensor:
        y = x.cuda()
        return y + 1 if y.sum() > -1 else y

    trace = tracer.trace(Runs(branches), IMAGE)
    assert [step.op for step in trace.steps] == ["sum", "gt", "add", "conv2d"]
    assert len(trace.notes) == 2


def test_the_graph_is_verified_where_the_device_is_absent() -> None:
    assert verify_replay(Runs(with_streams), IMAGE).proven


def test_a_device_in_a_constructor_is_absent_as_well(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path
    with forgotten(folder):  # type: ignore[arg-type]
        write(
            folder,  # type: ignore[arg-type]
            "on_cuda.py",
            """
            import torch
            from torch import nn

            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.conv = nn.Conv2d(3, 3, 1, device="cuda")
                    self.register_buffer("grid", torch.zeros(1, 3, 1, 1).cuda())

                def forward(self, x):
                    return self.conv(x.cuda() + self.grid)
            """,
        )
        session = Session.open("on_cuda.py:Net --input x=1x3x8x8", folder=folder)  # type: ignore[arg-type]
        assert session.trace.outputs[0].shape == (1, 3, 8, 8)


def test_what_needs_the_device_fails_and_the_note_says_why() -> None:
    with pytest.raises((RuntimeError, AssertionError)) as caught:
        tracer.trace(Runs(lambda x: torch.cuda.get_device_properties(0)), IMAGE)
    assert "It needs a device that this machine does not have." in caught.value.__notes__[0]


def test_a_name_that_is_no_device_is_left_to_torch() -> None:
    with pytest.raises(RuntimeError, match="device type at start of device string"):
        tracer.trace(Runs(lambda x: x.to("gpu")), IMAGE)
    assert not is_absent("meta")
