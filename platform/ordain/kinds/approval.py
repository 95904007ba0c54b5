"""Kind `approval`: a chain of steps over a form's entries."""

from ordain.kinds.kind import Kind

KIND = Kind("approval")
