"""A problem is marked on its own line, however the text is laid out."""

from ordain.web.pages.editor.lines import broken_line, line_of, lines_of

TEXT = """{"kind": "lane",
  "spec": {"when": "a == 1", "list": [
    {"key": "x"}, {"key": "y",
     "deep": [1, 2,
       3]}
  ]}, "a\\"b": null
}"""


def test_each_part_has_its_line() -> None:
    lines = lines_of(TEXT)
    assert lines["kind"] == 1
    assert lines["spec.when"] == 2
    assert lines["spec.list.0"] == lines["spec.list.1.key"] == 3
    assert lines["spec.list.1.deep.1"] == 4
    assert lines["spec.list.1.deep.2"] == 5
    assert lines['a"b'] == 6


def test_what_is_not_there_is_marked_on_the_nearest_part_above() -> None:
    lines = lines_of(TEXT)
    assert line_of("spec.list.1.title.en", lines) == 3
    assert line_of("nowhere.at.all", lines) == 1


def test_broken_json_names_its_line() -> None:
    assert broken_line("this is no valid JSON: Expecting value: line 4 column 9 (char 60)") == 4
    assert broken_line("larger than 5 bytes") == 1
