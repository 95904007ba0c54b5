"""The import wizard: file, mapping, preview with problems in their cells, import, result; taken up again any time."""
