"""Files that try to be more than they are."""

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), mode: str = "RGB", **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else None).save(out, kind, **more)
    return out.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, body: bytes = b"") -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def packed(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name.replace("__", "/"), body)
    return out.getvalue()


def lying(data: bytes) -> bytes:
    """Return an archive whose members say that they are of no size once unpacked."""
    place = data.index(b"PK\x01\x02")
    return data[: place + 24] + struct.pack("<I", 1) + data[place + 28 :]


def many() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(1_500):
            archive.writestr(f"xl/{number}", b"")
    return out.getvalue()


WORKBOOK: dict[str, bytes] = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><html><script>alert(document.cookie)</script></html>"

# name -> the file; none of these may be kept.
REFUSED: dict[str, bytes] = {
    "empty.png": b"",
    "drawing.svg": SVG,
    "drawing.png": SVG,
    "page.html": HTML,
    "page.txt": b"Dear all,\n<script>alert(1)</script>",
    "marked.svg": b"\xef\xbb\xbf  " + SVG,
    "wide.svg": SVG.decode().encode("utf-16"),
    "feed.xml": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
    "laughs.xml": b"<!DOCTYPE lolz [<!ENTITY lol 'lol'><!ENTITY l2 '&lol;&lol;'>]><lolz>&l2;</lolz>",
    "huge.png": png(30_000, 30_000),
    "endless.png": png(2**31 - 1, 2**31 - 1),
    "flat.png": png(25_000, 1_100, b"\0" * 25_000 * 3 * 1_100),
    "huge.gif": b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + b"\x00\x00\x00,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x00;",
    "cut.jpg": picture()[:200],
    "broken.png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 64,
    "noise.webp": b"RIFF\x20\x00\x00\x00WEBP" + b"\xff" * 32,
    "text.png": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)) + chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 80_000_000)),
    "program.jpg": b"MZ" + b"\0" * 200,
    "program": b"\x7fELF" + b"\0" * 200,
    "bomb.xlsx": packed(**WORKBOOK, **{"xl/sheet1.xml": b"\0" * 60_000_000}),
    "dense.xlsx": packed(**WORKBOOK, **{"xl/sheet1.xml": b"\0" * 20_000_000}),
    "lying.xlsx": lying(packed(**{"[Content_Types].xml": b"\0" * 30_000_000, "xl/workbook.xml": b"<workbook/>"})),
    "many.xlsx": many(),
    "macros.xlsx": packed(**WORKBOOK, **{"xl/vbaProject.bin": b"macro"}),
    "archive.zip": packed(a=b"b"),
    "nested.zip": packed(inner=packed(inner=packed(deep=b"x" * 1_000))),
    "climbing.zip": packed(**{"../../etc/passwd": b"x"}),
    "torn.xlsx": packed(**WORKBOOK)[:60],
    "archive.gz": b"\x1f\x8b\x08" + b"\0" * 40,
    "archive.7z": b"7z\xbc\xaf\x27\x1c" + b"\0" * 40,
    "script.js.txt": b"\x00\x01\x02binary",
    "icon.ico": b"\x00\x00\x01\x00\x01\x00" + b"\x00" * 40,
    "photo.tiff": b"II*\x00" + b"\x00" * 60,
    "letter.ps": b"%!PS-Adobe\n" + b"\x00run",
}  # fmt: skip

# name -> the file and what it is kept as; the name says nothing about that.
KEPT: dict[str, tuple[bytes, str]] = {
    "photo.JPG": (picture(), "photo.jpg"),
    "photo.exe": (picture(), "photo.jpg"),
    "drawing.html": (picture("PNG"), "drawing.jpg"),
    "clear.png": (picture("PNG", mode="RGBA"), "clear.png"),
    "moving.gif": (picture("GIF", mode="P"), "moving.jpg"),
    "modern.webp": (picture("WEBP"), "modern.jpg"),
    "../../../etc/passwd": (picture(), "passwd.jpg"),
    "..\\..\\windows\\system.ini": (picture(), "system.jpg"),
    "/etc/cron.d/x\0.jpg": (picture(), "x.jpg"),
    'a"; filename="b.html': (picture(), "a; filename=b.jpg"),
    "invoice\u202egpj.exe": (picture(), "invoicegpj.jpg"),
    "line\r\nSet-Cookie: a=b.jpg": (picture(), "lineSet-Cookie a=b.jpg"),
    "": (picture(), "file.jpg"),
    ".htaccess": (picture(), "file.jpg"),
    "发货照片.png": (picture(), "发货照片.jpg"),
    "x" * 400 + ".jpg": (picture(), "x" * 120 + ".jpg"),
    "page.html.jpg": (picture() + HTML, "page.html.jpg"),
    "both.gif": (picture("GIF", mode="P") + packed(evil=b"class"), "both.jpg"),
    "invoice.exe": (b"%PDF-1.7\n" + HTML, "invoice.pdf"),
    "book.zip": (packed(**WORKBOOK), "book.xlsx"),
    "list.html": (b"a,b\n1,2\n3,4\n", "list.csv"),
    "note.php": ("收到，谢谢".encode("gb18030"), "note.txt"),
}  # fmt: skip
