"""Kind `report`: regular reports."""

from ordain.kinds.kind import Kind

KIND = Kind("report")
