"""Kind `reservation`: stock policy."""

from ordain.kinds.kind import Kind

KIND = Kind("reservation")
