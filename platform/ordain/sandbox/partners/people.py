"""An HR system: people who join, leave and return. It is asked by SCIM 2.0, and pushes what changes by SCIM 2.0."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from ordain.base.clock import epoch_ms, from_epoch_ms, rfc3339
from ordain.sandbox.doors import answer, faulty, world
from ordain.sandbox.hub import Hub, Unreached
from ordain.sandbox.memory import Memory
from ordain.sandbox.partners.inbox import CSP, own_page
from ordain.sandbox.words import WORDS, language_of

doors = Blueprint("directory", __name__)
MEDIA: Final = "application/scim+json"
ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
# Name to sign in with, shown name, department, job.
PEOPLE: Final = (
    ("demo-admin", "顾清禾", "信息部", "系统管理员"), ("demo-lead", "沈一帆", "运营部", "运营主管"),
    ("demo-service", "陆小满", "客户服务部", "客服专员"), ("demo-supervisor", "江予白", "客户服务部", "客服主管"),
    ("demo-finance", "温如初", "财务部", "会计"), ("demo-warehouse", "许知南", "仓储部", "仓库主管"),
    ("demo-viewer", "方砚秋", "运营部", "分析师"), ("song.xingye", "宋星野", "客户服务部", "客服专员"),
    ("qiao.mumu", "乔木木", "仓储部", "拣货员"), ("bai.luming", "白鹿鸣", "财务部", "出纳"),
    ("he.wanqing", "何晚晴", "客户服务部", "客服专员"), ("ye.zhiqiu", "叶知秋", "仓储部", "复核员"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Employee:
    """One person of the HR system; `pushed` is how the latest push went: "", taken or failed."""

    id: str
    number: str
    user_name: str
    name: str
    department: str
    job: str
    active: bool
    modified: datetime
    pushed: str

    def resource(self) -> dict[str, Any]:
        """Return the person as SCIM tells of them."""
        place = PEOPLE.index(next(row for row in PEOPLE if row[0] == self.user_name))
        return {
            "schemas": [USER, ENTERPRISE], "id": self.id, "externalId": self.number, "userName": self.user_name,
            "displayName": self.name, "name": {"formatted": self.name, "familyName": self.name[:1], "givenName": self.name[1:]},
            "active": self.active, "title": self.job, "locale": "zh-CN", "timezone": "Asia/Shanghai",
            "emails": [{"value": f"{self.user_name}@example.com", "type": "work", "primary": True}],
            "phoneNumbers": [{"value": f"tel:+86-1390000{place + 101:04d}", "type": "mobile"}],
            ENTERPRISE: {"employeeNumber": self.number, "department": self.department},
            "meta": {"resourceType": "User", "lastModified": rfc3339(self.modified), "version": f'W/"{epoch_ms(self.modified)}"'},
        }  # fmt: skip


class Staff:
    """Who works here, kept in the sandbox's file."""

    def __init__(self, memory: Memory, now: datetime) -> None:
        self._memory = memory
        memory.write(
            "CREATE TABLE IF NOT EXISTS employee (user_name TEXT PRIMARY KEY, active INTEGER, modified INTEGER, pushed TEXT)"
        )
        for row in PEOPLE:
            memory.write("INSERT OR IGNORE INTO employee VALUES (?, 1, ?, '')", row[0], epoch_ms(now))

    def everybody(self) -> list[Employee]:
        """Return everybody, those who left too."""
        rows = self._memory.rows("SELECT user_name, active, modified, pushed FROM employee")
        stands = {row[0]: row[1:] for row in rows}
        return [
            Employee(
                str(uuid.uuid5(uuid.NAMESPACE_URL, f"hr/{name}")), f"E{place + 100:05d}", name, shown, department, job,
                bool(stands[name][0]), from_epoch_ms(stands[name][1]), stands[name][2],
            )
            for place, (name, shown, department, job) in enumerate(PEOPLE)
        ]  # fmt: skip

    def switch(self, user_name: str, now: datetime, *, active: bool) -> Employee:
        """Let somebody leave or return."""
        moved = "UPDATE employee SET active = ?, modified = ?, pushed = '' WHERE user_name = ?"
        self._memory.write(moved, int(active), epoch_ms(now), user_name)
        return next(found for found in self.everybody() if found.user_name == user_name)

    def note(self, user_name: str, pushed: str) -> None:
        """Remember how a push went."""
        self._memory.write("UPDATE employee SET pushed = ? WHERE user_name = ?", pushed, user_name)


class ScimPush:
    """Tells the hub of one person, as directories do: look the name up, then create or patch."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def __call__(self, employee: Employee) -> str:
        """Return taken, failed, or off where there is no token to push with."""
        if not self._hub.known:
            return "off"
        try:
            asked = quote(f'userName eq "{employee.user_name}"')
            status, found = self._ask("GET", f"/Users?filter={asked}")
            if status != 200:
                return "failed"
            known = found.get("Resources") or []
            if not known:
                status, _ = self._ask("POST", "/Users", employee.resource())
            else:
                operation = {"op": "replace", "path": "active", "value": employee.active}
                body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}
                status, _ = self._ask("PATCH", f"/Users/{known[0]['id']}", body)
        except Unreached:
            return "failed"
        return "taken" if 200 <= status < 300 else "failed"

    def _ask(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        return self._hub.ask(method, f"/scim/v2{path}", body, media=MEDIA)


@doors.get("/hr/scim/v2/Users")
def users() -> Response:
    """List people; an empty list has no Resources."""
    if request.headers.get("Authorization") != f"Bearer {world().secrets['hr']['token']}":
        return _refused(401, "not authorised")
    struck = faulty("hr", lambda: _refused(503, "busy"), lambda: _refused(401, "token expired"))
    if struck is not None:
        return struck
    found = [] if world().memory.faults("hr")["refuse"] else _staff().everybody()
    start, count = max(1, int(request.args.get("startIndex", "1"))), min(5, int(request.args.get("count", "100")))
    shown = found[start - 1 : start - 1 + count]
    body: dict[str, Any] = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": len(found),
    }  # fmt: skip
    if shown:
        body |= {"startIndex": start, "itemsPerPage": len(shown), "Resources": [one.resource() for one in shown]}
    return answer(body, headers={"Content-Type": MEDIA})


@doors.get("/directory")
def page() -> Response:
    """Show who works here, with a switch for each."""
    language = language_of(request)
    html = render_template(
        "sandbox/directory.html",
        words=WORDS[language],
        language=language,
        people=_staff().everybody(),
        empty=bool(world().memory.faults("hr")["refuse"]),
        here="directory",
    )
    return Response(html, headers={"Content-Security-Policy": CSP, "Cache-Control": "no-store"})


@doors.post("/directory/<name>")
def switch(name: str) -> AnyResponse:
    """Let somebody leave or return, and push it."""
    own_page()
    if name not in {row[0] for row in PEOPLE}:
        abort(404)
    moved = _staff().switch(name, world().now(), active=request.form.get("active") == "1")
    push: Callable[[Employee], str] | None = current_app.extensions.get("push")
    _staff().note(name, push(moved) if push else "off")
    return redirect("/directory")


@doors.post("/directory")
def feed() -> AnyResponse:
    """Answer with an empty list, or with everybody again."""
    own_page()
    world().memory.set_faults("hr", {"refuse": request.form.get("empty") == "1"})
    return redirect("/directory")


def _staff() -> Staff:
    return Staff(world().memory, world().now())


def _refused(status: int, detail: str) -> Response:
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": str(status), "detail": detail}
    return answer(body, status, {"Content-Type": MEDIA})
