"""Kind `metric`: numbers computed from records."""

from ordain.kinds.kind import Kind

KIND = Kind("metric")
