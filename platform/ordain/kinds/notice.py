"""Kind `notice`: message templates."""

from ordain.kinds.kind import Kind

KIND = Kind("notice")
