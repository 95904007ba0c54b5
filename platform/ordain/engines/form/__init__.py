"""Forms from schemas: one engine draws every editor and every staff form, and reads back what was posted.

`compile_shape` turns a JSON Schema with hints into a tree once; `draw` lays a document on it; `read` makes a
document of what a browser posted; `act` adds, removes and moves parts. All of it is pure; nothing raises on bad
input: what cannot be read becomes a problem beside its field, and what was typed stays.
"""

from ordain.engines.form.acting import act
from ordain.engines.form.drawing import View, draw
from ordain.engines.form.reading import Posted, read
from ordain.engines.form.shape import Shape, blank, compile_shape

__all__ = ["Posted", "Shape", "View", "act", "blank", "compile_shape", "draw", "read"]
