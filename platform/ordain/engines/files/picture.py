"""Pictures are decoded and drawn anew: what is kept holds pixels and nothing that came with them."""

import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

MOST_PIXELS: Final = 50_000_000
MOST_OPENED: Final = 25_000_000  # of a kind that cannot be decoded smaller
_LONGEST: Final = 4_096
_SMALL: Final = 960
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
_CLEAR: Final = frozenset({"RGBA", "LA", "PA"})


class BadPicture(ValueError):
    """It is none, or a broken one, or one too large; the message is the code of the problem."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture drawn anew: as JPEG, or as PNG where parts of it are clear; and a small one beside it."""

    content: bytes
    small: bytes
    media: str


def draw(data: bytes) -> Drawn:
    """Return a picture drawn anew, upright, at most 4096 pixels long; BadPicture for anything else."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _drawn(data)
    except BadPicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadPicture("too_many_pixels") from None
    # What decoders of broken pictures are known to raise.
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, struct.error, zlib.error):
        raise BadPicture("broken_picture") from None
    except (MemoryError, OverflowError):
        raise BadPicture("too_many_pixels") from None


def _drawn(data: bytes) -> Drawn:
    with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
        pixels = opened.width * opened.height
        if pixels > (MOST_PIXELS if opened.format == "JPEG" else MOST_OPENED):
            raise BadPicture("too_many_pixels")
        opened.draft("RGB", (_LONGEST, _LONGEST))
        turned = ImageOps.exif_transpose(opened)
    clear = turned.mode in _CLEAR or "transparency" in turned.info
    plain = turned.convert("RGBA" if clear else "RGB")
    plain.thumbnail((_LONGEST, _LONGEST))
    small = plain.copy()
    small.thumbnail((_SMALL, _SMALL))
    return Drawn(_written(plain), _written(small), "image/png" if clear else "image/jpeg")


def _written(picture: Image.Image) -> bytes:
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    out = io.BytesIO()
    if picture.mode == "RGBA":
        bare.save(out, "PNG")
    else:
        bare.save(out, "JPEG", quality=88)
    return out.getvalue()
