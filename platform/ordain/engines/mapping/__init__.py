"""Mapping: from a channel's document to our record, by a definition.

`compile_mapping` turns the definition's spec into a program once; `map_record` reads one document with it;
`decide` runs the checks over the mapped record and the facts gathered for it. Nothing raises on bad input:
what cannot be read becomes a problem, and the record is held.
"""

from ordain.engines.mapping.deciding import decide
from ordain.engines.mapping.program import Mapped, MappingProgram, compile_mapping
from ordain.engines.mapping.reading import map_record

__all__ = ["Mapped", "MappingProgram", "compile_mapping", "decide", "map_record"]
