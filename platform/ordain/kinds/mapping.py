"""Kind `mapping`: from a source document to our record."""

from ordain.kinds.kind import Kind

KIND = Kind("mapping")
