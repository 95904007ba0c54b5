"""An SMS gateway in the shape of Aliyun's: signed requests, templates that were approved, receipts to ask for."""

import hashlib
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from flask import Response, request

from ordain.base import json
from ordain.sandbox import signing
from ordain.sandbox.doors import answer, beijing, blueprint, faulty, world
from ordain.sandbox.partners.letters import Letters

doors = blueprint("sms")
APPROVED: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parents[4] / "definitions" / "demo" / "sms-templates.json").read_bytes()
)
_SKEW: Final = timedelta(minutes=15)
_NUMBER: Final = re.compile(r"^(\+?86)?1[3-9]\d{9}$|^(\+|00)\d{8,15}$")


@doors.post("/")
def rpc() -> Response:
    """Answer the one door of all actions."""
    if (refused := _signature()) is not None:
        return refused
    struck = faulty("sms", lambda: _business("isp.SYSTEM_ERROR", "系统错误"), lambda: _gateway("SignatureDoesNotMatch"))
    if struck is not None:
        return struck
    match request.headers.get("x-acs-action"):
        case "SendSms":
            return _send()
        case "QuerySendDetails":
            return _details()
        case _:
            return _gateway("InvalidAction.NotFound", 404)


def _send() -> Response:
    asked = request.args
    number, code = asked.get("PhoneNumbers", ""), asked.get("TemplateCode", "")
    if world().memory.faults("sms")["refuse"]:
        return _business("isv.BUSINESS_LIMIT_CONTROL", "触发分钟级流控Permits:1")
    if not _NUMBER.match(number):
        return _business("isv.MOBILE_NUMBER_ILLEGAL", f"{number}手机号码格式错误")
    if asked.get("SignName") != APPROVED["sign_name"]:
        return _business("isv.SMS_SIGNATURE_ILLEGAL", "短信签名不合法")
    template = APPROVED["templates"].get(code)
    if template is None:
        return _business("isv.SMS_TEMPLATE_ILLEGAL", "短信模板不合法")
    try:
        given = json.loads((asked.get("TemplateParam") or "{}").encode())
    except ValueError:
        return _business("isv.INVALID_JSON_PARAM", "参数格式错误，请修改为字符串值")
    missing = [name for name in re.findall(r"\$\{(\w+)\}", template) if name not in given]
    if missing:
        return _business("isv.TEMPLATE_MISSING_PARAMETERS", f"模板缺少变量{missing[0]}")
    text = re.sub(r"\$\{(\w+)\}", lambda match: str(given[match[1]]), template)
    now = world().now()
    out_id = asked.get("OutId", "")
    Letters(world().memory).add("sms", now, number, f"【{APPROVED['sign_name']}】", "", text, out_id)
    biz_id = f"{int(now.timestamp() * 1000)}^0"
    return answer({"Code": "OK", "Message": "OK", "BizId": biz_id, "RequestId": _request_id()})


def _details() -> Response:
    asked = request.args
    day = asked.get("SendDate", "")
    found = [
        letter
        for letter in Letters(world().memory).find(kind="sms", receiver=asked.get("PhoneNumber", ""))
        if (beijing(letter.at) or "")[:10].replace("-", "") == day
    ]
    size, number = int(asked.get("PageSize", "10")), int(asked.get("CurrentPage", "1"))
    shown = found[(number - 1) * size : number * size]
    listed = [
        {
            "PhoneNum": letter.receiver, "SendStatus": 3, "ErrCode": "DELIVERED", "Content": letter.text,
            "SendDate": beijing(letter.at), "ReceiveDate": beijing(letter.at), "OutId": letter.out_id,
        }
        for letter in shown
    ]  # fmt: skip
    body = {"TotalCount": len(found), "SmsSendDetailDTOs": {"SmsSendDetailDTO": listed}}
    return answer({"Code": "OK", "Message": "OK", "RequestId": _request_id(), **body})


def _signature() -> Response | None:
    """Check ACS3-HMAC-SHA256 as the gateway's manual says, written anew here."""
    secrets = world().secrets["sms"]
    given = dict(re.findall(r"(Credential|SignedHeaders|Signature)=([^,]+)", request.headers.get("Authorization", "")))
    if given.get("Credential") != secrets["access_key_id"]:
        return _gateway("InvalidAccessKeyId.NotFound", 404)
    names = given.get("SignedHeaders", "").split(";")
    if names != sorted(names) or "x-acs-date" not in names:
        return _gateway("IncompleteSignature")
    try:
        stamp = datetime.strptime(request.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007 UTC by contract
    except (KeyError, ValueError):
        return _gateway("InvalidTimeStamp.Format")
    if abs(stamp - world().now().replace(tzinfo=None)) > _SKEW:
        return _gateway("InvalidTimeStamp.Expired")
    pairs = sorted(request.args.items())
    query = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)
    headers = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in names)
    body = hashlib.sha256(request.get_data()).hexdigest()
    path = request.path.removeprefix("/sms")
    canonical = f"{request.method}\n{path}\n{query}\n{headers}\n{';'.join(names)}\n{body}"
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    if signing.hmac_hex(secrets["access_key_secret"], text.encode()) != given.get("Signature"):
        return _gateway("SignatureDoesNotMatch")
    return None


def _business(code: str, message: str) -> Response:
    return answer({"Code": code, "Message": message, "RequestId": _request_id()})


def _gateway(code: str, status: int = 400) -> Response:
    said = "Specified signature is not matched with our calculation." if code == "SignatureDoesNotMatch" else code
    body = {
        "Code": code,
        "Message": said,
        "RequestId": _request_id(),
        "HostId": "dysmsapi.aliyuncs.com",
        "Recommend": "",
    }
    return answer(body, status)


def _request_id() -> str:
    digits = hashlib.sha256(str(world().now()).encode()).hexdigest()[:32].upper()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
