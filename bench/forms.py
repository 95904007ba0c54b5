"""The form engine: a form of 2,000 fields built and read back; and an editor's answer to a keystroke."""

from time import perf_counter
from typing import Any

from bench.webhooks import percentile
from ordain.engines.form import compile_shape, draw, read
from tests.engines.test_form import pairs


def measure() -> dict[str, Any]:
    """Return p50 and p95 in milliseconds of drawing and reading 2,000 fields in lists, maps and groups."""
    leaf = {"type": "string"}
    line = {"type": "object", "properties": dict.fromkeys("abcde", leaf), "required": list("abcde")}
    schema = {
        "type": "object",
        "properties": {
            "lines": {"type": "array", "items": line},
            "keyed": {"type": "object", "additionalProperties": line},
        },
        "required": ["lines", "keyed"],
    }
    one = dict.fromkeys("abcde", "some text")
    document = {"lines": [one] * 200, "keyed": {f"key-{n}": one for n in range(200)}}
    shape = compile_shape(schema)
    drawn, back = [], []
    for _ in range(40):
        begun = perf_counter()
        view = draw(shape, document)
        drawn.append(perf_counter() - begun)
        posted = list(pairs(view))
        begun = perf_counter()
        found = read(shape, posted, document)
        back.append(perf_counter() - begun)
    if found.document != document:
        raise AssertionError(found.problems)
    return {
        "fields": 2000,
        "draw_p50_ms": percentile(drawn, 0.5),
        "draw_p95_ms": percentile(drawn, 0.95),
        "read_p50_ms": percentile(back, 0.5),
        "read_p95_ms": percentile(back, 0.95),
    }
