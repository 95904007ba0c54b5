"""Kind `evidence`: how uploaded proof is judged."""

from ordain.kinds.kind import Kind

KIND = Kind("evidence")
