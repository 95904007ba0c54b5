"""Who changes something says so in the audit, in the same transaction."""

import ast
from collections.abc import Iterator
from pathlib import Path

ORDAIN = Path(__file__).parents[1] / "platform" / "ordain"
# Functions that write without a row of the audit, and why that is right. A new one either calls `audit.record`
# beside its change, or stands here with a reason that holds.
SILENT = {
    "flows/uploading.py:sweep": "removes what no record holds; what a record let go of was told of there",
    "flows/drafting.py:keep": "what a person typed and did not save is theirs alone",
    "flows/drafting.py:drop": "what a person typed and did not save is theirs alone",
    "flows/calling.py:note": "how a target of a connector stands; what the call was for tells of itself",
    "flows/calling.py:admits": "takes a breaker's probe",
    "flows/calling.py:_keep": "keeps an answer for bad times",
    "flows/expiring.py:sweep": "lapsing.close tells of the orders it closes; a bare hold tells its own end",
    "flows/directory.py:poll": "calls _follow, which tells of each person, or notes why nothing was followed",
    "flows/provisioning.py:create": "calls keep, which tells",
    "flows/provisioning.py:replace": "the same",
    "flows/provisioning.py:patch": "the same",
    "flows/provisioning.py:remove": "the same",
    "flows/filing.py:fetch": "how a channel's collector stands; its runs are kept, its orders told of where they are stored",
    "flows/fulfilling.py:pay": "writes through _Case, which tells",
    "flows/fulfilling.py:cancel": "the same",
    "flows/fulfilling.py:ship": "the same",
    "flows/importing/staging.py:read": "rows of a file wait; its begin and its end are told",
    "flows/importing/staging.py:_read_all": "the same",
    "flows/importing/looking.py:settle": "how far an import is",
    "flows/importing/looking.py:again": "what is known of waiting rows",
    "flows/importing/looking.py:mark": "what is known of waiting rows",
    "flows/importing/looking.py:stand": "the same",
    "flows/importing/looking.py:judge": "the same",
    "flows/importing/running.py:_write": "its targets tell of each record, _end of the whole",
    "flows/importing/running.py:_part": "the same",
    "flows/importing/mending.py:mend": "a waiting row is mended before anything is imported",
    "flows/importing/mending.py:mend_all": "the same",
    "flows/importing/steps.py:written": "how far an import is",
    "flows/intake/storing.py:store": "gathers its rows in Batch and writes them with audit.record_all",
    "flows/intake/storing.py:_quarantine": "the same",
    "flows/lapsing.py:tell": "asks for notices; each tells what became of it",
    "flows/listening.py:_hint": "when a channel is asked next",
    "flows/login.py:resume": "when a session was last seen",
    "flows/login.py:holder": "when a token was last used",
    "flows/login.py:sign_in_as": "calls opened, which tells",
    "flows/login_factor.py:begin": "a seed that does not count before it is confirmed",
    "flows/login_factor.py:proves": "uses a code up; the act it was sent for tells",
    "flows/login_factor.py:send_code": "asks for a notice, which is kept and tells what became of it",
    "flows/login_reset.py:ask": "takes the question; the worker tells whom it wrote to",
    "flows/notifying.py:_end": "what became of a notice, which is kept and shown with its subject",
    "flows/notifying.py:_later": "the same",
    "flows/pushing.py:push": "whose turn it is to push",
    "flows/pushing.py:_push": "which number of stock a channel took; the movements tell why it changed",
    "flows/pushing.py:_finish": "how the pushing of a channel goes",
    "flows/polling.py:_poll_windows": "how a channel's collector stands",
    "flows/polling.py:_finish": "how a channel's collector stands; its runs are kept",
    "flows/publishing.py:publish": "calls _publish, which tells",
    "flows/reconciling.py:reconcile": "its runs are kept",
    "flows/reserving.py:settle": "gathers its rows in _Batch and writes them with audit.record_all",
    "flows/rotating.py:_batch": "the same values, sealed with another key; _let_go tells of the key that goes",
    "flows/rotating.py:_once_more": "how far resealing is",
    "flows/scheduling.py:sweep": "forgets what holds no more",
    "flows/scheduling.py:tick": "when what comes round is due",
    "flows/sealing.py:run": "seals the audit itself",
    "flows/viewing.py:remember_columns": "how somebody likes their list",
    "flows/working.py:go_on": "asks workers for the rest",
    "flows/working.py:_step": "how far work is; its doers tell of what they change",
    "flows/working.py:_write": "how far work is; _ended tells of its end",
    "flows/working.py:_end": "calls _ended, which tells",
    "flows/simulating/work.py:keep": "keeps a run; the long work that it was tells of its start and end",
    "jobs/run.py:drain_lane": "takes work",
    "jobs/run.py:_do": "puts work away",
    "jobs/run.py:_put_back": "puts work back",
    "flows/stocking.py:move_all": "calls _move_all, which tells",
    "flows/stocking.py:set_limits": "calls _set_limits, which tells",
    "web/idempotency.py:guarded": "keeps an answer",
    "web/idempotency.py:idempotent": "keeps an answer",
    "web/idempotency.py:_forget": "keeps an answer no longer",
}
# These write to databases that are thrown away.
SCRATCH = ("flows/simulating/peers.py", "flows/simulating/ours.py")


def writers() -> Iterator[tuple[str, str]]:
    """Yield every function of flows and doors that opens a writing transaction, with its text."""
    for folder in ("flows", "web", "jobs", "gateways"):
        for file in sorted((ORDAIN / folder).rglob("*.py")):
            if str(file.relative_to(ORDAIN)) in SCRATCH:
                continue
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.FunctionDef):
                    text = ast.unparse(node)
                    if "db.write()" in text or "db.transact(" in text:
                        yield f"{file.relative_to(ORDAIN)}:{node.name}", text


def test_who_writes_tells_the_audit_or_says_why_not() -> None:
    silent = [name for name, text in writers() if "audit.record" not in text and name not in SILENT]
    assert silent == [], "call audit.record in the same transaction, or give a reason in SILENT"


def test_no_reason_outlives_its_function() -> None:
    known = dict(writers())
    assert [name for name in SILENT if name not in known or "audit.record" in known[name]] == []
