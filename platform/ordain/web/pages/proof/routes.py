"""The stock proof: look, mend what drifted, run the simulation."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain.base.errors import Problem, Refused, problem
from ordain.engines.rush import Rush
from ordain.flows import stocking
from ordain.flows.simulating import work
from ordain.web.here import services
from ordain.web.pages.proof import build
from ordain.web.pages.reader import go, reader, wants_part
from ordain.web.policy import current_origin, policy

proof = Blueprint("proof", __name__, url_prefix="/stock/proof")


@proof.get("")
@policy("stock.read")
def index() -> str:
    """Show the proof, or the part of it that is asked for anew every minute."""
    with services().db.read() as conn:
        page = build.page(conn, reader(), request.args)
    return render_template("staff/proof_page.html" if wants_part("proof") else "staff/proof.html", page=page)


@proof.post("/repair")
@policy("stock.repair")
def repair() -> Response | tuple[str, int]:
    """Bring a SKU back to its sums, for a reason."""
    sku = request.form.get("sku", "")[:128]
    problems = stocking.repair(services(), sku, current_origin(), reason=request.form.get("reason", "")[:500])
    if problems:
        return _again({}, problems), 422
    return go(url_for("proof.index", repaired=sku))


@proof.post("/simulate")
@policy("stock.simulate")
def simulate() -> Response | tuple[str, int]:
    """Ask for a run; what is wrong with it stands beside its field."""
    try:
        work.start(services(), _rush(request.form), current_origin())
    except Refused as refused:
        return _again(request.form, refused.problems), 422
    return go(url_for("proof.index"))


def _again(wished: Mapping[str, str], problems: Sequence[Problem]) -> str:
    with services().db.read() as conn:
        page = build.page(conn, reader(), request.args, wished=wished, problems=problems)
    return render_template("staff/proof.html", page=page)


def _rush(form: Mapping[str, str]) -> Rush:
    problems, values = [], {}
    usual = Rush()
    for name in usual.__slots__:
        text = form.get(name, "").strip()
        if not text:
            continue
        try:
            values[name] = type(getattr(usual, name))(text)
        except ValueError:
            problems.append(problem(name, "not_a_number", f"“{text[:20]}”不是数字", f"“{text[:20]}” is no number"))
    if problems:
        raise Refused(problems)
    return Rush.of(values)
