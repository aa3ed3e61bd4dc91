"""tracer/store.py: a trace as JSON, and back."""

from __future__ import annotations

import gc
import gzip
import json
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import GOLDEN, Golden
from tests.example import example, symbolic_example
from tests.work import peak_memory
from tracer.record import Block, Trace, Value
from tracer.store import TraceFileError, from_json, load, save, schema, to_json


def document() -> dict[str, Any]:
    """The document of the example, to be spoilt."""
    return dict(json.loads(to_json(example())))


def refusal(data: object) -> str:
    """What the reader says about a document that it does not take."""
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    with pytest.raises(TraceFileError) as caught:
        from_json(raw, "unet.json")
    return str(caught.value)


# ------------------------------------------------------------------------------- there and back


@pytest.mark.parametrize("trace", [example(), symbolic_example()], ids=["numbers", "formulas"])
def test_a_loaded_trace_equals_the_saved_one(trace: Trace, tmp_path: Path) -> None:
    save(trace, tmp_path / "trace.json")
    assert load(tmp_path / "trace.json") == trace


@pytest.mark.slow
@given(
    notes=st.tuples(st.text(), st.text()),
    inputs=st.lists(
        st.builds(
            Value,
            name=st.text(),
            shape=st.lists(st.integers(0, 2**53) | st.sampled_from(["B", "H/2", "3*B*H + 1"])).map(
                tuple
            ),
            dtype=st.sampled_from(["float32", "bool", "float8_e4m3fn", "quint4x2"]),
        ),
        unique_by=attrgetter("name"),
    ),
)
def test_any_text_and_any_shape_come_back(notes: tuple[str, ...], inputs: list[Value]) -> None:
    root = Block("", "", "Net", tuple(inputs), (), 0, 0, 0, 0)
    trace = Trace("Net", tuple(inputs), (), (), root, notes=notes)
    assert from_json(to_json(trace)) == trace


def test_a_trace_is_compressed_where_the_name_of_its_file_says_so(tmp_path: Path) -> None:
    plain, packed = tmp_path / "example.json", tmp_path / "example.json.gz"
    save(example(), plain)
    save(example(), packed)
    assert load(packed) == load(plain) == example()
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
    assert 4 * len(packed.read_bytes()) < len(plain.read_bytes())
    first = packed.read_bytes()
    save(example(), packed)
    assert packed.read_bytes() == first


def test_a_damaged_compressed_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "example.json.gz"
    save(example(), path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(TraceFileError, match=r"example\.json\.gz: the compressed file is damaged"):
        load(path)


def test_no_more_is_unpacked_than_a_trace_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracer.store.MAX_TRACE_BYTES", 1 << 20)
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(b" " * (32 << 20)))

    def refused() -> None:
        with pytest.raises(TraceFileError, match="at most 1 MiB"):
            load(path)

    assert peak_memory(refused) < 8 << 20


def test_equal_traces_give_equal_bytes() -> None:
    assert to_json(example()) == to_json(from_json(to_json(example())))


def test_each_step_and_each_line_of_source_is_a_line_of_text() -> None:
    lines = to_json(example()).decode().splitlines()
    assert sum(line.startswith('{"op":') for line in lines) == len(example().steps)
    assert sum(line.startswith('{"block":') for line in lines) == len(example().lines)


def test_the_format_comes_first() -> None:
    assert to_json(example()).startswith(b'{\n"format":"unet-trace/3",\n')


def test_the_shape_that_a_step_puts_out_is_at_its_place() -> None:
    assert document()["steps"][2]["outputs"][0]["shape"] == [1, 8, 16, 16]


def test_a_document_that_was_written_before_is_still_read(golden: Golden) -> None:
    golden("toy_unet.json", to_json(example()).decode())
    assert load(GOLDEN / "toy_unet.json") == example()


def test_unknown_fields_are_ignored() -> None:
    known = document()
    known["steps"][0]["colour"] = "red"
    assert from_json(json.dumps(known | {"later": [1, 2]}).encode()) == example()


def test_reading_leaves_the_garbage_collector_as_it_was() -> None:
    from_json(to_json(example()))
    refusal(b"{")
    assert gc.isenabled()
    gc.disable()
    try:
        from_json(to_json(example()))
        assert not gc.isenabled()
    finally:
        gc.enable()


# ---------------------------------------------------------------------------------- the schema


def fits(node: Any, kind: dict[str, Any], kinds: dict[str, Any]) -> bool:
    """Whether a piece of JSON fits a schema, by the few words that the schema is made of."""
    if "$ref" in kind:
        return fits(node, kinds[kind["$ref"].rpartition("/")[2]], kinds)
    if "anyOf" in kind:
        return any(fits(node, one, kinds) for one in kind["anyOf"])
    if "const" in kind or "enum" in kind:
        return node in kind.get("enum", [kind.get("const")])
    if kind["type"] == "array" and isinstance(node, list):
        pairs = zip(node, kind.get("prefixItems") or [kind["items"]] * len(node), strict=True)
        return all(fits(item, one, kinds) for item, one in pairs)
    if kind["type"] == "object" and isinstance(node, dict):
        known = kind.get("properties") or dict.fromkeys(node, kind["additionalProperties"])
        return set(kind.get("required", ())) <= set(node) <= set(known) and all(
            fits(item, known[key], kinds) for key, item in node.items()
        )
    python = {"string": str, "integer": int, "null": type(None), "boolean": bool}.get(kind["type"])
    return python is not None and isinstance(node, python)


@pytest.mark.parametrize("trace", [example(), symbolic_example()], ids=["numbers", "formulas"])
def test_a_document_fits_the_schema(trace: Trace) -> None:
    assert fits(json.loads(to_json(trace)), schema(), schema()["$defs"])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: document.pop("format"),
        lambda document: document.pop("root"),
        lambda document: document["steps"][0].update(op=3),
        lambda document: document["inputs"][0].update(shape=[1.5]),
        lambda document: document["lines"][1]["changes"][0].update(kind="peek"),
    ],
)
def test_a_spoilt_document_does_not_fit_the_schema_nor_is_it_read(spoil: Any) -> None:
    spoilt = document()
    spoil(spoilt)
    assert not fits(spoilt, schema(), schema()["$defs"])
    assert refusal(spoilt)


def test_the_published_schema_is_up_to_date(golden: Golden) -> None:
    golden("../../docs/trace.schema.json", json.dumps(schema(), indent=2) + "\n")


# ---------------------------------------------------------------------------------- the errors

AGAIN = "write it again with `unet-trace trace`"


def test_text_that_is_no_json_is_refused() -> None:
    assert refusal(b"# UNet") == (
        f"unet.json: not JSON: JSON is malformed: invalid character (byte 0); {AGAIN}"
    )


def test_half_a_document_is_refused() -> None:
    half = to_json(example())[:2000]
    assert refusal(half) == f"unet.json: not JSON: Input data was truncated; {AGAIN}"


def test_bytes_that_are_no_text_are_refused() -> None:
    assert refusal(b'{"format": "\xff\xfe"}').startswith("unet.json: not JSON: ")


def test_another_kind_of_json_is_refused() -> None:
    assert refusal({"nodes": []}) == (
        f"unet.json: this JSON is not a trace, since it has no .format; {AGAIN}"
    )
    assert refusal({"format": "safetensors"}) == (
        f'unet.json: this JSON is not a trace, since .format is "safetensors"; {AGAIN}'
    )
    assert refusal([]) == f"unet.json: the top: Expected `object`, got `array`; {AGAIN}"


def test_a_newer_format_asks_for_an_upgrade() -> None:
    assert refusal(document() | {"format": "unet-trace/4"}) == (
        'unet.json: .format is "unet-trace/4", and this version reads "unet-trace/3";'
        " upgrade unet-trace"
    )


def test_a_format_that_never_was_asks_for_a_new_trace() -> None:
    assert refusal(document() | {"format": "unet-trace/x"}).endswith(AGAIN)


def test_a_missing_field_is_named_with_its_place() -> None:
    spoilt = document()
    del spoilt["steps"][3]["op"]
    assert refusal(spoilt) == f"unet.json: .steps[3]: Object missing required field `op`; {AGAIN}"


def test_a_wrong_type_is_named_with_its_place() -> None:
    spoilt = document()
    spoilt["inputs"][1]["shape"] = "3"
    assert refusal(spoilt) == (f"unet.json: .inputs[1].shape: Expected `array`, got `str`; {AGAIN}")


@pytest.mark.parametrize(
    ("spoil", "trouble"),
    [
        (
            lambda document: document["steps"][3].update(block="dwn"),
            '.steps[3].block: no block has the call "dwn"',
        ),
        (
            lambda document: document["lines"][2].update(block="dwn"),
            '.lines[2].block: no block has the call "dwn"',
        ),
        (
            lambda document: document["lines"][2].update(last=99),
            ".lines[2]: first 3 and last 99 are not a range of the 52 steps",
        ),
        (
            lambda document: document["root"]["children"][1].update(first=7),
            'the block "conv_in": first 7 and last 3 are not a range of the 52 steps',
        ),
        (
            lambda document: document["root"]["children"][1].update(call="embed"),
            '.root: two blocks have the call "embed"',
        ),
    ],
)
def test_a_document_that_contradicts_itself_is_refused(spoil: Any, trouble: str) -> None:
    spoilt = document()
    spoil(spoilt)
    assert refusal(spoilt) == f"unet.json: {trouble}. The file was changed by hand; {AGAIN}"


def test_the_error_of_a_file_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(TraceFileError, match=r"trace\.json: the top"):
        load(path)


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no\.json"):
        load(tmp_path / "no.json")


# -------------------------------------------------------------------------- whole or not at all


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "trace.json"
    path.write_text("old", encoding="utf-8")

    def full(draft: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        save(example(), path)
    assert [path] == list(tmp_path.iterdir())
    assert path.read_text(encoding="utf-8") == "old"


def test_the_notes_of_a_trace_may_hold_newlines() -> None:
    trace = replace(example(), notes=("first\nsecond", "third"))
    assert from_json(to_json(trace)) == trace
