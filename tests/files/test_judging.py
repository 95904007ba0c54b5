"""What becomes of an uploaded file: known by what it holds, pictures drawn anew, bombs refused within bounds."""

import io
import resource
import time

import pytest
from PIL import Image

from ordain.base.errors import Refused
from ordain.engines.files import judge
from tests.files.bombs import HTML, KEPT, REFUSED, packed, picture


def test_there_are_more_than_thirty_bombs() -> None:
    assert len(REFUSED) >= 30


@pytest.mark.parametrize("name", REFUSED)
def test_a_bomb_is_refused_quickly_and_without_much_memory(name: str) -> None:
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(Refused) as caught:
        judge(name, REFUSED[name], "file")
    assert caught.value.problems[0].path == "file"
    assert time.monotonic() - began < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000


@pytest.mark.parametrize("name", KEPT)
def test_a_file_is_named_by_what_it_is(name: str) -> None:
    data, wanted = KEPT[name]
    kept = judge(name, data, "file")
    assert kept.name == wanted
    assert "html" not in kept.media


def test_a_picture_is_drawn_anew_and_keeps_nothing_that_came_with_it() -> None:
    exif = Image.Exif()
    exif[0x010E] = "at home, 13900000001"
    exif[0x0112] = 6  # lies on its side
    kept = judge("a.jpg", picture(size=(400, 300), exif=exif, comment=b"secret") + HTML, "image")
    for one in (kept.content, kept.small):
        assert b"13900000001" not in one
        assert b"secret" not in one
        assert b"script" not in one
        with Image.open(io.BytesIO(one)) as found:
            assert found.size == (300, 400)
            assert not found.getexif()


def test_a_large_photograph_is_kept_within_bounds() -> None:
    kept = judge("a.jpg", picture(size=(8_000, 6_000)), "image")
    with Image.open(io.BytesIO(kept.content)) as found, Image.open(io.BytesIO(kept.small)) as small:
        assert max(found.size) <= 4_096
        assert max(small.size) <= 960


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"a,b\n1,2\n", packed(a=b"b")])
def test_a_field_of_pictures_takes_nothing_else(data: bytes) -> None:
    with pytest.raises(Refused) as caught:
        judge("a.jpg", data, "image")
    assert caught.value.problems[0].code == "not_taken"
