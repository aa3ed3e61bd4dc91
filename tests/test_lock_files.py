"""Lock files and comparisons from Python: as the commands do, and the differences are returned."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import tracer
from tests.conftest import GOLDEN
from tests.halved_unet import IMAGE, Halved
from tests.user_code import UNET, forgotten, write
from tracer.cli import main
from tracer.errors import TraceError
from tracer.session import Session


class Renamed(Halved):
    """The same shapes under another class name."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net.shapes.yaml"


def test_a_model_does_not_differ_from_its_own_lock_file(path: Path) -> None:
    tracer.lock(Halved(), path, inputs=IMAGE)
    found = tracer.check(Halved(), path, inputs=IMAGE)
    assert not found
    assert len(found) == 0
    assert list(found) == []
    assert found.same_lock


def test_a_changed_model_differs(path: Path) -> None:
    tracer.lock(Halved(), str(path), inputs=IMAGE)
    found = tracer.check(Halved(channels=12), str(path), inputs=IMAGE)
    assert found
    assert {one.name for one in found} >= {"enter", "down", "leave"}
    outputs = {one.name: one.after for one in found if one.what == "outputs"}
    assert outputs["enter"] == "[1 12 16 16]"


def test_a_lock_file_holds_size_rules_and_they_are_checked(path: Path) -> None:
    tracer.lock(Halved(), path, inputs=IMAGE)
    text = path.read_text(encoding="utf-8")
    assert "H: " in text
    other = text.replace("multiples of 2, at least 2", "multiples of 4, at least 4")
    path.write_text(other, encoding="utf-8")
    assert [one.what for one in tracer.check(Halved(), path, inputs=IMAGE)] == [
        "size rule for H, W"
    ]


def test_names_of_classes_count_only_if_strict(path: Path) -> None:
    tracer.lock(Halved(), path, inputs=IMAGE)
    assert not tracer.check(Renamed(), path, inputs=IMAGE)
    assert [one.what for one in tracer.check(Renamed(), path, inputs=IMAGE, strict=True)] == [
        "class"
    ]


def test_a_trace_is_locked_and_checked_without_a_model(path: Path) -> None:
    trace = tracer.trace(Halved(), IMAGE)
    tracer.lock(trace, path)
    assert not tracer.check(trace, path)
    assert not tracer.check(Halved(), path, inputs=IMAGE)


def test_a_lock_file_in_formulas_holds_for_other_sizes(path: Path) -> None:
    tracer.lock(tracer.trace(Halved(), IMAGE, symbolic=True), path)
    assert not tracer.check(Halved(), path, inputs=(3, 3, 64, 32))
    with pytest.raises(TraceError, match=r"holds formulas, and the trace numbers: .*symbolic=True"):
        tracer.check(tracer.trace(Halved(), IMAGE), path)


def test_inputs_are_proposed(path: Path) -> None:
    tracer.lock(Halved(), path)
    assert not tracer.check(Halved(), path, inputs=(1, 3, 64, 64))


def test_the_command_reads_the_same_file(tmp_path: Path, path: Path) -> None:
    write(tmp_path, "model.py", UNET)
    with forgotten(tmp_path):
        session = Session.open("model.py:UNet", folder=tmp_path)
        tracer.lock(session, path)
        assert not tracer.check(session, path)
        target = f"{tmp_path}/model.py:UNet"
        assert main(["check", target, str(path)]) == 0


def test_a_missing_file_is_named_with_what_writes_it(path: Path) -> None:
    with pytest.raises(TraceError, match=r'There is no file ".*yaml"\. Write it with tracer\.lock'):
        tracer.check(Halved(), path, inputs=IMAGE)


def test_a_file_that_is_no_lock_file_is_refused(path: Path) -> None:
    path.write_text("a: 1\n", encoding="utf-8")
    with pytest.raises(TraceError, match="not a lock file"):
        tracer.check(Halved(), path, inputs=IMAGE)
    assert path.read_text(encoding="utf-8") == "a: 1\n"


def test_inputs_belong_to_a_model_only(path: Path) -> None:
    trace = tracer.trace(Halved(), IMAGE)
    with pytest.raises(TraceError, match="A trace has its inputs"):
        tracer.lock(trace, path, inputs=IMAGE)
    assert not path.exists()
    with pytest.raises(TraceError, match="Neither a nor b is a model"):
        tracer.diff(trace, trace, inputs=IMAGE)


def test_two_models_are_compared(path: Path) -> None:
    assert not tracer.diff(Halved(), Halved(), inputs=IMAGE)
    found = tracer.diff(Halved(), Halved(12), inputs=IMAGE)
    assert ("leave", "parameters") in {(one.name, one.what) for one in found}
    assert [one.what for one in tracer.diff(Halved(), Renamed(), inputs=IMAGE)] == ["class"]


def test_a_model_is_compared_with_a_trace_a_lock_file_and_a_saved_trace(tmp_path: Path) -> None:
    trace = tracer.trace(Halved(), IMAGE)
    tracer.save(trace, tmp_path / "net.json")
    tracer.lock(trace, tmp_path / "net.yaml")
    for other in (trace, tmp_path / "net.yaml", tmp_path / "net.json", str(tmp_path / "net.json")):
        assert not tracer.diff(other, Halved(), inputs=IMAGE)


def test_a_model_is_compared_in_the_formulas_of_the_other() -> None:
    trace = tracer.trace(Halved(), IMAGE, symbolic=True)
    assert not tracer.diff(trace, Halved(), inputs=(2, 3, 32, 32))


def test_a_target_is_compared_by_its_name() -> None:
    assert not tracer.diff("tiny", GOLDEN.parent / "locks" / "tiny.shapes.yaml")


def test_a_checkpoint_is_compared_and_the_model_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    torch.save({"model": Halved().state_dict(), "epoch": 3}, path)
    model = Halved(12)
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    found = tracer.checkpoint(model, path)
    assert not found.fits
    assert "enter.weight" in {one.key for one in found.problems}
    assert 'those of "model"' in found.origin
    assert tracer.checkpoint(Halved(), path).fits
    assert all(torch.equal(before[key], tensor) for key, tensor in model.state_dict().items())


def test_a_missing_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="There is no file"):
        tracer.checkpoint(Halved(), tmp_path / "net.pt")


def test_a_class_has_no_checkpoint(tmp_path: Path) -> None:
    torch.save(Halved().state_dict(), tmp_path / "net.pt")
    with pytest.raises(TraceError, match="Halved is not a model"):
        tracer.checkpoint(Halved, tmp_path / "net.pt")  # type: ignore[arg-type]


def test_a_verdict_says_what_was_assumed() -> None:
    verdict = tracer.verify(Halved())
    assert verdict.proven
    assert verdict.notes[0].startswith("assumed x=1x3x64x64:float32")
    assert tracer.verify(Halved(), IMAGE).notes == ()
