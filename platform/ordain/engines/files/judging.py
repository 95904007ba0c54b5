"""Which kinds of files are taken: known by what they hold, never by what they are called."""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import Final

from ordain.base.errors import Problem, Refused, problem
from ordain.engines.files.picture import BadPicture, draw

PICTURES: Final = "image/jpeg,image/png,image/webp,image/gif"
TYPES: Final = ".jpg,.jpeg,.png,.webp,.gif,.pdf,.csv,.txt,.xlsx,.docx,.pptx"
_OFFICE: Final = {
    "xl/workbook.xml": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "word/document.xml": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "ppt/presentation.xml": ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
_MEMBERS: Final = 1_000
_INFLATED: Final = 50_000_000
_RATIO: Final = 100
_NAME: Final = 120
_UNFIT: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\"<>|:*?]")
_MARKUP: Final = re.compile(
    r"\A[\s\ufeff]*<|<\s*(?:!doctype|html|svg|script|\?xml|iframe|body|object)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of an uploaded file: its content, a small picture where it is one, its type, a name that fits."""

    name: str
    media: str
    content: bytes
    small: bytes = b""


def judge(name: str, data: bytes, kind: str) -> Kept:
    """Return what is kept of a file for a field of this kind (file or image); Refused with the reason."""
    if not data:
        raise Refused([problem("file", "empty_file", "请选择一个有内容的文件", "Choose a file that holds something")])
    if _is_picture(data):
        return _picture(name, data)
    if kind == "image":
        raise Refused([_not_taken("请上传 JPEG、PNG、WebP 或 GIF 图片", "Choose a picture: JPEG, PNG, WebP or GIF")])
    ending, media = _sniffed(data)
    return Kept(_named(name, ending), media, data)


def _is_picture(data: bytes) -> bool:
    return data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")) or (
        data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    )


def _picture(name: str, data: bytes) -> Kept:
    try:
        drawn = draw(data)
    except BadPicture as error:
        if str(error) == "too_many_pixels":
            zh, en = "图片像素过多，请缩小后上传", "The picture has too many pixels; make it smaller"
        else:
            zh, en = "图片已损坏，无法打开", "The picture is broken and cannot be opened"
        raise Refused([problem("file", str(error), zh, en)]) from None
    return Kept(
        _named(name, drawn.media.removeprefix("image/").replace("jpeg", "jpg")), drawn.media, drawn.content, drawn.small
    )


def _sniffed(data: bytes) -> tuple[str, str]:
    """Return the ending and the type of what is no picture; Refused for what is not taken."""
    if data.startswith(b"%PDF-"):
        return "pdf", "application/pdf"
    if data.startswith(b"PK\x03\x04"):
        return _office(data)
    text = _text(data)
    if text is None:
        raise Refused(
            [_not_taken(f"不支持此类文件，可上传：{TYPES}", f"This kind of file is not taken; these are: {TYPES}")]
        )
    if _MARKUP.search(text):
        zh, en = "不支持网页、SVG 与 XML 文件", "Web pages, SVG and XML are not taken"
        raise Refused([_not_taken(zh, en)])
    lines = text.splitlines()[:20]
    for mark in (",", ";", "\t"):
        if len(lines) > 1 and all(mark in line for line in lines if line.strip()):
            return "csv", "text/csv; charset=utf-8"
    return "txt", "text/plain; charset=utf-8"


def _office(data: bytes) -> tuple[str, str]:
    """Return which document of an office a packed file is; Refused for a bomb and for archives of anything else."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = packed.infolist()
            if len(members) > _MEMBERS or sum(one.file_size for one in members) > _INFLATED:
                raise _bomb()
            names = {one.filename for one in members}
            if any(one.flag_bits & 1 or one.filename.endswith((".bin", ".exe")) for one in members):
                raise Refused(
                    [_not_taken("不支持加密或含宏的文档", "Locked documents and those with macros are not taken")]
                )
            _inflated(packed, members, len(data))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, RuntimeError):
        raise Refused(
            [problem("file", "broken_file", "文件已损坏，无法打开", "The file is broken and cannot be opened")]
        ) from None
    if "[Content_Types].xml" in names:
        for member, found in _OFFICE.items():
            if member in names:
                return found
    raise Refused([_not_taken("不支持压缩包，请解压后上传", "Archives are not taken; unpack it first")])


def _inflated(packed: zipfile.ZipFile, members: list[zipfile.ZipInfo], size: int) -> None:
    """Unpack every member and throw it away, counting: what an archive says of itself is not believed."""
    total = 0
    for one in members:
        with packed.open(one) as reading:
            while piece := reading.read(65_536):
                total += len(piece)
                if total > _INFLATED or total > max(size, 10_000) * _RATIO:
                    raise _bomb()


def _text(data: bytes) -> str | None:
    """Return what a text says, None for what is none."""
    if b"\x00" in data:
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        unfit = sum(ord(letter) < 32 and letter not in "\t\r\n\f" for letter in text[:10_000])
        return text if not unfit else None
    return None


def _named(name: str, ending: str) -> str:
    """Return a name that is only a name, with the ending of what the file is."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    stem = _UNFIT.sub("", last).strip().rsplit(".", 1)[0].strip(" .")
    return f"{stem.encode('utf-8', 'ignore').decode()[:_NAME] or 'file'}.{ending}"


def _bomb() -> Refused:
    return Refused([problem("file", "too_large_inside", "文件解压后过大", "The file is too large once unpacked")])


def _not_taken(zh: str, en: str) -> Problem:
    return problem("file", "not_taken", zh, en)
