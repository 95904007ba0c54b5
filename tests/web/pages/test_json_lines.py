from ordain.base import json
from ordain.web.pages.json_lines import COVERED, JsonLine, json_lines, text_lines


def written(line: JsonLine) -> str:
    return line.indent + "".join(text for _, text in line.pieces) + line.tail


def test_the_lines_together_are_the_document() -> None:
    document = {"a": {"b": [1, {"c": None}], "d": {}, "e": []}, "f": 'x"y', "g": True}
    assert json.loads("\n".join(map(written, json_lines(document)))) == document


def test_numbers_stand_as_they_were_sent() -> None:
    document = json.loads('{"price": 748.50, "id": 9007199254740993123}')
    assert [written(line) for line in json_lines(document)][1:3] == [
        '  "price": 748.50,',
        '  "id": 9007199254740993123',
    ]


def test_marked_places_are_marked_and_no_others() -> None:
    lines = json_lines({"items": [{"sku": "A"}, {"sku": "B"}], "sku": "C"}, marked={"items.1.sku"})
    assert [written(line).strip() for line in lines if line.marked] == ['"sku": "B"']


def test_covered_documents_show_their_shape_and_no_value() -> None:
    text = "".join(map(written, json_lines({"phone": 13900000008, "name": "宋星野", "no": None}, covered=True)))
    assert "139" not in text
    assert "宋" not in text
    assert text.count(COVERED) == 2
    assert '"phone"' in text


def test_what_is_no_json_is_shown_line_by_line() -> None:
    assert [written(line) for line in text_lines("a\nb")] == ["a", "b"]
    assert len(text_lines("")) == 1
