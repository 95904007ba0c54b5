"""Which flow does the steps of which kind of long work."""

from collections.abc import Mapping
from typing import Final

from ordain.flows import bulk, exporting, redriving_all
from ordain.flows.importing import looking, running, staging
from ordain.flows.simulating import work as simulating
from ordain.flows.working import Doer

WORKS: Final[Mapping[str, Doer]] = {
    "import.read": staging.read,
    "import.check": looking.check,
    "import.run": running.run,
    bulk.KIND: bulk.step,
    redriving_all.KIND: redriving_all.step,
    exporting.KIND: exporting.step,
    simulating.KIND: simulating.step,
}
