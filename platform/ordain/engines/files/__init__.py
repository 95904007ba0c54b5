"""What an uploaded file is, whatever its name says: pictures drawn anew, other kinds known by their first bytes."""

from ordain.engines.files.judging import PICTURES, TYPES, Kept, judge

__all__ = ["PICTURES", "TYPES", "Kept", "judge"]
