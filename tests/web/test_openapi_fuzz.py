"""Whatever is thrown at the API, it never answers with a bug."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error


@pytest.mark.timeout(240)
def test_no_request_made_from_the_document_is_answered_with_a_bug(
    app: Flask, token: Callable[..., dict[str, str]]
) -> None:
    headers = token()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()  # type: ignore[union-attr] # an unreadable document fails right here
        if operation.path == "/metrics":
            continue

        @settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def probe(case: "schemathesis.Case[Any]") -> None:
            nonlocal tried
            tried += 1
            response = case.call(headers=headers)
            case.validate_response(response, checks=[not_a_server_error], headers=headers)

        probe()
    assert tried > 100
