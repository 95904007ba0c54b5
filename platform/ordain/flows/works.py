"""Which flow does the steps of which kind of long work."""

from collections.abc import Mapping
from typing import Final

from ordain.flows.simulating import work as simulating
from ordain.flows.working import Doer

WORKS: Final[Mapping[str, Doer]] = {simulating.KIND: simulating.step}
