"""Every signing vector of the order channels, reproduced from definitions."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ordain.base import json
from ordain.base.clock import from_epoch_ms
from ordain.engines.calls.requests import Asking, Request, build
from ordain.engines.calls.signing import digest
from ordain.engines.channel.webhook import hear

ROOT = Path(__file__).parents[3]
FIXTURES = ROOT / "tests" / "fixtures" / "channels"
VECTORS = {v["name"]: v for v in json.loads((FIXTURES / "signing_vectors.json").read_bytes())["vectors"]}
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


def intakes(key: str) -> Any:
    return json.loads((ROOT / "definitions" / "starter" / "channel" / f"{key}.json").read_bytes())["spec"]["intakes"]


def signed(channel: str, name: str, secrets: Mapping[str, str], change: Mapping[str, Any] | None = None) -> Request:
    request = intakes(channel)["poll"]["request"]
    vector = VECTORS[name]
    params = {k: json.loads(v) if v.startswith("{") else v for k, v in vector["params"].items()}
    spec = {**request, "encode": "query", "parameters": params, "sign": {**request["sign"], **(change or {})}}
    spec.pop("body", None)
    return build(spec, Asking({}, secrets))


TAOBAO = {"app_secret": "test-secret-taobao-dev"}
PLAIN = {"before": "{secret:app_secret}", "after": "{secret:app_secret}", "hash": "md5"}


@pytest.mark.parametrize(
    ("channel", "name", "secrets", "change"),
    [
        ("taobao-flagship", "taobao_md5", TAOBAO, PLAIN),
        ("taobao-flagship", "taobao_hmac", TAOBAO, {"hash": "hmac-md5"}),
        ("taobao-flagship", "taobao_hmac_sha256", TAOBAO, None),
        ("jd-store", "jd_md5", {"app_secret": "test-secret-jd-dev"}, None),
        ("pinduoduo-shop", "pinduoduo_md5", {"client_secret": "test-secret-pdd-dev"}, None),
    ],
)
def test_sorted_parameters_are_signed_as_the_platform_does(
    channel: str, name: str, secrets: Mapping[str, str], change: Mapping[str, Any] | None
) -> None:
    assert signed(channel, name, secrets, change).query["sign"] == VECTORS[name]["expected"]


@pytest.mark.parametrize(
    ("name", "hash_name"),
    [
        ("douyin_v2_hmac_sha256", "hmac-sha256"),
        ("douyin_v2_hmac_sha256_non_ascii", "hmac-sha256"),
        ("douyin_v2_md5", "md5"),
    ],
)
def test_a_body_is_signed_inside_a_text(name: str, hash_name: str) -> None:
    vector = VECTORS[name]
    params = vector.get("params") or VECTORS["douyin_v2_hmac_sha256"]["params"]
    request = intakes("douyin-shop")["poll"]["request"]
    spec = {
        **request,
        "parameters": {k: v for k, v in params.items() if k != "param_json"},
        "body": json.loads(params["param_json"]),
        "sign": {**request["sign"], "hash": hash_name},
    }
    made = build(spec, Asking({}, {"app_secret": vector["secret"]}))
    assert made.body.decode() == params["param_json"]
    assert made.query["sign"] == vector["expected"]


def test_the_starter_request_itself_gives_the_body_and_signature_of_the_vector() -> None:
    vector = VECTORS["douyin_v2_hmac_sha256"]
    moment = datetime.fromtimestamp
    asking = Asking(
        {"page": 0, "from": moment(1795138200, UTC), "to": moment(1795140000, UTC), "now": moment(1795140060, UTC)},
        {"app_secret": vector["secret"], "app_key": "7000000000000000000", "access_token": "t"},
    )
    assert build(intakes("douyin-shop")["poll"]["request"], asking).query["sign"] == vector["expected"]


def test_method_path_query_time_and_body_are_signed_line_by_line() -> None:
    vector = VECTORS["own_site_request"]
    request = intakes("own-site")["poll"]["request"]
    spec = {**request, "parameters": {"updatedFrom": "1795017600000", "cursor": "zgWYRPw94bhfeW88hS9q", "limit": "7"}}
    asking = Asking({"now": from_epoch_ms(1795140000000)}, {"secret": vector["secret"]})
    assert build(spec, asking).headers["X-Hub-Sign"] == vector["expected"]


def test_basic_and_oauth_authentication() -> None:
    vector = VECTORS["woocommerce_basic_auth"]
    secrets = {"consumer_key": vector["consumer_key"], "consumer_secret": vector["secret"]}
    request = intakes("woocommerce-shop")["poll"]["request"]
    asking = Asking({"page": 1, "from": NOW, "to": NOW}, secrets)
    assert build(request, asking).headers["Authorization"] == vector["expected"]
    oauth = VECTORS["woocommerce_oauth1_hmac_sha256"]
    sign = {"type": "oauth1", "hash": "hmac-sha256", "secret": "{secret:consumer_secret}"}
    spec = {"path": "/wp-json/wc/v3/orders", "parameters": oauth["params"], "sign": sign}
    made = build(spec, Asking({}, secrets, "http://shop.example.com"))
    assert made.query["oauth_signature"] == oauth["expected"]


def test_the_digest_of_a_digests_text() -> None:
    vector = VECTORS["pinduoduo_message_socket"]
    assert digest("md5", vector["string_to_sign"].encode(), b"", "base64-hex") == vector["expected"]


WEBHOOKS = [
    (
        "douyin-shop",
        "douyin/webhook_trade_paid",
        {"app_key": "7000000000000000000", "app_secret": "test-secret-douyin-dev"},
    ),
    ("douyin-shop", "douyin/refund_notice", {"app_key": "7000000000000000000", "app_secret": "test-secret-douyin-dev"}),
    ("shopify-global", "shopify/webhook_orders_paid", {"webhook": "test-secret-shopify-dev"}),
    ("shopify-global", "shopify/webhook_orders_create", {"webhook": "old", "webhook_next": "test-secret-shopify-dev"}),
    ("shopify-global", "shopify/refund_notice", {"webhook": "test-secret-shopify-dev"}),
    ("woocommerce-shop", "woocommerce/webhook_order_updated", {"webhook": "test-secret-woo-dev"}),
    ("woocommerce-shop", "woocommerce/webhook_order_created", {"webhook": "test-secret-woo-dev"}),
    ("own-site", "own-site/webhook_order_paid", {"secret": "test-secret-own-dev"}),
    ("own-site", "own-site/refund_notice", {"secret": "test-secret-own-dev"}),
]


def pushed(file: str) -> tuple[dict[str, str], bytes]:
    headers = json.loads((FIXTURES / f"{file}.headers.json").read_bytes())
    return {name.lower(): value for name, value in headers.items()}, (FIXTURES / f"{file}.json").read_bytes()


@pytest.mark.parametrize(("channel", "file", "secrets"), WEBHOOKS)
def test_a_webhook_is_believed_over_its_raw_bytes_alone(channel: str, file: str, secrets: Mapping[str, str]) -> None:
    headers, body = pushed(file)
    spec = intakes(channel)["webhook"]
    now = from_epoch_ms(1795140000000)
    heard = hear(spec, secrets, headers, body, now)
    assert heard.verdict == "verified", heard.reason
    assert all(message.event_id and message.unreadable is None for message in heard.messages)
    assert hear(spec, secrets, headers, body + b" ", now).verdict == "refused"
    assert hear(spec, dict.fromkeys(secrets, "wrong"), headers, body, now).verdict == "refused"
    name = spec["verify"]["from"].removeprefix("header:").lower()
    assert hear(spec, secrets, {**headers, name: ""}, body, now).verdict == "refused"


def test_a_signed_time_too_far_off_is_refused() -> None:
    headers, body = pushed("own-site/webhook_order_paid")
    spec = intakes("own-site")["webhook"]
    heard = hear(spec, {"secret": "test-secret-own-dev"}, headers, body, from_epoch_ms(1795140000000 + 301_000))
    assert heard.verdict == "refused"


def test_a_redelivery_carries_the_same_event_id() -> None:
    spec, secrets = intakes("shopify-global")["webhook"], {"webhook": "test-secret-shopify-dev"}
    ids = {
        hear(spec, secrets, *pushed(f"shopify/{name}"), NOW).messages[0].event_id
        for name in ("webhook_orders_paid", "webhook_orders_paid_redelivery")
    }
    assert len(ids) == 1


def test_the_first_ping_is_answered_and_brings_nothing() -> None:
    body = (FIXTURES / "woocommerce" / "webhook_ping.form").read_bytes()
    heard = hear(intakes("woocommerce-shop")["webhook"], {}, {}, body, NOW)
    assert (heard.verdict, heard.messages) == ("handshake", ())


def test_a_message_inside_a_message_is_read_and_a_hint_asks_the_channel() -> None:
    secrets = {"app_key": "7000000000000000000", "app_secret": "test-secret-douyin-dev"}
    spec = intakes("douyin-shop")["webhook"]
    refund = hear(spec, secrets, *pushed("douyin/refund_notice"), NOW).messages[0]
    assert refund.payload is not None
    assert refund.payload["p_id"] == 6930000000245790654
    assert refund.mapping == "douyin-refund"
    assert hear(spec, secrets, *pushed("douyin/webhook_trade_paid"), NOW).messages[0].then == "poll"


def test_the_sms_connector_signs_as_its_gateway_does() -> None:
    vector = VECTORS["aliyun_acs3_hmac_sha256"]
    document = json.loads((ROOT / "definitions" / "starter" / "connector" / "sms.json").read_bytes())
    spec = document["spec"]["targets"]["primary"]["calls"]["send"]["request"]
    secrets = {"access_key_id": "TESTAKDEV", "access_key_secret": vector["secret"], "sign_name": "禾屿示例"}
    params = vector["params"]
    facts = {"to": params["PhoneNumbers"], "template": params["TemplateCode"], "key": params["OutId"], "now": NOW,
             "nonce": vector["headers"]["x-acs-signature-nonce"], "parameters": json.loads(params["TemplateParam"])}  # fmt: skip
    made = build(spec, Asking(facts, secrets, "https://dysmsapi.aliyuncs.com"))
    assert made.query == params
    assert made.headers["Authorization"] == vector["expected_header"]


@pytest.mark.parametrize("value", ["../admin", "a/b", "x?y=1", "%2e%2e", "..;", "a#b", "a\\b"])
def test_no_value_adds_a_segment_or_a_query_to_a_path(value: str) -> None:
    made = build({"path": "/orders/{id}/lines"}, Asking({"id": value}, {}))
    assert made.path.count("/") == 3
    assert not set("?#\\") & set(made.path)
