"""Kind `alert`: when to raise an alert, and whom to tell."""

from ordain.kinds.kind import Kind

KIND = Kind("alert")
