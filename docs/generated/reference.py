"""The reference: every public name with its docstring, grouped by purpose."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence

import maas_client

RESOURCES: Mapping[str, Sequence[str]] = {
    "client": ("maas_client.client.MaasClient", "maas_client.client.AsyncMaasClient"),
    "datasets": ("maas_client.datasets.resource.AsyncDatasets",),
    "jobs": ("maas_client.jobs.resource.AsyncJobs",),
    "endpoints": ("maas_client.endpoints.resource.AsyncEndpoints",),
    "computes": ("maas_client.computes.resource.AsyncComputes",),
    "chat": ("maas_client.inference.chat.AsyncChat",),
    "evals": ("maas_client.inference.evaluation_run.AsyncEvals",),
    "sweeps": ("maas_client.sweeps.resource.AsyncSweeps",),
    "workflow": ("maas_client.workflow.resource.AsyncWorkflow",),
    "workspace": ("maas_client.azure.workspace.AsyncWorkspace",),
    "notebook": (
        "maas_client.notebook.ProgressBar",
        "maas_client.notebook.Live",
        "maas_client.notebook.Table",
        "maas_client.notebook.follow",
    ),
    "testing": ("maas_client.testing",),
    "verification": (
        "maas_client.verification.AsyncVerification",
        "maas_client.verification.VerificationPlan",
        "maas_client.verification.VerificationReport",
        "maas_client.verification.VerificationStep",
        "maas_client.verification.VerificationFinding",
    ),
    "webhooks": ("maas_client.webhooks",),
    "mock-server": (
        "mock_server.serve",
        "mock_server.server.Server",
        "mock_server.fixture_handles.ServerClock",
        "mock_server.fixture_handles.ServerFaults",
        "mock_server.fixture_handles.ServerVerdict",
    ),
}
"""Pages besides the one of all public names: the resources of a client, by attribute, and the other entry points."""

_OWN_PAGES = frozenset(path for paths in RESOURCES.values() for path in paths)
"""Classes of which methods of their bases are listed, too."""


def pages() -> dict[str, str]:
    """Return a page for each resource, one for all public names, and an index page."""
    by_path = {f"reference/{name}.md": _page(name, paths) for name, paths in RESOURCES.items()}
    names = sorted(name for name in maas_client.__all__ if name != "__version__")
    listed = [f"maas_client.{name}" for name in names if f"maas_client.{name}" not in _clients()]
    by_path["reference/names.md"] = _page("names", listed)
    toc = "\n".join([*RESOURCES, "names"])
    by_path["reference/index.md"] = (
        "# Reference\n\nThe synchronous client has the same methods as the asynchronous one, without `await`, so they "
        f"are documented once.\n\n```{{toctree}}\n{toc}\n```\n"
    )
    return by_path


def _clients() -> set[str]:
    return {"maas_client.MaasClient", "maas_client.AsyncMaasClient"}


def _page(title: str, paths: Sequence[str]) -> str:
    directives = "\n".join(_directive(path) for path in paths)
    return f"# {title}\n\n```{{eval-rst}}\n{directives}\n```\n"


def _directive(path: str) -> str:
    module, _, name = path.rpartition(".")
    found = getattr(__import__(module, fromlist=[name]), name)
    if inspect.ismodule(found):
        return f".. automodule:: {path}\n   :members:\n"
    if inspect.isclass(found):
        inherited = "   :inherited-members:\n" if path in _OWN_PAGES else ""
        return f".. autoclass:: {path}\n   :members:\n{inherited}   :exclude-members: model_config\n"
    return f".. autofunction:: {path}\n" if inspect.isroutine(found) else f".. autodata:: {path}\n   :no-value:\n"
