"""The endpoint that an argument names: by its own name, or by the job or tuned model that it serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.errors import MaasError, NotFound
from ...jobs.phase import JobPhase
from .exit_codes import Failed
from .session import Session
from .tuned_model import tuned_model_of

if TYPE_CHECKING:
    from ... import Endpoint, MaasClient

NOT_FOUND, NOT_READY = 3, 75


def find_endpoint(session: Session, maas: MaasClient, name: str) -> Endpoint:
    """Return the endpoint of a name, or the one that serves the tuned model of a job, or a model by its name.

    Raises NotFound if nothing has this name, Failed for a job or model that is not deployed.
    """
    from ...jobs.job_reference import is_reference

    model = name if ":" in name and not is_reference(name) else ""
    if not model and not is_reference(name):
        try:
            return maas.endpoints.get(name)
        except NotFound as missing:
            model = _model_of(session, maas, name, missing)
    elif not model:
        model = _model_of(session, maas, session.job_name(name), None)
    endpoint = maas.endpoints.serving(model)
    if endpoint is None:
        hint = f"try: {session.command('endpoints', 'create', '--model', model)}"
        subject = f"model {model!r}" if model == name else f"the model of job {name!r} ({model})"
        raise Failed(f"{subject} has no endpoint", code=NOT_FOUND, hint=hint)
    session.printer.note(f"{name} is served by endpoint {endpoint.name}")
    return endpoint


def find_ready_endpoint(session: Session, maas: MaasClient, name: str) -> Endpoint:
    """Return the endpoint of a name, as `find_endpoint` does; raise Failed if it cannot answer."""
    endpoint = find_endpoint(session, maas, name)
    state = f"endpoint {endpoint.name!r} is not ready: {endpoint.provisioning_state.value}, {endpoint.state.value}"
    if endpoint.is_lost:
        raise Failed(state, hint=f"try: {session.command('endpoints', 'delete', endpoint.name)}, and create it again")
    if not endpoint.scoring_url:
        hint = f"try again once it is Online: {session.command('endpoints', 'show', endpoint.name)}"
        raise Failed(state, code=NOT_READY, hint=hint)
    return endpoint


def _model_of(session: Session, maas: MaasClient, name: str, missing: NotFound | None) -> str:
    """Return the tuned model of a job, or a tuned model itself; raise the original error if there is no such job."""
    from ...catalog.foundry_lookup import is_tuned

    try:
        job = maas.jobs.get(name)
    except MaasError:
        if missing is not None and is_tuned(name):
            return name
        if missing is None:
            raise
        raise missing from None
    status = job.status.value
    if job.phase is JobPhase.DONE and job.output_model:
        return tuned_model_of(maas, job)
    what = f"{name!r} is a job, not an endpoint, and it is {status}"
    if job.phase.is_final:
        raise Failed(f"{what}: it has no model to deploy", hint=f"try: {session.command('jobs', 'show', job.name)}")
    raise Failed(
        f"{what}: its model can be deployed once it has completed",
        code=NOT_READY,
        hint=f"try: {session.command('jobs', 'watch', job.name)}, then {session.command('deploy', job.name)}",
    )
