"""Names of resources in a workspace: validation, and generation of unique ones."""

from __future__ import annotations

import re
import uuid

from .arguments import check_text
from .errors import InvalidInput

# Assumption: The names of jobs, data assets and models have up to 255 letters, digits, `-`, `_` and `.`, and begin with
#   a letter or digit.
# Shown wrong by: A listed job, data asset or model with another name, or a refusal of the name that the step chooses.
# Verified by: list jobs, list data, list models, create job
# If wrong: A valid name is refused before anything is sent, or an invalid one by the service.
_ALLOWED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
_ONLINE = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,30}[A-Za-z0-9]")
# Assumption: The name of a serverless endpoint has 2 to 32 letters, digits and hyphens, and begins with a letter.
# Shown wrong by: A listed endpoint with another name, or a refusal of the name that the step chooses.
# Verified by: list endpoints, deploy
# If wrong: A valid name is refused before anything is sent, or an invalid one by the service.
_ENDPOINT = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,30}[A-Za-z0-9]")
_CLUSTER = re.compile(r"[A-Za-z][A-Za-z0-9-]{2,23}")


def is_valid_name(name: str) -> bool:
    """Return whether the service accepts a name for a job, data asset or model."""
    return _ALLOWED.fullmatch(name) is not None


def check_name(kind: str, name: str) -> str:
    """Return the name, or raise InvalidInput if the service would reject it for a job, data asset or model."""
    check_text(f"the name of a {kind}", name)
    if is_valid_name(name):
        return name
    raise InvalidInput(
        f"{name!r} is not a valid name for a {kind}: use up to 255 letters, digits, '-', '_' and '.', starting with a "
        "letter or digit"
    )


def check_endpoint_name(name: str) -> str:
    """Return the name, or raise InvalidInput if it cannot be the first label of the endpoint's host name."""
    check_text("the name of an endpoint", name)
    if _ENDPOINT.fullmatch(name):
        return name
    raise InvalidInput(
        f"{name!r} is not a valid endpoint name: use 2 to 32 letters, digits and '-', starting with a letter"
    )


def check_cluster_name(name: str) -> str:
    """Return the name, or raise InvalidInput if the service would reject it for a compute cluster.

    learn.microsoft.com/azure/machine-learning/how-to-create-attach-compute-cluster, 2024-05-03.
    """
    check_text("the name of a cluster", name)
    if _CLUSTER.fullmatch(name):
        return name
    raise InvalidInput(
        f"{name!r} is not a valid name for a cluster: use 3 to 24 letters, digits and '-', starting with a letter"
    )


def check_online_name(kind: str, name: str) -> str:
    """Return the name, or raise InvalidInput if an online endpoint or a deployment of one cannot have it.

    azure-ai-ml 1.35.2 `constants/_endpoint.py`.
    """
    check_text(f"the name of {kind}", name)
    if _ONLINE.fullmatch(name):
        return name
    raise InvalidInput(
        f"{name!r} is not a valid name for {kind}: use 3 to 32 letters, digits and '-', starting with a letter and "
        "ending with a letter or digit; nothing was sent"
    )


def slug(text: str, longest: int = 200) -> str:
    """Turn any text into a name: lower-case letters and digits, hyphens for everything else."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:longest].strip("-") or "x"


def unique_name(prefix: str, longest: int = 64) -> str:
    """Return a unique name that begins with the prefix."""
    return f"{slug(prefix, longest - 9)}-{uuid.uuid4().hex[:8]}"
