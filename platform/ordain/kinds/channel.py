"""Kind `channel`: where orders come from, how to ask for them, how to trust what is pushed."""

from ordain.kinds.kind import Kind

KIND = Kind("channel")
