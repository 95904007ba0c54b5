"""The schemas of what the API answers, for the OpenAPI document; tests hold real answers to them."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from ordain.records.message import Fate, Source
from ordain.records.order import PRIORITIES, REFUND_STATES, STATES
from ordain.records.stock import MOVEMENT_KINDS, RESERVATION_STATES

Schema = Mapping[str, Any]
STRING: Final[Schema] = {"type": "string"}
_INTEGER: Final[Schema] = {"type": "integer"}
_TRUTH: Final[Schema] = {"type": "boolean"}
_ANY_OBJECT: Final[Schema] = {"type": "object"}
_TIME: Final[Schema] = {"type": "string", "format": "date-time"}
_NULL_TIME: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}
_NULL_STRING: Final[Schema] = {"type": ["string", "null"]}
_NULL_INTEGER: Final[Schema] = {"type": ["integer", "null"]}
_AMOUNT: Final[Schema] = {
    "type": ["integer", "null"],
    "description": "minor units of `currency`; null: not for your role",
}
_TITLE: Final[Schema] = {
    "type": "object",
    "additionalProperties": STRING,
    "examples": [{"zh": "渠道", "en": "Channel"}],
}


def _object(**properties: Schema) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _items(of: Schema) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _page(of: str) -> dict[str, Any]:
    following = {**_NULL_STRING, "description": "the cursor of the next page; null on the last"}
    return _object(items=_items(_ref(of)), next=following, total=_INTEGER)


_PROBLEM: Final = _object(
    path={**STRING, "description": "dotted path of the field, empty for the whole"}, code=STRING, message=STRING
)
_PROBLEMS: Final = _items(_ref("FieldProblem"))
_ORDER: Final[dict[str, Schema]] = {
    "id": STRING, "number": STRING, "channel": STRING, "external_id": STRING,
    "state": {"enum": [*STATES, None], "description": "null only while held: the channel's word is not known"},
    "held": _TRUTH, "problems": _PROBLEMS, "currency": STRING, "total": _AMOUNT, "paid": _AMOUNT,
    "placed_at": _NULL_TIME, "received_at": _TIME, "priority": {"enum": list(PRIORITIES)}, "lane": STRING,
    "region": STRING,
}  # fmt: skip
_ORDER_LINE: Final = _object(
    id=STRING,
    external_id=STRING,
    sku=STRING,
    title=STRING,
    quantity=_INTEGER,
    unit_price=_AMOUNT,
    amount=_AMOUNT,
    shipped_quantity=_INTEGER,
    refund_state={"enum": list(REFUND_STATES)},
)
_BUYER: Final = _object(
    name=_NULL_STRING,
    phone=_NULL_STRING,
    email=_NULL_STRING,
    level=_NULL_INTEGER,
    address=_object(**dict.fromkeys(("province", "city", "district", "street"), _NULL_STRING)),
)
_RESERVED: Final = _object(
    id=STRING,
    state={"enum": list(RESERVATION_STATES)},
    expires_at={**_NULL_TIME, "description": "null: held for good, or no more"},
)
_ORDERS: Final[dict[str, Schema]] = {
    "OrderSummary": _object(
        **_ORDER,
        buyer=_object(name=STRING),
        title=STRING,
        line_count=_INTEGER,
        quantity=_INTEGER,
        updated_at=_TIME,
        extra={**_ANY_OBJECT, "description": "fields added by an admin, as your role sees them"},
    ),
    "Record": _object(
        id=STRING,
        name={"type": "string", "description": "what people call it: its number with the form's initials, or its code"},
        number={"type": ["integer", "null"]},
        state=_NULL_STRING,
        version=_INTEGER,
        created_at=_TIME,
        updated_at=_TIME,
        data={"type": "object", "description": "the fields of its form; those your role hides are left out"},
    ),
    "RecordList": _page("Record"),
    "File": _object(
        id=STRING,
        name=STRING,
        type=STRING,
        size=_INTEGER,
        sha256=STRING,
        uploaded_by=STRING,
        uploaded_at=STRING,
        href=STRING,
    ),
    "Content": {"type": "string", "format": "binary"},
    "Import": _object(
        id=STRING,
        name=STRING,
        state={"enum": ["reading", "unread", "mapping", "checking", "ready", "running", "done"]},
        into=_NULL_STRING,
        rows=_INTEGER,
        columns=_items(STRING),
        plan=_object(columns=_ANY_OBJECT, fixed=_ANY_OBJECT, match=_items(STRING)),
        counts={**_ANY_OBJECT, "description": "rows by fate: new, changed, unchanged, bad, left"},
        problems=_PROBLEMS,
        progress={
            "anyOf": [_object(done=_INTEGER, total=_NULL_INTEGER), {"type": "null"}],
            "description": "of what goes on now",
        },
        created_at=_TIME,
        updated_at=_TIME,
        finished_at=_NULL_TIME,
    ),
    "ImportList": _page("Import"),
    "ImportRow": _object(
        number=_INTEGER,
        fate={"enum": ["waiting", "new", "changed", "unchanged", "bad", "left"]},
        cells={**_ANY_OBJECT, "description": "the cells by the file's columns"},
        problems=_PROBLEMS,
        subject={**_NULL_STRING, "description": "the id of the record it is about or became"},
    ),
    "ImportRowList": _page("ImportRow"),
    "Workbook": {"type": "string", "format": "binary"},
    "OrderList": _page("OrderSummary"),
    "OrderLine": _ORDER_LINE,
    "Order": _object(
        **_ORDER,
        shop=STRING,
        paid_at=_NULL_TIME,
        shipped_at=_NULL_TIME,
        modified_at=_NULL_TIME,
        **dict.fromkeys(("goods", "seller_discount", "platform_discount", "freight", "tax", "refunded"), _AMOUNT),
        buyer=_BUYER,
        lines=_items(_ref("OrderLine")),
        reservation={"anyOf": [_RESERVED, {"type": "null"}], "description": "the stock held for it"},
        extra={**_ANY_OBJECT, "description": "fields added by an admin"},
    ),
    "Submitted": {"anyOf": [_ref("Order"), _object(id=STRING, external_id=STRING)]},
    "Results": _object(items=_items(_object(message=STRING, state={"enum": list(get_args(Fate))}, problems=_PROBLEMS))),
    "Clause": _object(
        rule=STRING,
        text=STRING,
        true={"type": ["boolean", "null"], "description": "null: not evaluated, an earlier one had settled it"},
        facts=_ANY_OBJECT,
        parts=_items(_ref("Clause")),
    ),
    "Decision": _object(
        id=STRING, kind=STRING, key=STRING, version=_INTEGER, outcome=STRING, at=_TIME, why=_items(_ref("Clause"))
    ),
    "DecisionList": _page("Decision"),
}
_MESSAGE: Final[dict[str, Schema]] = {
    "id": STRING, "channel": STRING, "source": {"enum": list(get_args(Source))}, "event_id": STRING, "topic": STRING,
    "record": STRING, "received_at": _TIME, "state": {"enum": list(get_args(Fate))}, "problems": _PROBLEMS,
    "order_id": _NULL_STRING, "mapping": STRING, "mapping_version": _NULL_INTEGER, "tries": _INTEGER,
    "size": _NULL_INTEGER,
}  # fmt: skip
_MESSAGES: Final[dict[str, Schema]] = {
    "MessageSummary": _object(**_MESSAGE),
    "MessageList": _page("MessageSummary"),
    "Message": _object(**_MESSAGE, raw={**_NULL_STRING, "description": "as it was received; null: not for your role"}),
    "Result": _object(message=STRING, state={"enum": list(get_args(Fate))}, order=_NULL_STRING, problems=_PROBLEMS),
    "Redriven": {
        "oneOf": [
            _object(total=_INTEGER, fates={"type": "object", "additionalProperties": _INTEGER}, complete=_TRUTH),
            _object(
                total=_INTEGER,
                passing=_INTEGER,
                remaining={
                    "type": "object",
                    "additionalProperties": _INTEGER,
                    "description": "how many messages would keep each problem, by code",
                },
            ),
        ]
    },
}
_VERSION: Final[dict[str, Schema]] = {"version": _INTEGER, "author": STRING, "note": STRING, "at": _NULL_TIME}
_DRAFT: Final[dict[str, Schema]] = {"owner": STRING, "base_version": _NULL_INTEGER, "hash": STRING}
_DEFINITIONS: Final[dict[str, Schema]] = {
    "DefinitionLine": _object(
        kind=STRING,
        key=STRING,
        title=_TITLE,
        live=_NULL_INTEGER,
        canary=_NULL_INTEGER,
        draft=_TRUTH,
    ),
    "DefinitionList": _page("DefinitionLine"),
    "Definition": _object(
        kind=STRING,
        key=STRING,
        live={"anyOf": [_object(version=_INTEGER, hash=STRING, document=_ANY_OBJECT), {"type": "null"}]},
        canary={"type": "null"},
        draft={"anyOf": [_object(**_DRAFT, document=_ANY_OBJECT), {"type": "null"}]},
        versions=_items(_object(**_VERSION)),
    ),
    "Version": _object(**_VERSION, hash=STRING, document=_ANY_OBJECT),
    "Draft": _object(**_DRAFT, problems=_PROBLEMS),
    "Discarded": _object(kind=STRING, key=STRING),
    "Checked": _object(
        problems=_PROBLEMS,
        changes=_items(
            _object(path=STRING, change={"enum": ["added", "removed", "changed"]}, before={}, after={}),
        ),
    ),
    "Published": _object(version=_INTEGER, hash=STRING),
    "Connection": _object(
        name=STRING,
        base_url=STRING,
        hosts=_items(STRING),
        secrets={"type": "object", "additionalProperties": STRING, "description": "by name, never in clear"},
    ),
    "ConnectionList": _page("Connection"),
}
_LEVEL: Final = _object(
    pool=STRING,
    **dict.fromkeys(("on_hand", "reserved", "available", "safety", "backorder_limit", "version"), _INTEGER),
)
_STOCK: Final[dict[str, Schema]] = {
    "Stock": _object(
        sku=STRING,
        on_hand=_INTEGER,
        reserved=_INTEGER,
        available={**_INTEGER, "description": "what may be promised now, in all pools"},
        label={**STRING, "description": "for a shop's page: in stock, only so many left, sold out"},
        pools=_items(_LEVEL),
    ),
    "Movement": _object(
        id=STRING,
        at=_TIME,
        sku=STRING,
        pool=STRING,
        kind={"enum": list(MOVEMENT_KINDS)},
        quantity={**_INTEGER, "description": "what was added; less than nothing: taken"},
        on_hand={**_INTEGER, "description": "after it"},
        reason=STRING,
        actor=STRING,
        reservation=_NULL_STRING,
        order=_NULL_STRING,
        key=_NULL_STRING,
    ),
    "MovementList": _page("Movement"),
    "Movements": _object(items=_items(_ref("Movement"))),
    "Reservation": _object(
        id=STRING,
        reference=STRING,
        state={"enum": list(RESERVATION_STATES)},
        channel=STRING,
        priority={"enum": list(PRIORITIES)},
        order=_NULL_STRING,
        expires_at={**_NULL_TIME, "description": "null: held for good, or no more"},
        created_at=_TIME,
        lines=_items(
            _object(
                sku=STRING,
                quantity=_INTEGER,
                taken={**_INTEGER, "description": "what of it is reserved or has left"},
                shipped=_INTEGER,
            )
        ),
    ),
}
_PEOPLE: Final[dict[str, Schema]] = {
    "Person": _object(
        id=STRING,
        name=STRING,
        display_name=STRING,
        active=_TRUTH,
        demo=_TRUTH,
        roles=_items(STRING),
        regions=_items(STRING),
        mail={**STRING, "description": "masked unless you may edit people"},
        phone={**STRING, "description": "masked unless you may edit people"},
        second_factor=_TRUTH,
        entered_at=_NULL_TIME,
        created_at=_TIME,
    ),
    "PersonList": _page("Person"),
    "Invited": _object(id=STRING, link={**STRING, "description": "sets the password, once"}),
}
SCHEMAS: Final[dict[str, Schema]] = {
    "FieldProblem": _PROBLEM,
    "Problem": {
        **_object(type=STRING, title=STRING, status=_INTEGER, problems=_PROBLEMS, request_id=STRING),
        "additionalProperties": True,  # the conflict of drafts carries both sides
    },
    "Alive": _object(status=STRING),
    "Ready": _object(
        status={"enum": ["ok", "unready"]}, database={"enum": ["ok", "unready"]}, queue={"enum": ["ok", "degraded"]}
    ),
    "Document": {**_ANY_OBJECT, "description": "this document"},
    "Acknowledged": {"description": "what the channel's definition says its platform wants to hear"},
    "Nothing": {"description": "nothing"},
    "ScimUser": {**_ANY_OBJECT, "description": "a user as RFC 7643 describes one; application/scim+json"},
    "ScimList": {**_ANY_OBJECT, "description": "a ListResponse of RFC 7644; application/scim+json"},
    "ScimDocument": {**_ANY_OBJECT, "description": "a document of RFC 7643; application/scim+json"},
    "Figures": {**STRING, "description": "in Prometheus's text format"},
    **_ORDERS,
    **_MESSAGES,
    **_DEFINITIONS,
    **_STOCK,
    **_PEOPLE,
}
