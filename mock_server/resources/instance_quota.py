"""The cores that deployments of managed online endpoints take from the quota of their family of machines.

A fifth more instances than asked for is reserved for upgrades, rounded up, but for the newest families
(how-to-manage-quotas, reference-managed-online-endpoints-vm-sku-list). The cores are held from the creation until the
deletion, whether the deployment works or not.
"""

from mock_server.core.errors import ServiceError
from mock_server.core.json_values import number
from mock_server.core.scope import Scope
from mock_server.resources import online_requests, vm_quota, vm_sizes
from mock_server.resources.vm_sizes import VmSize
from mock_server.state.world import World

FOR_ENDPOINTS = "MIR"


def cores(size: VmSize, instances: int) -> int:
    """Return the cores that instances take, with those that are reserved for upgrades."""
    reserved = -(-instances * 6 // 5) if size.reserves_a_fifth else instances
    return size.cores_of(reserved)


def take(world: World, scope: Scope, owner: str, *, instance_type: str, instances: int) -> None:
    """Enter what a deployment takes instead of what it took; raises ServiceError if the quota is too small.

    Args:
        world: the server's state.
        scope: the workspace.
        owner: the deployment's resource id.
        instance_type: the size of its instances.
        instances: how many it is to have.
    """
    size = vm_sizes.find(instance_type)
    if size is None or FOR_ENDPOINTS not in size.types:
        raise _refused(f"Instance type {instance_type[:80]!r} is not supported for managed online endpoints.")
    needed = cores(size, instances)
    rule = world.fault_rule
    additional = needed - _held(world, scope, owner, size)
    left = vm_quota.left(world, scope, size)
    if additional > left or (rule is not None and rule.deployment == "quota"):
        limit = vm_quota.limit(world, size.family)
        raise out_of_quota(scope, size, used=max(0, limit - left), limit=limit, needed=additional)
    vm_quota.occupy(world, scope, owner, family=size.family, cores=needed)


def out_of_quota(scope: Scope, size: VmSize, *, used: int, limit: int, needed: int) -> ServiceError:
    """Return the refusal of a deployment whose family has too few cores left."""
    return _refused(
        f"Not enough quota available for {size.name} in SubscriptionId {scope.subscription}. Current usage/limit: "
        f"{used}/{limit}. Additional needed: {needed} Please see troubleshooting guide, available here: "
        "https://aka.ms/oe-tsg#error-outofquota"
    )


def owner_of(scope: Scope, endpoint: str, name: str) -> str:
    """Return the resource id by which a deployment takes cores."""
    return f"{scope.arm}/onlineEndpoints/{endpoint}/deployments/{name}"


def _held(world: World, scope: Scope, owner: str, size: VmSize) -> int:
    document = world.store.get("vm-use", scope.guid, owner.lower())
    if document is None or document.get("family") != size.family:
        return 0
    until = number(document.get("until"))
    is_over = until is not None and world.now(scope.workspace) >= until
    return 0 if is_over else int(number(document.get("cores")) or 0)


def _refused(message: str) -> ServiceError:
    inner = f'InferencingClient HttpRequest error, error detail: {{"errors":{{"VmSize":["{message}"]}}}}'
    return online_requests.refused("InferencingClientCreateDeploymentFailed", inner)
