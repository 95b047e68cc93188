"""What a region offers: sizes with prices, how much of the quotas is used, and a workspace's own limits."""

from collections.abc import Iterator

from starlette.responses import Response

from mock_server.core.errors import not_found, user_error
from mock_server.core.json_values import Json, is_array, is_object, text
from mock_server.core.scope import LOCATION, Scope
from mock_server.http.routing import Call, json_response, route
from mock_server.resources import computes, vm_quota, vm_sizes
from mock_server.surfaces.paging import page

REGION = "/subscriptions/{sub}/providers/Microsoft.MachineLearningServices/locations/{region}"
KIND = "Microsoft.MachineLearningServices"
UNLIMITED = -1
"""The limit of a family in low priority, where one number is for all families."""


# Assumption: The VM sizes of a region come on one page.
# Shown wrong by: A `nextLink` in the list of sizes.
# Verified by: vm sizes
# If wrong: The mock server has one page where Azure has several; the client reads all of them.
async def list_sizes(call: Call) -> Response:
    """Return the sizes, all at once as the service does."""
    del call
    return json_response({"value": [vm_sizes.to_json(size) for size in vm_sizes.SIZES]})


async def list_usages(call: Call) -> Response:
    """Return use and limit of each family, of all of them, and of each workspace and cluster."""
    return page(call, _usages(call, call.params["sub"]))


async def list_quotas(call: Call) -> Response:
    """Return the workspaces' own limits."""
    rows: list[Json] = []
    for scope in vm_quota.workspaces(call.world, call.params["sub"]):
        for family in vm_sizes.FAMILIES:
            own = vm_quota.workspace_limit(call.world, scope, family)
            limit = vm_quota.limit(call.world, family) if own is None else own
            rows.append(
                {
                    "id": f"{scope.arm}/vmFamily/{family}/quotas",
                    "type": f"{KIND}/workspaces/vmFamily/quotas",
                    "amlWorkspaceLocation": LOCATION,
                    "unit": "Count",
                    "limit": limit,
                    "name": _name(_title(family, low_priority=False)),
                }
            )
    return page(call, rows)


async def update_quotas(call: Call) -> Response:
    """Give workspaces limits of their own; each entry is answered by itself."""
    body = await call.json()
    requested: object = body.get("value")
    if not is_array(requested) or not all(is_object(one) for one in requested):
        raise user_error("The request is invalid: value must be a list of quotas.")
    return json_response({"value": [_update(call, one) for one in requested], "nextLink": None})


def _update(call: Call, requested: Json) -> Json:
    path, _, rest = text(requested, "id").lower().partition("/vmfamily/")
    key = vm_sizes.family_key(rest.partition("/")[0])
    family = next((one for one in vm_sizes.FAMILIES if vm_sizes.family_key(one) == key), None)
    scope = next((one for one in vm_quota.workspaces(call.world, call.params["sub"]) if one.arm.lower() == path), None)
    if family is None or scope is None:
        raise not_found(f"{text(requested, 'id')[:300]} is not a family's quota of a workspace.")
    limit: object = requested.get("limit")
    most = vm_quota.limit(call.world, family)
    status = "Success"
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
        status = "InvalidQuotaBelowClusterMinimum"
    elif limit > most:
        status = "InvalidQuotaExceedsSubscriptionLimit"
    else:
        call.world.store.put("vm-quota", scope.guid, key, {"limit": limit})
    return {
        "id": text(requested, "id"),
        "type": text(requested, "type"),
        "limit": limit,
        "unit": "Count",
        "status": status,
    }


def _usages(call: Call, subscription: str) -> Iterator[Json]:
    world = call.world
    here = call.params["region"].lower() == LOCATION
    base = f"/subscriptions/{subscription}/providers/{KIND}/locations/{call.params['region']}"

    def used(family: str = "", *, low_priority: bool = False) -> int:
        return vm_quota.used(world, subscription, family, low_priority=low_priority) if here else 0

    dedicated = sum(vm_quota.limit(world, family) for family in vm_sizes.GPU_FAMILIES) + vm_quota.REGIONAL_LIMIT
    low_limit = vm_quota.low_priority_limit(world)
    total = used() + used(low_priority=True)
    yield _usage(
        f"{base}/totalCores/usages", "totalCores", "Total Cluster Regional vCPUs", total, dedicated + low_limit
    )
    yield _usage(
        f"{base}/dedicatedCores/usages", "dedicatedCores", "Total Cluster Dedicated Regional vCPUs", used(), dedicated
    )
    yield _usage(
        f"{base}/lowPriorityCores/usages",
        "lowPriorityCores",
        "Total Cluster LowPriority Regional vCPUs",
        used(low_priority=True),
        low_limit,
    )
    for family in vm_sizes.FAMILIES:
        path = f"{base}/vmFamily/{family}/usages"
        limit = vm_quota.limit(world, family)
        yield _usage(path, "vmFamily", _title(family, low_priority=False), used(family), limit)
        low = used(family, low_priority=True)
        yield _usage(path, "vmFamily", _title(family, low_priority=True), low, UNLIMITED)
    for scope in vm_quota.workspaces(world, subscription) if here else ():
        yield from _usages_within(call, scope)


def _usages_within(call: Call, scope: Scope) -> Iterator[Json]:
    """Yield the rows of a workspace, and of each of its clusters, that has cores in use."""
    found: dict[tuple[str, bool], int] = {}
    for family, low, cores in vm_quota.uses_of(call.world, scope):
        found[family, low] = found.get((family, low), 0) + cores
    for (family, low), cores in found.items():
        name = _title(family, low_priority=low)
        own = vm_quota.workspace_limit(call.world, scope, family)
        limit = UNLIMITED if low else vm_quota.limit(call.world, family) if own is None else own
        row = _usage(f"{scope.arm}/vmFamily/{family}/usages", "workspaces/vmFamily", name, cores, limit)
        yield {"amlWorkspaceLocation": LOCATION, **row}
    for cluster in computes.list_all(call.world, scope.guid, call.world.now(scope.workspace)):
        name = _title(cluster.size.family, low_priority=cluster.low_priority)
        path = f"{scope.arm}/computes/{cluster.name}/vmFamily/{cluster.size.family}/usages"
        limit = cluster.size.cores_of(cluster.scale.most)
        row = _usage(path, "workspaces/computes/vmFamily", name, cluster.cores, limit)
        yield {"amlWorkspaceLocation": LOCATION, **row}


def _usage(path: str, kind: str, name: str, used: int, limit: int) -> Json:
    return {
        "id": path,
        "type": f"{KIND}/{kind}/usages",
        "unit": "Count",
        "currentValue": used,
        "limit": limit,
        "name": _name(name),
    }


def _title(family: str, *, low_priority: bool) -> str:
    return f"{vm_sizes.title(family)} Cluster {'LowPriority' if low_priority else 'Dedicated'} vCPUs"


def _name(value: str) -> Json:
    return {"value": value, "localizedValue": value}


ROUTES = (
    route("vm_sizes.list", "GET", REGION + "/vmSizes", list_sizes),
    route("usages.list", "GET", REGION + "/usages", list_usages),
    route("quotas.list", "GET", REGION + "/quotas", list_quotas),
    route("quotas.update", "POST", REGION + "/updateQuotas", update_quotas),
)
