"""Kind `connector`: outside systems we call."""

from typing import Any

from ordain.kinds.kind import Kind


def _calls_by_operation(spec: dict[str, Any]) -> dict[str, Any]:
    """Give each target one call for each operation, where there was one request for all."""
    operations = spec.get("operations", {})
    targets = {}
    for name, target in spec["targets"].items():
        kept = {key: value for key, value in target.items() if key not in ("request", "sign")}
        request = dict(target.get("request", {}), **({"sign": target["sign"]} if "sign" in target else {}))
        served = [key for key, operation in operations.items() if name in operation["targets"]]
        if "path" in request and served:
            kept["calls"] = {key: {"request": request} for key in served}
        targets[name] = kept
    return {**spec, "targets": targets}


KIND = Kind("connector", {1: _calls_by_operation})
