"""A trace is equal to a lock file when it has its shapes, and pytest is told why it is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import GOLDEN
from tests.example import example
from tracer.record import Block, Trace
from tracer.snapshot import LockFileError, SizeRulesSpec, from_lock
from tracer.testing.shape_locks import RuleFinder, ShapeLock, explain_difference

TRACE = example()
LOCK = GOLDEN / "toy_unet.shapes.yaml"


def with_parameters(trace: Trace, path: str, parameters: int) -> Trace:
    """The same trace, in which a module has that many parameters."""

    def changed(block: Block) -> Block:
        number = parameters if block.path == path else block.parameters
        children = tuple(map(changed, block.children))
        return replace(block, parameters=number, children=children)

    return replace(trace, root=changed(trace.root))


OTHER = with_parameters(TRACE, "conv_in", 1)


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "unet.shapes.yaml"
    path.write_bytes(LOCK.read_bytes())
    return path


def test_a_trace_is_equal_to_its_lock_file() -> None:
    lock = ShapeLock(LOCK)
    for one, other in ((TRACE, lock), (lock, TRACE)):
        assert one == other
    for one, other in ((OTHER, lock), (lock, OTHER), (lock, "toy")):
        assert one != other


def test_a_trace_is_not_equal_to_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert ShapeLock(tmp_path / "no.yaml") != TRACE


def test_nothing_is_written_without_an_update(lock: Path) -> None:
    assert ShapeLock(lock) != OTHER
    assert lock.read_bytes() == LOCK.read_bytes()


def test_an_update_writes_what_differs(lock: Path, tmp_path: Path) -> None:
    assert ShapeLock(lock, update=True) == OTHER
    assert ShapeLock(lock) == OTHER
    assert ShapeLock(tmp_path / "new.yaml", update=True) == TRACE
    assert (tmp_path / "new.yaml").read_bytes() == LOCK.read_bytes()


def test_an_update_writes_a_damaged_lock_file_anew_and_nothing_else(tmp_path: Path) -> None:
    old, other = tmp_path / "old.yaml", tmp_path / "other.yaml"
    old.write_bytes(LOCK.read_bytes().replace(b"unet-trace-lock/2", b"unet-trace-lock/0"))
    other.write_text("a: 1", encoding="utf-8")
    with pytest.raises(LockFileError, match='the format is "unet-trace-lock/0"'):
        assert ShapeLock(old) == TRACE
    assert ShapeLock(old, update=True) == TRACE
    assert old.read_bytes() == LOCK.read_bytes()
    with pytest.raises(LockFileError, match="not a lock file"):
        assert ShapeLock(other, update=True) == TRACE
    assert other.read_text(encoding="utf-8") == "a: 1"


def test_an_update_leaves_a_file_alone_that_is_right(lock: Path) -> None:
    before = lock.stat().st_mtime_ns
    assert ShapeLock(lock, update=True) == TRACE
    assert lock.stat().st_mtime_ns == before


EVENS = SizeRulesSpec(
    {"x": ("B", "3", "H", "W")}, dict.fromkeys("BHW", "multiples of 2, at least 2")
)
ANY = SizeRulesSpec(EVENS.axes, dict.fromkeys("BHW", "any"))


def law_in(path: Path) -> SizeRulesSpec | None:
    return from_lock(path.read_text(encoding="utf-8")).size_rules


def learned(law: SizeRulesSpec | None) -> RuleFinder:
    """A law that is learned, whatever is known."""
    return lambda trace, known: law


def test_the_law_is_compared_where_it_can_be_learnt(lock: Path) -> None:
    assert ShapeLock(lock, update=True, find_rules=learned(EVENS)) == TRACE
    assert law_in(lock) == EVENS
    assert ShapeLock(lock, find_rules=learned(EVENS)) == TRACE
    assert ShapeLock(lock, find_rules=learned(ANY)) != TRACE
    assert ShapeLock(lock, update=True, find_rules=learned(ANY)) == TRACE
    assert law_in(lock) == ANY


def test_the_law_stays_as_it_is_where_it_cannot_be_learnt(lock: Path) -> None:
    assert ShapeLock(lock, update=True, find_rules=learned(EVENS)) == TRACE
    for learn in (None, learned(None)):
        assert ShapeLock(lock, find_rules=learn) == TRACE
        assert ShapeLock(lock, update=True, find_rules=learn) == OTHER
        assert ShapeLock(lock, update=True, find_rules=learn) == TRACE
        assert law_in(lock) == EVENS


def test_no_law_is_learnt_that_is_not_asked_for(lock: Path) -> None:
    def learn(trace: Trace, known: SizeRulesSpec | None) -> SizeRulesSpec | None:
        pytest.fail("the lock file has no law")

    assert ShapeLock(lock, find_rules=learn) == TRACE


def test_what_is_no_lock_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: 1")
    with pytest.raises(LockFileError, match="not a lock file"):
        assert ShapeLock(tmp_path / "a.yaml") == TRACE


def test_pytest_is_told_what_differs() -> None:
    lines = [
        "tests/toy_unet.py:ToyUNet == toy_unet.shapes.yaml",
        "         where    what        locked  now",
        "-------  -------  ----------  ------  ---",
        "changed  conv_in  parameters  224     1",
        "To accept these changes, run: pytest --shape-lock-update",
    ]
    assert (
        explain_difference(OTHER, ShapeLock(LOCK))
        == explain_difference(ShapeLock(LOCK), OTHER)
        == lines
    )


def test_pytest_is_told_what_two_traces_differ_in() -> None:
    lines = explain_difference(TRACE, OTHER)
    assert lines is not None
    assert lines[1:4] == [
        "         where    what        left  right",
        "-------  -------  ----------  ----  -----",
        "changed  conv_in  parameters  224   1",
    ]


def test_pytest_is_told_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "no.yaml"
    assert explain_difference(TRACE, ShapeLock(path)) == [
        "tests/toy_unet.py:ToyUNet == no.yaml",
        f"There is no file {path}. To write it, run: pytest --shape-lock-update",
    ]


def test_of_anything_else_pytest_is_told_nothing() -> None:
    assert explain_difference(1, 2) is None
    assert explain_difference(TRACE, 2) is None
