"""What can be deployed on Foundry: a base model of the catalogue, a tuned model, or a checkpoint of one."""

from collections.abc import Iterator
from dataclasses import dataclass

from mock_server.core.errors import ServiceError
from mock_server.core.json_values import Json, text
from mock_server.resources import foundry_jobs
from mock_server.resources.foundry_deployments import Deployment
from mock_server.state.world import World
from mock_server.training import foundry_models
from mock_server.training.foundry_models import FoundryModel

TUNED_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Deployable:
    """A model with its base; a tuned one has the key of its training examples."""

    name: str
    version: str
    base: FoundryModel
    examples: str | None

    @property
    def is_tuned(self) -> bool:
        """Return whether it was fine-tuned."""
        return self.examples is not None


def find(world: World, model: Json) -> Deployable | None:
    """Return the model that a deployment's `properties.model` names, or None if there is none.

    A tuned model's version is always "1"; a base model's may be left out.
    """
    name, version = text(model, "name"), text(model, "version")
    base = foundry_models.find_in_catalogue(name, version)
    if base is not None:
        return Deployable(base.name, base.version, base, None)
    return _tuned(world, name) if version in ("", TUNED_VERSION) else None


def tuned(world: World) -> Iterator[Deployable]:
    """Return the account's tuned models, newest first."""
    found = (_tuned(world, model.name) for model in foundry_jobs.tuned_models(world))
    return (model for model in found if model is not None)


def of_deployment(deployment: Deployment) -> Deployable:
    """Return the model of an existing deployment."""
    base = deployment.base
    if base is None:  # only in an imported state
        raise ServiceError(400, "DeploymentModelNotSupported", "The model of this deployment is not known.")
    name, version = text(deployment.model, "name"), text(deployment.model, "version")
    return Deployable(name, version, base, deployment.examples)


def _tuned(world: World, name: str) -> Deployable | None:
    model = foundry_jobs.tuned_model(world, name)
    base = None if model is None else foundry_models.find(model.base)
    if model is None or base is None:
        return None
    return Deployable(name, TUNED_VERSION, base, model.examples)
