"""The versions of models that endpoints are given where a caller names only the model."""

from __future__ import annotations

from ..azure.arm import Arm
from ..azure.workspace import AsyncWorkspace
from ..catalog.lookup import known
from ..catalog.model_id import REGISTRY, ModelName, plain_name
from ..core.errors import InvalidInput, NotFound
from ..core.json_fields import first, text
from ..core.url_paths import segment


async def newest_version(arm: Arm, name: str) -> str:
    """Return the newest version of a model of the workspace; raise NotFound without one."""
    query = {"$orderBy": "createdtime desc", "$top": "1"}
    document = await arm.get(f"/models/{segment(name)}/versions", query)
    newest = first(document, "value")
    if not newest:
        raise NotFound(f"model {name!r}", status=404, detail="the workspace has no model of this name")
    return text(newest, "name")


async def deployable_model(arm: Arm, workspace: AsyncWorkspace, model: str) -> str:
    """Return the id that an online deployment is given, which always has a version: the newest where none is named."""
    wanted = ModelName.parse(model)
    facts = known(wanted.name) if wanted.registry == REGISTRY else None
    if wanted.registry is not None and (facts is not None or not wanted.is_plain):
        name = plain_name(facts.registry_id()) if facts is not None else wanted.name
        if wanted.version is None and wanted.registry != REGISTRY:
            raise InvalidInput(
                f"{model!r} has no version: an online deployment needs one of registry {wanted.registry}"
            )
        version = wanted.version or text(await workspace.registry_model(name), "name")
        return f"azureml://registries/{segment(wanted.registry)}/models/{segment(name)}/versions/{segment(version)}"
    if wanted.version is not None and model.strip().startswith(("/subscriptions/", "azureml://")):
        return model.strip()
    name = segment(wanted.name)
    version = segment(wanted.version or await newest_version(arm, wanted.name))
    return f"{arm.settings.workspace_path}/models/{name}/versions/{version}"


def is_same_model(one: str, other: str) -> bool:
    """Return whether two ids of deployments name the same model, however the service spells them."""
    # Assumption: An online deployment shows the id of its model as it was sent, apart from upper and lower case and
    #   from `azureml:` before it.
    # Shown wrong by: Another `properties.model` than the one in the request.
    # Verified by: deploy on own compute
    # If wrong: Creating the same deployment again is a Conflict instead of the deployment that there is.
    return _bare(one) == _bare(other)


def _bare(model_id: str) -> str:
    return model_id.lower().removeprefix("azureml:/subscriptions").removeprefix("/subscriptions").rstrip("/")
