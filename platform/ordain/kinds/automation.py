"""Kind `automation`: when something happens, if a condition holds, then act."""

from ordain.kinds.kind import Kind

KIND = Kind("automation")
