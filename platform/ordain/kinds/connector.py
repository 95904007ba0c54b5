"""Kind `connector`: outside systems we call."""

from ordain.kinds.kind import Kind

KIND = Kind("connector")
