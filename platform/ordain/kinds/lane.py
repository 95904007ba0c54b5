"""Kind `lane`: which orders go first."""

from ordain.kinds.kind import Kind

KIND = Kind("lane")
