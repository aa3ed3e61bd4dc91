"""The plugin, as projects use it: each test runs pytest in a project of its own.

Where a model is traced, that is in a copy of a process that has imported PyTorch, except where what
is imported, or where, is the question.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from textwrap import dedent

import pytest

from tests.conftest import GOLDEN, UNUSED_PLUGINS
from tests.unet_trace.warm_pytest import WarmPytest, warm_pytest
from tests.user_code import UNET

pytestmark = pytest.mark.slow
pytest_plugins = ["pytester"]

Run = Callable[..., pytest.RunResult]

TOY = GOLDEN / "toy_unet.json"
LOCK = GOLDEN / "toy_unet.shapes.yaml"

ON_A_SAVED_TRACE = """
    import pytest
    import tracer

    @pytest.mark.shape_targets("toy.json")
    def test_lock(shape_trace, shape_lock):
        assert shape_trace == shape_lock("unet.shapes.yaml")
    """

ON_ITS_LOCK_FILE = """
    import pytest

    @pytest.mark.shape_targets("unet.py:UNet --input x=1x3x8x8")
    def test_lock(shape_trace, shape_lock):
        assert shape_trace == shape_lock("model.shapes.yaml")
    """

ON_MODELS = """
    import pytest
    import tracer

    @pytest.mark.shape_targets("unet.py:UNet", "unet.py:UNet --set ch=16 --input x=2x3x8x8")
    def test_shapes(shape_trace):
        tracer.assert_shapes(shape_trace, {"in:": "b 3 h w", "down": "b c h/2 w/2"})

    @pytest.mark.shape_targets("unet.py:UNet")
    def test_that_fails(shape_trace):
        assert shape_trace.steps
        tracer.assert_shapes(shape_trace, {"down": "b 8 h w", "conv_out": "b 3 h w"})
    """


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with a saved trace, its lock file, a model, and no settings of ours."""
    monkeypatch.setenv("PYTEST_ADDOPTS", UNUSED_PLUGINS)
    (pytester.path / "toy.json").write_bytes(TOY.read_bytes())
    (pytester.path / "unet.shapes.yaml").write_bytes(LOCK.read_bytes())
    (pytester.path / "unet.py").write_text(dedent(UNET))
    return pytester


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmPytest]:
    with warm_pytest() as found:
        yield found


@pytest.fixture
def run(warm: WarmPytest, project: pytest.Pytester) -> Run:
    """Runs pytest in the project."""
    return partial(warm.run, project.path)


def narrowed(path: Path) -> None:
    """Change the lock file, so that the trace has not its shapes."""
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("1,088 params", "544 params"), encoding="utf-8")


def test_the_fixtures_and_the_option_explain_themselves(project: pytest.Pytester) -> None:
    found = project.runpytest_subprocess("--help")
    found.stdout.fnmatch_lines(["*--shape-lock-update*write the lock files*"])
    found = project.runpytest_subprocess("--markers")
    found.stdout.fnmatch_lines(["@pytest.mark.shape_targets(?targets): run the test with*"])
    found = project.runpytest_subprocess("--fixtures")
    found.stdout.fnmatch_lines(["shape_trace*", "shape_lock*"])


def test_a_trace_is_compared_with_its_lock_file(project: pytest.Pytester) -> None:
    project.makepyfile(ON_A_SAVED_TRACE)
    project.runpytest_subprocess("--strict-markers", "-W", "error").assert_outcomes(passed=1)


def test_a_failure_shows_the_table_of_differences(project: pytest.Pytester) -> None:
    narrowed(project.path / "unet.shapes.yaml")
    project.makepyfile(ON_A_SAVED_TRACE)
    found = project.runpytest_subprocess()
    found.assert_outcomes(failed=1)
    found.stdout.fnmatch_lines(
        [
            "E       assert tests/toy_unet.py:ToyUNet == unet.shapes.yaml",
            "E  *where     what        locked  now",
            "E  *changed  mid.attn  parameters  544     1,088",
            "E  *To accept these changes, run: pytest --shape-lock-update",
        ]
    )


def test_an_update_writes_the_lock_file(project: pytest.Pytester) -> None:
    narrowed(project.path / "unet.shapes.yaml")
    project.makepyfile(ON_A_SAVED_TRACE)
    project.runpytest_subprocess("--shape-lock-update").assert_outcomes(passed=1)
    assert (project.path / "unet.shapes.yaml").read_bytes() == LOCK.read_bytes()
    project.runpytest_subprocess().assert_outcomes(passed=1)


@pytest.mark.parametrize("words", [(), ("-s",), ("-p", "no:terminal")])
def test_an_update_says_on_standard_error_what_it_runs(
    words: tuple[str, ...], project: pytest.Pytester, run: Run
) -> None:
    project.makepyfile(ON_ITS_LOCK_FILE)
    found = run("--shape-lock-update", *words)
    assert found.ret == 0
    said = [line for line in found.errlines if line.startswith("unet-trace: ")]
    assert said[0].startswith("unet-trace: tracing ")
    assert said[1].startswith("unet-trace: finding the size rules of ")
    assert not run(*words).errlines


def test_the_law_of_a_model_that_is_traced_is_locked_and_compared(
    project: pytest.Pytester,
    run: Run,
) -> None:
    project.makepyfile(ON_ITS_LOCK_FILE)
    run("--shape-lock-update").assert_outcomes(passed=1)
    lock = project.path / "model.shapes.yaml"
    text = lock.read_text(encoding="utf-8")
    assert "  H: multiples of 2, at least 2\n" in text
    run().assert_outcomes(passed=1)
    lock.write_text(text.replace("multiples of 2, at least 2", "any"), encoding="utf-8")
    found = run()
    found.assert_outcomes(failed=1)
    found.stdout.fnmatch_lines(
        ["E  *changed  (the model)  size rule for H, W  any     multiples of 2, at least 2"]
    )


def test_a_lock_file_lies_beside_the_test(project: pytest.Pytester) -> None:
    project.makepyfile(**{"tests/test_it": dedent(ON_A_SAVED_TRACE)})
    (project.path / "unet.shapes.yaml").rename(project.path / "tests" / "unet.shapes.yaml")
    project.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_test_without_the_marker_is_told_to_have_one(project: pytest.Pytester) -> None:
    project.makepyfile("def test_it(shape_trace): pass")
    found = project.runpytest_subprocess()
    found.assert_outcomes(errors=1)
    found.stdout.fnmatch_lines(
        ['*name what to trace: @pytest.mark.shape_targets("my_unet.py:UNet")']
    )


def test_a_target_that_is_not_there_is_told_without_a_traceback(
    project: pytest.Pytester, run: Run
) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.mark.shape_targets("unet.py:Unet", "toy.jsn", "nothing.json")
        def test_it(shape_trace):
            pass
        """
    )
    found = run()
    found.assert_outcomes(errors=3)
    found.stdout.fnmatch_lines(
        [
            '*unet.py has no "Unet". Did you mean "UNet"?',
            '*There is no preset "toy.jsn"*',
            "*nothing.json*",
        ]
    )


def test_a_target_that_is_not_there_is_reported_once(project: pytest.Pytester, run: Run) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.mark.shape_targets("unet.py:Unet")
        def test_it(shape_trace):
            pass
        """
    )
    found = run("-q", "-r", "N")
    text = found.stdout.str()
    assert text.count('Did you mean "UNet"?') == 1
    assert "another exception" not in text


FAILING = """
    from unet import UNet

    class Fails(UNet):
        def forward(self, x):
            return super().forward(x)[:, :, :, :-1] + x
    """


def test_a_model_that_fails_shows_the_note_and_no_frames(
    project: pytest.Pytester, run: Run
) -> None:
    (project.path / "fails.py").write_text(dedent(FAILING))
    project.makepyfile(
        """
        import pytest

        @pytest.mark.shape_targets("fails.py:Fails --input x=1x3x8x8")
        def test_it(shape_trace):
            pass
        """
    )
    found = run("-q")
    found.assert_outcomes(errors=1)
    found.stdout.fnmatch_lines(
        [
            "RuntimeError: The size of tensor a (7) must match the size of tensor b (8)*",
            "unet-trace: raised in the model itself (Fails) at *fails.py:6, after * operations.",
            "  Operation: add(*",
            "For the traceback, run: pytest --full-trace",
        ]
    )
    assert len(found.outlines) < 15
    frames = run("-q", "--full-trace")
    frames.stdout.fnmatch_lines(["E  *RuntimeError: The size of tensor*"])
    assert len(frames.outlines) > 100


@pytest.mark.parametrize("words", ["-q", "-q -n 1"])
def test_a_long_table_of_differences_is_shown_whole(
    words: str, project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CI", "BUILD_NUMBER"):  # where pytest itself shortens nothing
        monkeypatch.delenv(name, raising=False)
    lock = project.path / "unet.shapes.yaml"
    text = lock.read_text(encoding="utf-8")
    lock.write_text(re.sub(r"(?<= )(\d+) params", r"1\1 params", text), encoding="utf-8")
    project.makepyfile(
        """
        import pytest

        @pytest.mark.shape_targets("toy.json")
        def test_lock(shape_trace, shape_lock):
            assert shape_trace == shape_lock("unet.shapes.yaml"), "the shapes are reviewed"

        def test_another():
            assert list(range(50)) == list(range(1, 51))
        """
    )
    found = project.runpytest_subprocess(*words.split())
    lines = found.outlines
    end = next(number for number, line in enumerate(lines) if "_ test_another _" in line)
    first = "\n".join(lines[:end])
    assert "AssertionError: the shapes are reviewed" in first
    assert "truncated" not in first
    assert first.count("  parameters  ") == 8
    assert "E         To accept these changes, run: pytest --shape-lock-update" in first
    assert "Use -v to get more diff" in "\n".join(lines[end:])


def test_a_damaged_lock_file_is_reported_without_frames_of_the_tool(
    project: pytest.Pytester,
) -> None:
    (project.path / "unet.shapes.yaml").write_text("format: unet-trace-lock/2\n")
    project.makepyfile(ON_A_SAVED_TRACE)
    found = project.runpytest_subprocess("-q")
    found.assert_outcomes(failed=1)
    found.stdout.fnmatch_lines(["E*LockFileError: *unet.shapes.yaml*"])
    assert "lock_reader.py" not in "\n".join(found.outlines)


def test_all_differences_are_listed_if_asked(project: pytest.Pytester, run: Run) -> None:
    project.makepyfile(ON_ITS_LOCK_FILE)
    run("--shape-lock-update").assert_outcomes(passed=1)
    project.makepyfile(ON_ITS_LOCK_FILE.replace("UNet --", "UNet --set ch=16 --"))
    first = run("-q").stdout.str()
    assert "are consequences of these; use pytest -vv to list them." in first
    whole = run("-vv").stdout.str()
    assert "consequence" not in whole
    assert whole.count("changed") > first.count("changed")


def test_nothing_imports_torch_until_a_model_is_traced(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        import sys

        def pytest_sessionfinish(session):
            print("torch" in sys.modules)
        """
    )
    project.makepyfile(test_models=ON_MODELS, test_saved=ON_A_SAVED_TRACE)
    found = project.runpytest_subprocess("--collect-only", "-q")
    assert (
        "test_models.py::test_shapes[unet.py:UNet --set ch=16 --input x=2x3x8x8]" in found.outlines
    )
    assert "False" in found.outlines
    found = project.runpytest_subprocess("test_saved.py", "-q", "-s")
    assert "False" in "".join(found.outlines)


def test_without_the_plugin_pytest_knows_nothing_of_it(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        import sys

        def pytest_sessionfinish(session):
            print("tracer" in sys.modules)
        """
    )
    project.makepyfile("def test_it(): pass")
    found = project.runpytest_subprocess("-p", "no:unet-trace", "-q", "-s")
    found.assert_outcomes(passed=1)
    assert "False" in "".join(found.outlines)
    found = project.runpytest_subprocess("-p", "no:unet-trace", "--shape-lock-update")
    found.stderr.fnmatch_lines(["*unrecognized arguments: --shape-lock-update*"])
    project.makepyfile(ON_A_SAVED_TRACE)
    found = project.runpytest_subprocess("-p", "no:unet-trace")
    found.stdout.fnmatch_lines(["*fixture 'shape_trace' not found*"])


def test_several_processes_write_one_lock_file_and_it_stays_whole(
    project: pytest.Pytester,
) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(40))
        @pytest.mark.shape_targets("toy.json")
        def test_lock(number, shape_trace, shape_lock):
            lock = shape_lock("unet.shapes.yaml")
            other = lock.path.with_name(f"{number}.yaml")
            other.write_text(lock.path.read_text().replace("1,088 params", "544 params"))
            other.replace(lock.path)
            assert shape_trace == lock
        """
    )
    words = ["-n", "2", "--cov=tracer.testing.shape_locks", "--shape-lock-update"]
    project.runpytest_subprocess(*words).assert_outcomes(passed=40)
    lock = project.path / "unet.shapes.yaml"
    assert lock.read_bytes() == LOCK.read_bytes()
    assert not [path for path in project.path.iterdir() if path.name.endswith(".part")]


def test_models_are_traced_in_several_processes(project: pytest.Pytester) -> None:
    project.makepyfile(test_models=ON_MODELS, test_saved=ON_A_SAVED_TRACE)
    found = project.runpytest_subprocess("-n", "2")
    found.assert_outcomes(passed=3, failed=1)
    found.stdout.fnmatch_lines(
        [
            "E*AssertionError: 1 of 2 shapes of UNet is not as expected.",
            "E*conv_out",
            "E*expected  b 3 h w",
        ]
    )


def test_coverage_is_measured_while_models_are_traced(project: pytest.Pytester) -> None:
    project.makepyfile(test_unet=ON_MODELS)
    words = ["--cov=unet", "--cov=test_unet", "--cov-report=term-missing"]
    found = project.runpytest_subprocess(*words)
    found.assert_outcomes(passed=2, failed=1)
    found.stdout.fnmatch_lines(["test_unet.py * 0 * 100%*", "unet.py * 0 * 100%*"])


# ---------------------------------------------------------------- beside a tracer of somebody else

TRACER_OF_SOMEBODY_ELSE = "def double(number): return 2 * number\n"


def pytest_as_a_module(project: pytest.Pytester, *words: str) -> pytest.RunResult:
    """`python -m pytest`, which searches the working folder first."""
    return project.run(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words)


def test_a_project_with_a_tracer_of_its_own_is_left_alone(project: pytest.Pytester) -> None:
    (project.path / "tracer.py").write_text(TRACER_OF_SOMEBODY_ELSE, encoding="utf-8")
    project.makepyfile(
        """
        import tracer

        def test_double():
            assert tracer.double(2) == 4

        def test_that_fails():
            assert [1] == [2]
        """
    )
    done = pytest_as_a_module(project)
    done.assert_outcomes(passed=1, failed=1)
    assert "unet-trace is disabled" not in done.stdout.str()


def test_a_foreign_tracer_that_was_not_imported_is_stepped_past(project: pytest.Pytester) -> None:
    (project.path / "tracer.py").write_text(TRACER_OF_SOMEBODY_ELSE, encoding="utf-8")
    project.makepyfile(ON_A_SAVED_TRACE.replace("import tracer\n", "\n"))
    pytest_as_a_module(project).assert_outcomes(passed=1)


def test_a_foreign_tracer_that_was_imported_disables_the_plugin(project: pytest.Pytester) -> None:
    (project.path / "tracer.py").write_text(TRACER_OF_SOMEBODY_ELSE, encoding="utf-8")
    project.makeconftest("import tracer")
    project.makepyfile(
        test_shapes=ON_A_SAVED_TRACE.replace("import tracer\n", "\n"),
        test_double="import tracer\ndef test_double(): assert tracer.double(2) == 4",
    )
    done = pytest_as_a_module(project)
    done.assert_outcomes(passed=1, errors=1)
    sentence = 'unet-trace is disabled: another module named "tracer" was imported first*'
    done.stdout.fnmatch_lines([sentence, f"*{sentence}"])
