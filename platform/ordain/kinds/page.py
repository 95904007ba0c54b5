"""Kind `page`: what customers see."""

from ordain.kinds.kind import Kind

KIND = Kind("page")
