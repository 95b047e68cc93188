"""The four bases of Foundry's data plane: where each one is, which api-version it takes, and how it reports errors.

The letters are A for the account (`/openai/v1`), B for a project (`/api/projects/{project}/openai/v1`), C and D for
both without `v1`, where every request needs a dated api-version. Sources: Azure/azure-rest-api-specs `OpenAI.v1` and
`AzureOpenAI/authoring`, MicrosoftDocs/azure-ai-docs `api-version-lifecycle-content.md`, openai/openai-python#362.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from mock_server.core.bearer_tokens import token_claims
from mock_server.core.errors import NO_CREDENTIAL, ServiceError
from mock_server.core.json_values import Json, number, split_url, text
from mock_server.http.routing import (
    Call,
    Handler,
    Route,
    RouteFinder,
    RouteMatch,
    Surface,
    json_response,
    route,
    route_table,
)
from mock_server.resources.foundry_errors import invalid_payload

PREFIXES: Mapping[str, str] = {
    "A": "/openai/v1",
    "B": "/api/projects/{project}/openai/v1",
    "C": "/api/projects/{project}/openai",
    "D": "/openai",
}
V1, DATED = "AB", "CD"
STABLE = "2024-10-21"
"""The stable dated version, which refuses everything newer than itself."""
DATED_HINT = "this base needs a dated api-version, such as ?api-version=2025-04-01-preview; /openai/v1 needs none"
PATHS_HINT = (
    "below /openai/v1 and /api/projects/{project}/openai/v1: files, fine_tuning/jobs, models, chat/completions, "
    "responses, webhook_endpoints; uploads, files/import and DELETE of jobs only without v1, with an api-version"
)
_V1_PATH = re.compile(r"/(?:api/projects/[^/]+/)?openai/v1(?:/|\Z)", re.IGNORECASE)
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(?:-preview)?\Z")
_AUDIENCES = frozenset({"ai.azure.com", "cognitiveservices.azure.com", "localhost", "127.0.0.1"})


def is_v1(path: str) -> bool:
    """Return whether a path is below one of the bases with `v1`."""
    return _V1_PATH.match(path) is not None


def is_dated(call: Call) -> bool:
    """Return whether a request came by one of the bases with a dated api-version."""
    return not is_v1(call.path)


def is_stable(call: Call) -> bool:
    """Return whether a request uses the stable dated version."""
    return is_dated(call) and call.query.get("api-version") == STABLE


@dataclass(frozen=True, slots=True)
class Offer:
    """An operation on one base."""

    base: str
    route: Route


def offers(operation: str, method: str, template: str, handler: Handler, *, on: str = "ABCD") -> tuple[Offer, ...]:
    """Return an operation on each base that has it; `template` is the path below the base."""
    return tuple(Offer(base, route(operation, method, PREFIXES[base] + template, handler)) for base in on)


def surface(table: Iterable[Offer], bases: str, body: Callable[[ServiceError], Json]) -> Surface:
    """Return the surface of some bases, with the error body that they share."""
    found = [offer.route for offer in table if offer.base in bases]
    operations = {one.operation: one.handler for one in found}
    return Surface("foundry", _finder(found), authorize, _reporter(body), operations)


def created(call: Call, document: Json, *, action: str = "") -> Response:
    """Answer a creation: 200 by the bases with `v1`, 201 with a Location by the others.

    `action` is the end of the path that is not the collection's.
    """
    if not is_dated(call):
        return json_response(document)
    collection = call.raw_path.rstrip("/").removesuffix(action)
    location = f"{call.base}{collection}/{document['id']}?api-version={call.query['api-version']}"
    return json_response(document, 201, {"Location": location})


async def json_body(call: Call) -> Json:
    """Read the request's JSON object."""
    try:
        return await call.json()
    except ServiceError as error:
        if error.code != "InvalidRequestContent":
            raise
        raise invalid_payload(error.message) from error


def authorize(call: Call) -> None:
    """Require a key or a token, then the api-version of the base."""
    check_credential(call)
    version = call.query.get("api-version")
    if is_dated(call):
        if version is None or not _VERSION.match(version):
            raise resource_not_found(DATED_HINT)
    elif version not in (None, "v1", "preview"):
        raise ServiceError(
            400,
            "BadRequest",
            f"api-version query parameter is not allowed when using /v1 path; got '{version[:60]}'.",
        )


def resource_not_found(hint: str = "") -> ServiceError:
    """Return the gateway's 404, for a path that it does not know; the hint is in a header of the mock's own."""
    return ServiceError(404, "404", "Resource not found", {"x-mock-hint": hint} if hint else None)


def check_credential(call: Call) -> None:
    """Require a key or a token; a token is checked as far as it is readable."""
    if call.headers.get("api-key", "").strip():
        return
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise ServiceError(
            401,
            NO_CREDENTIAL,
            "Access denied due to missing subscription key. Make sure to include subscription key when making requests "
            "to an API.",
        )
    claims = token_claims(token)
    expiry = number(claims.get("exp"))
    audience = text(claims, "aud")
    known = split_url(audience).hostname or audience
    if expiry is not None and expiry <= call.world.wall():
        raise _denied("The access token has expired.")
    if audience and known not in _AUDIENCES | {call.host.partition(":")[0]}:
        raise _denied(f"The token has the audience '{audience[:200]}': request one for https://ai.azure.com/.default.")


def _denied(reason: str) -> ServiceError:
    return ServiceError(
        401,
        "401",
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an "
        f"active subscription and use a correct regional API endpoint for your resource. {reason}",
    )


def _finder(table: Sequence[Route]) -> RouteFinder:
    find_route = route_table(*table)

    def find(method: str, path: str, query: Mapping[str, str]) -> RouteMatch:
        try:
            return find_route(method, path, query)
        except ServiceError as error:
            raise resource_not_found(PATHS_HINT) from error

    return find


def _reporter(body: Callable[[ServiceError], Json]) -> Callable[[ServiceError, str, float], Response]:
    def error_response(error: ServiceError, request_id: str, now: float) -> Response:
        del request_id, now
        return json_response(error.body or body(error), error.status, error.headers)

    return error_response
