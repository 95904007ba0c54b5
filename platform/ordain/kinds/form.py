"""Kind `form`: a record type with its fields, states, list and layout."""

from ordain.kinds.kind import Kind

KIND = Kind("form")
