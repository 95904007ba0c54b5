"""SCIM 2.0: where a directory of people creates, changes and shuts out users (RFC 7643, 7644)."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from ordain.base import json
from ordain.base.clock import rfc3339
from ordain.base.errors import Refused
from ordain.engines.directory import ENTERPRISE, LIST, USER, ScimRefused, error
from ordain.flows import provisioning
from ordain.flows.provisioning import Resource
from ordain.web.api.asking import described
from ordain.web.here import services
from ordain.web.policy import current_origin, policy

scim = Blueprint("scim", __name__, url_prefix="/scim/v2")
MEDIA: Final = "application/scim+json"
_MOST: Final = 200
_TEXT: Final = {"type": "string"}
_QUERY: Final[Mapping[str, Mapping[str, Any]]] = {
    "filter": _TEXT, "startIndex": _TEXT, "count": _TEXT, "attributes": _TEXT, "excludedAttributes": _TEXT,
    "sortBy": _TEXT, "sortOrder": _TEXT,
}  # fmt: skip
_KEPT: Final = ("name", "title", "locale", "preferredLanguage", "timezone", "groups", ENTERPRISE)


@scim.get("/Users")
@policy("person.provision", kind="api")
@described(query=_QUERY, returns={200: "ScimList"})
def index() -> Response:
    """List users; `filter=userName eq "anna"` finds one."""
    start, count = max(1, _number("startIndex", 1)), min(_MOST, max(0, _number("count", 100)))
    found = provisioning.find(services(), request.args.get("filter", ""), start, count)
    body: dict[str, Any] = {"schemas": [LIST], "totalResults": found.total, "startIndex": start}
    body["itemsPerPage"] = len(found.items)
    body["Resources"] = [_user(item) for item in found.items]
    return _reply(body)


@scim.post("/Users")
@policy("person.provision", kind="api")
@described(returns={201: "ScimUser"}, errors=(409, 411, 413))
def create() -> Response:
    """Add a user."""
    made = provisioning.create(services(), _body(), current_origin())
    answer = _reply(_user(made), 201)
    answer.headers["Location"] = _location(made)
    return answer


@scim.get("/Users/<person_id>")
@policy("person.provision", kind="api")
@described(query=_QUERY, returns={200: "ScimUser"})
def one(person_id: str) -> Response:
    """Get one user."""
    return _reply(_user(provisioning.get(services(), person_id)))


@scim.put("/Users/<person_id>")
@policy("person.provision", kind="api")
@described(returns={200: "ScimUser"}, errors=(409, 411, 413))
def put(person_id: str) -> Response:
    """Let a user be as this says."""
    return _reply(_user(provisioning.replace(services(), person_id, _body(), current_origin())))


@scim.patch("/Users/<person_id>")
@policy("person.provision", kind="api")
@described(returns={200: "ScimUser"}, errors=(409, 411, 413))
def patch(person_id: str) -> Response:
    """Change parts of a user; `active: false` ends all they are signed in with at once."""
    body = _body()
    operations = next((value for name, value in body.items() if name.lower() == "operations"), None)
    return _reply(_user(provisioning.patch(services(), person_id, operations, current_origin())))


@scim.delete("/Users/<person_id>")
@policy("person.provision", kind="api")
@described(returns={204: "Nothing"})
def delete(person_id: str) -> Response:
    """Shut a user out for good."""
    provisioning.remove(services(), person_id, current_origin())
    return Response(status=204)


@scim.get("/ServiceProviderConfig")
@policy("person.provision", kind="api")
@described(returns={200: "ScimDocument"})
def config() -> Response:
    """Say what of SCIM is understood."""
    no = {"supported": False}
    scheme = {
        "type": "oauthbearertoken",
        "name": "Bearer token",
        "description": "app.py token add NAME --role directory",
    }
    return _reply(
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
            "patch": {"supported": True}, "filter": {"supported": True, "maxResults": _MOST},
            "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
            "changePassword": no, "sort": no, "etag": no,
            "authenticationSchemes": [scheme],
        }
    )  # fmt: skip


@scim.get("/ResourceTypes")
@policy("person.provision", kind="api")
@described(returns={200: "ScimList"})
def resource_types() -> Response:
    """Name the one type there is: users."""
    made = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"], "id": "User", "name": "User",
        "endpoint": "/Users", "schema": USER, "schemaExtensions": [{"schema": ENTERPRISE, "required": False}],
    }  # fmt: skip
    return _reply({"schemas": [LIST], "totalResults": 1, "startIndex": 1, "itemsPerPage": 1, "Resources": [made]})


@scim.get("/Schemas")
@policy("person.provision", kind="api")
@described(returns={200: "ScimList"})
def schemas() -> Response:
    """Describe the attributes that are read; others are kept and given back."""
    core = [
        _attribute("userName", required=True, uniqueness="server"), _attribute("externalId"), _attribute("displayName"),
        _attribute("active", "boolean"), _attribute("emails", "complex", multi=True),
        _attribute("phoneNumbers", "complex", multi=True), _attribute("title"), _attribute("locale"),
    ]  # fmt: skip
    kind = ["urn:ietf:params:scim:schemas:core:2.0:Schema"]
    found = [
        {"schemas": kind, "id": USER, "name": "User", "attributes": core},
        {"schemas": kind, "id": ENTERPRISE, "name": "EnterpriseUser", "attributes": [_attribute("department")]},
    ]
    return _reply({"schemas": [LIST], "totalResults": 2, "startIndex": 1, "itemsPerPage": 2, "Resources": found})


@scim.errorhandler(ScimRefused)
def _refused(refused: ScimRefused) -> Response:
    return _reply(error(refused.status, refused.detail, refused.scim_type), refused.status)


@scim.errorhandler(Refused)
def _wrong(refused: Refused) -> Response:
    return _reply(error(400, "; ".join(p.message.en for p in refused.problems), "invalidValue"), 400)


@scim.errorhandler(HTTPException)
def _failed(failed: HTTPException) -> Response:
    """Tell what stands before every route in this protocol's own shape."""
    status = failed.code or 500
    detail = provisioning.GONE if status == 404 else failed.description  # not allowed is told as not there
    answer = _reply(error(status, detail or "refused"), status)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _user(found: Resource) -> dict[str, Any]:
    """Return a user: what stands with us, and beside it what their directory said."""
    told = found.told
    made: dict[str, Any] = {name: found.document[name] for name in _KEPT if name in found.document}
    made |= {"schemas": [USER, *([ENTERPRISE] if ENTERPRISE in made else ())], "id": told.person_id}
    made |= {"userName": told.name, "displayName": told.display_name, "active": told.active}
    if told.external_id:
        made["externalId"] = told.external_id
    if found.mail:
        made["emails"] = [{"value": found.mail, "type": "work", "primary": True}]
    if found.phone:
        made["phoneNumbers"] = [{"value": found.phone, "type": "mobile"}]
    made["meta"] = {
        "resourceType": "User", "created": rfc3339(told.created_at), "location": _location(found),
        "lastModified": rfc3339(told.modified_at or told.created_at), "version": f'W/"{told.version}"',
    }  # fmt: skip
    return made


def _location(found: Resource) -> str:
    return f"{services().settings.base_url}/scim/v2/Users/{found.told.person_id}"


def _attribute(
    name: str, kind: str = "string", *, required: bool = False, uniqueness: str = "none", multi: bool = False
) -> dict[str, Any]:
    return {
        "name": name, "type": kind, "multiValued": multi, "required": required, "caseExact": False,
        "mutability": "readWrite", "returned": "default", "uniqueness": uniqueness,
    }  # fmt: skip


def _number(name: str, default: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return default
    if not text.removeprefix("-").isdecimal() or len(text) > 9:
        raise ScimRefused(400, f"{name} must be a number", "invalidValue")
    return int(text)


def _body() -> dict[str, Any]:
    try:
        value = json.loads(request.get_data())
    except json.BadJson:
        raise ScimRefused(400, "the body is no valid JSON", "invalidSyntax") from None
    if not isinstance(value, dict):
        raise ScimRefused(400, "the body must be an object", "invalidSyntax")
    if not _whole(value):
        raise ScimRefused(400, "it holds a character that cannot be kept", "invalidValue")
    return value


def _whole(value: object) -> bool:
    """Tell whether every text can be kept: no NUL, no half of a character."""
    try:
        return b"\\u0000" not in json.dumps(value)
    except (TypeError, ValueError):
        return False


def _reply(value: object, status: int = 200) -> Response:
    return Response(json.dumps(value), status, content_type=MEDIA)
