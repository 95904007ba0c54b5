"""Kind `dashboard`: metrics at a glance."""

from ordain.kinds.kind import Kind

KIND = Kind("dashboard")
