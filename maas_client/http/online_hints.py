"""What to do about an error of an online endpoint's gateway, which says little.

MicrosoftDocs/azure-ai-docs, `how-to-troubleshoot-online-endpoints.md` (09/18/2024).
"""

from __future__ import annotations

from urllib.parse import urlsplit

_SCORING_PATHS = ("/chat/completions", "/score")


def online_hint(request: str, status: int, message: str, model_status: int | None) -> str:
    """Return what to do about an error of an online endpoint; empty for another service, and where nothing is known.

    `model_status` is the status of the model's own container.
    """
    url = urlsplit(request.partition(" ")[2])
    if not url.path.endswith(_SCORING_PATHS):
        return ""
    host = url.hostname or ""
    name = host.partition(".")[0] if ".inference.ml." in host else "NAME"
    if status == 404 and "valid deployments" in message.lower():
        return f"No deployment has traffic: give it some with `maas endpoints traffic {name} DEPLOYMENT=100`"
    if status == 408 and (".inference.ml." in host or url.path.endswith("/score")):
        return "The answer took longer than the deployment's request timeout: ask for fewer tokens"
    if model_status is not None:
        return f"The model's own container answered {model_status}: `maas endpoints logs {name}` shows what it printed"
    return ""
