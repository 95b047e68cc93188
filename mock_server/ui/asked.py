"""Numbers in the query of the server's own routes."""

from mock_server.core.errors import ServiceError
from mock_server.http.routing import Call


def whole(call: Call, name: str, default: int) -> int:
    """Give a whole number from 0; refuses anything else."""
    return _number(name, call.query[name]) if name in call.query else default


def listed(call: Call, name: str, most: int) -> list[int]:
    """Give the whole numbers between commas; refuses more than `most`."""
    numbers = [_number(name, item) for item in call.query.get(name, "").split(",") if item]
    if len(numbers) > most:
        raise _misuse(f"{name} takes at most {most} numbers; got {len(numbers)}: ask for them in parts")
    return numbers


def _number(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 12):
        raise _misuse(f"{name} must be a whole number from 0; got {value[:40]!r}: change it")
    return int(value)


def _misuse(message: str) -> ServiceError:
    return ServiceError(400, "MockMisuse", message)
