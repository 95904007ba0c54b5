"""The process tree of one machine: started in order, watched, replaced when it dies, stopped in order."""

from ordain.launch.tree import launch

__all__ = ["launch"]
