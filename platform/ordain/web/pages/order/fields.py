"""The business's own fields of an order: shown under their titles, written in a form."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from ordain.base.errors import Problem
from ordain.engines.form import draw, read
from ordain.engines.form.staff import StaffForm
from ordain.flows import extending
from ordain.records.order import Order
from ordain.web.here import services
from ordain.web.pages.record.context import FormPage
from ordain.web.pages.record.form import anchored, sections
from ordain.web.pages.texts import _
from ordain.web.show import Show


def fields_page(
    form: StaffForm, order: Order, show: Show, data: Mapping[str, Any], problems: Sequence[Problem] = ()
) -> FormPage:
    """Return the page on which an order's own fields are written."""
    view = draw(form.shape, data, problems)
    back = url_for("order.index", order_id=order.id)
    return FormPage(
        place="orders",
        form_title=order.number,
        list_href=back,
        title=show.text(form.title),
        here=url_for("order.fields", order_id=order.id),
        button=_("Save"),
        parts=sections(form, view, data, "", show, new=True),
        problems=anchored(problems, view, show),
        seen=0,
        back=back,
    )


def posted(form: StaffForm, order: Order, pairs: Sequence[tuple[str, str]]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the fields as they were posted, and what could not be read."""
    found = read(form.shape, pairs, extending.values(services(), form, order))
    data = found.document if isinstance(found.document, dict) else {}
    return {name: value for name, value in data.items() if value is not None}, found.problems
