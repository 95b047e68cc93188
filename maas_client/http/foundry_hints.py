"""What to do about an error of Foundry, many of whose texts name something else than what is wrong.

A code decides, then the parameter that the error names, then the text, then the status: several causes share the code
`invalidPayload`, and others have none. The texts are of learn.microsoft.com/azure/foundry/openai (troubleshoot-errors,
quotas-limits, how-to/fine-tuning and fine-tuning-deploy), of the skills in microsoft/azure-skills, and of the issues
that are named beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..core.foundry_subject import is_management

_SCOPES = "https://ai.azure.com/.default or https://cognitiveservices.azure.com/.default"
_LOADING = (
    "The model is still being loaded: try again in a few minutes; if that does not help, delete the deployment and "
    "create it again"
)
_LIMIT = (
    "The account has reached a limit, such as 20 queued jobs, or 100 jobs or files in all: wait, or delete what is not "
    "needed any more"
)
_SIGN_IN = "Sign in again (`az login`): Resource Manager takes a token of Microsoft Entra ID, and no key"
_FILTER = "The content filter has refused the prompt: change it, or give the deployment another content filter"
_NAME = "Check the settings: the subscription, the resource group, and the account, which is named by FOUNDRY_ACCOUNT"

BY_CODE: Mapping[str, str] = {
    "deploymentnotfound": (
        "A new deployment can take some minutes until it is found; one that was not used for 15 days has been deleted, "
        "and so has one of the Developer tier after 24 hours: `maas endpoints list` shows which there are"
    ),
    "deploymentnotready": _LOADING,
    "deploymenterror": _LOADING,
    "quotaexceeded": _LIMIT,
    "insufficientquota": (
        "Choose a smaller capacity, delete a deployment that is not needed any more, or ask for more quota"
    ),
    "deploymentmodelnotsupported": (
        "Check the `model_format`, and the name of the tuned model: the output model that `maas jobs show` prints"
    ),
    "invalidresourceproperties": "Check the SKU and its capacity; open models are served with GlobalStandard only",
    "jsonlvalidationfailed": "`maas check FILE` reports every row that the service would reject",
    "fileimportfailed": "Check that the URL can be read without signing in, and that its file is smaller than 512 MB",
    "unexpectedentitystate": "Its status does not allow this: `maas jobs show NAME` prints it",
    "rate_limit_exceeded": "Wait and try again; more capacity of the deployment allows more tokens per minute",
    "content_filter": _FILTER,
    "contentfilter": _FILTER,
    "resourcegroupnotfound": _NAME,
    "parentresourcenotfound": _NAME,
    "subscriptionnotfound": _NAME,
    "invalidauthenticationtoken": _SIGN_IN,
    "expiredauthenticationtoken": _SIGN_IN,
    "authenticationfailed": _SIGN_IN,
}
"""Hints by the code of an error in lower case."""

_FILE = "Check that the file is in this account and has been processed: `maas datasets list` shows them"
BY_PARAM: Mapping[str, str] = {"training_file": _FILE, "validation_file": _FILE}
"""Hints by the member of the request that an error of status 400 names."""

BY_TEXT: Sequence[tuple[tuple[str, ...], str]] = (
    # BotSharp#386, openai-python#1527: the first sentence of each is Azure's.
    (
        ("invalid subscription key",),
        "Check the key, which has to be one of this account's: `az cognitiveservices account keys list` shows them",
    ),
    (("missing subscription key",), "Nothing that authorizes the request was sent: set FOUNDRY_API_KEY or sign in"),
    (("audience",), f"The token is for another service: set FOUNDRY_SCOPE to {_SCOPES}"),
    (
        ("temporarily blocked",),
        "The account is blocked and not the identity: ask Azure support, or use another account",
    ),
    (("project not found",), "A project that has just been created is found after some seconds; check its name else"),
    # openai-python#362, azure-docs#114602: a path that the service does not have, or no api-version.
    (("resource not found",), "Check the endpoint's URL: the account's, or .../api/projects/NAME of a project"),
    (
        ("api-version", "not allowed"),
        "The v1 API takes no dated api-version: leave it out of the endpoint's URL, or leave out /v1",
    ),
    # azure-sdk-for-net#44710
    (("empty content type",), "The file's part of the request needs a Content-Type: application/octet-stream"),
    (("maximum allowed size",), "A single upload may have 512 MB; `maas split` makes smaller files"),
    (("file import not completed",), "The file is still being processed: try again in a few seconds"),
    (("status is not 'ready'",), "The file is still being processed: try again in a few seconds"),
    # litellm#24687: without a training tier the service takes Standard, which most models do not have.
    (
        ("does not support fine-tuning with", "trainingtype"),
        "The model cannot be trained on this tier: choose another `training_tier`, such as GlobalStandard or Developer",
    ),
    (
        ("does not support fine-tuning",),
        "`maas models` lists the models that can be trained, and where; a model is named with its date",
    ),
    (("requires the", "method of finetuning"), "Choose the `method` that the message names"),
    (("method.dpo",), "The hyperparameters of DPO belong into method.dpo.hyperparameters"),
    (("system error was encountered",), "Run the same call again: nothing is created twice"),
    (
        ("failed to load lora",),
        "The adapter was not loaded: give an open model a capacity of 100 or more, or create the deployment again",
    ),
    (
        ("failed to get finetune weights path",),
        "The adapter was not loaded: give an open model a capacity of 100 or more, or create the deployment again",
    ),
    # Also what a missing role looks like: microsoft/azure-skills, microsoft-foundry/finetuning.
    (
        ("images are not supported for provided model",),
        (
            "Only GPT-4o and GPT-4.1 are trained on images; for data without images, the identity lacks the action "
            "Microsoft.CognitiveServices/accounts/AIServices/agents/write: check its role on the account"
        ),
    ),
)
"""Hints by parts of an error's message in lower case; the first entry whose parts all occur is taken."""

BY_STATUS: Mapping[int, str] = {
    401: f"Sign in again (`az login`), or check the key; for a token of another service set FOUNDRY_SCOPE to {_SCOPES}",
    403: "The identity needs the role Foundry User (formerly Azure AI User) on the account",
    413: "A single upload may have 512 MB; `maas split` makes smaller files",
}
BY_MANAGEMENT_STATUS: Mapping[int, str] = {
    401: _SIGN_IN,
    403: (
        "The identity needs the action Microsoft.CognitiveServices/accounts/deployments/write, which the roles Foundry "
        "Owner and Cognitive Services Contributor have"
    ),
    409: "The deployment is being changed, or its name was deleted just now: try again in 20 seconds",
}
"""Hints by status: of the account's and project's API, and of Resource Manager."""

_WRONG_FORMAT = "The service also answers this to a wrong `model_format`: check it, upper and lower case included"


def foundry_hint(request: str, *, status: int, code: str, message: str, param: str) -> str:
    """Return what to do about an error of Foundry; empty where nothing special is known.

    Args:
        request: its method and URL.
        status: the HTTP status.
        code: the service's code.
        message: the service's text.
        param: the member of the request that the service names as the reason.
    """
    manages, words = is_management(request), message.lower()
    if (known := BY_CODE.get(code.lower())) is not None:
        return known
    if status == 400 and (known := BY_PARAM.get(param.rpartition(".")[2])) is not None:
        return known
    if (known := next((hint for parts, hint in BY_TEXT if all(part in words for part in parts)), None)) is not None:
        return known
    if manages and status == 500 and not message and request.startswith("PUT "):
        return _WRONG_FORMAT
    return (BY_MANAGEMENT_STATUS if manages else BY_STATUS).get(status, "")
