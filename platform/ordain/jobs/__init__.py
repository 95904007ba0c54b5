"""rq doors: the worker, the one job entry point, the tick over the schedule."""
