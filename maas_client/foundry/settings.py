"""Settings of an Azure AI Foundry account: its URL, project, key and place in Resource Manager."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ..azure.clouds import PUBLIC, Cloud, cloud_named
from ..azure.settings import base_url, is_mock_server, split_endpoint
from ..azure.surface_choice import FOUNDRY_ENDPOINT, OTHER_FOUNDRY_ENDPOINTS
from ..core.api_versions import COGNITIVE_SERVICES, COGNITIVE_SERVICES_PROVIDER
from ..core.errors import InvalidInput, SettingsError
from ..core.origins import is_loopback
from ..core.redaction import redact
from ..core.secret_text import SecretText
from ..core.url_paths import segment
from ..http.trusted_hosts import Audience, Trust

ENDPOINT_VARIABLES = (FOUNDRY_ENDPOINT, *OTHER_FOUNDRY_ENDPOINTS)
"""The environment variables of the account's or project's URL, by precedence."""

KEY_VARIABLES = ("FOUNDRY_API_KEY", "AZURE_OPENAI_API_KEY")
"""The environment variables of the account's key, by precedence."""

# Assumption: An account and its projects take tokens for https://ai.azure.com; the specification of the v1 API names
#   https://cognitiveservices.azure.com.
# Shown wrong by: 401 about the audience, without a key.
# Verified by: list files, list tuning jobs
# If wrong: Every request without a key fails; FOUNDRY_SCOPE sets the other scope.
SCOPE = "https://ai.azure.com/.default"
"""The scope of tokens for the account; the specification of the v1 API names `https://cognitiveservices.azure.com`."""

_DOMAINS = ("services.ai.azure.com", "openai.azure.com", "cognitiveservices.azure.com")
"""The domains under which one account answers, each with the account's name as its host."""

_PATH = re.compile(r"(?:/api/projects/(?P<project>[^/]+))?(?:/openai(?:/v1)?)?/?")
_LOCAL_SUBSCRIPTION, _LOCAL_GROUP, _LOCAL_ACCOUNT = "00000000-0000-0000-0000-000000000000", "local", "local"


@dataclass(frozen=True, slots=True)
class FoundrySettings:
    """The settings of a client of Azure AI Foundry.

    `account_url` is the account's URL without a path, `project` the name in a project's URL. `endpoint` is Resource
    Manager's base URL, where `account` in a resource group has its deployments; the other names may be empty until a
    deployment is asked for. The key is for the account alone: Resource Manager gets a token.
    """

    account_url: str
    project: str = ""
    api_key: SecretText | None = field(default=None, repr=False)
    scope: str = SCOPE
    subscription_id: str = ""
    resource_group: str = ""
    account: str = ""
    endpoint: str = PUBLIC.resource_manager
    cloud: Cloud = PUBLIC
    is_mock: bool = False

    @property
    def is_loopback(self) -> bool:
        """Whether the account is on this machine and therefore needs no Azure credential."""
        return is_loopback(urlsplit(self.account_url).hostname or "")

    @property
    def place(self) -> str:
        """The account and project, for messages."""
        return f"project {self.project!r} of {self.account_url}" if self.project else f"account {self.account_url}"

    @property
    def described(self) -> str:
        """The settings, as a client shows itself."""
        project = f"project={self.project!r} " if self.project else ""
        return f"foundry {project}at {self.account_url}"

    @property
    def resource_path(self) -> str:
        """The account's Resource Manager id; raises SettingsError if a name of it is missing."""
        names = {
            "AZURE_SUBSCRIPTION_ID": self.subscription_id,
            "AZURE_RESOURCE_GROUP": self.resource_group,
            "FOUNDRY_ACCOUNT": self.account,
        }
        if missing := [variable for variable, value in names.items() if not value]:
            raise SettingsError(
                f"deployments are resources of the account in Resource Manager: set {' and '.join(missing)} "
                f"(the account is that of {self.account_url})",
                missing=missing,
            )
        subscription, group, account = map(segment, names.values())
        provider = COGNITIVE_SERVICES_PROVIDER
        return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{provider}/accounts/{account}"

    @property
    def resource_api_version(self) -> str:
        """The api-version of the account's resources."""
        return COGNITIVE_SERVICES.value

    @property
    def trust(self) -> Trust:
        """The hosts that may receive secrets: the account's own, and Resource Manager."""
        parts = urlsplit(self.account_url)
        if self.is_loopback:
            return Trust(hosts={}, suffixes={}, loopback=self.account_url)
        hosts = {parts.netloc.lower(), *_other_hosts(parts.hostname or "")}
        resource_manager = frozenset({urlsplit(self.endpoint).netloc.lower()})
        return Trust(hosts={Audience.FOUNDRY: frozenset(hosts), Audience.ARM: resource_manager}, suffixes={})


def resolve_foundry(
    *,
    foundry_endpoint: str | None = None,
    api_key: str | SecretText | None = None,
    subscription_id: str | None = None,
    resource_group: str | None = None,
    endpoint: str | None = None,
    cloud: str | None = None,
    environ: Mapping[str, str],
) -> FoundrySettings:
    """Resolve every setting, from the argument or else the environment; raise SettingsError for one that is invalid."""
    url = foundry_endpoint or _first(environ, ENDPOINT_VARIABLES)
    if not url:
        raise SettingsError(
            f"no Foundry account is selected: set {ENDPOINT_VARIABLES[0]} to the URL of the project "
            "(https://NAME.services.ai.azure.com/api/projects/PROJECT) or account, or pass foundry_endpoint=",
            missing=["foundry_endpoint"],
        )
    account_url, project = account_and_project(url)
    host = urlsplit(account_url).hostname or ""
    local = is_loopback(host)
    chosen = cloud_named(cloud or environ.get("AZURE_CLOUD") or PUBLIC.name)
    # A local server is both; another one's Resource Manager would be another origin on this machine.
    elsewhere = account_url if local else environ.get("MAAS_ENDPOINT")
    resource_manager = endpoint or elsewhere or chosen.resource_manager
    is_elsewhere = local and foundry_endpoint is not None  # the variable's key is for the account in the cloud
    given_key = api_key or ("" if is_elsewhere else _first(environ, KEY_VARIABLES))
    base = base_url(resource_manager)
    return FoundrySettings(
        account_url=account_url,
        project=project,
        api_key=SecretText.of(given_key) if given_key else None,
        scope=environ.get("FOUNDRY_SCOPE", "").strip() or SCOPE,
        subscription_id=_name(
            subscription_id or environ.get("AZURE_SUBSCRIPTION_ID", ""), _LOCAL_SUBSCRIPTION if local else ""
        ),
        resource_group=_name(resource_group or environ.get("AZURE_RESOURCE_GROUP", ""), _LOCAL_GROUP if local else ""),
        # Assumption: The account in Resource Manager has the name that its host begins with.
        # Shown wrong by: 404 `ResourceNotFound` for the account.
        # Verified by: list deployments
        # If wrong: Deployments cannot be listed or created until FOUNDRY_ACCOUNT names the account.
        account=_name(environ.get("FOUNDRY_ACCOUNT", ""), _LOCAL_ACCOUNT if local else host.partition(".")[0]),
        endpoint=base,
        cloud=chosen,
        is_mock=is_mock_server(environ.get("MAAS_MOCK", ""), account_url),
    )


def account_and_project(url: str) -> tuple[str, str]:
    """Return the account's base URL and the project's name ("" without one) from the URL of either.

    The paths that SDKs add (`/openai`, `/openai/v1`) are accepted. Raises SettingsError for any other URL.
    """
    parts = split_endpoint(url)
    found = _PATH.fullmatch(parts.path)
    if found is None or parts.query or parts.fragment:
        raise SettingsError(
            f"{redact(url)!r} is not the URL of a Foundry account or project: "
            "https://NAME.services.ai.azure.com[/api/projects/PROJECT] or https://NAME.openai.azure.com"
        )
    base = base_url(f"{parts.scheme}://{parts.netloc}")
    return base, _name(found["project"] or "", "")


def _other_hosts(host: str) -> set[str]:
    """Return the other hosts of the same account."""
    name, _, domain = host.lower().partition(".")
    return {f"{name}.{other}" for other in _DOMAINS} if domain in _DOMAINS else set()


def _first(environ: Mapping[str, str], variables: tuple[str, ...]) -> str:
    return next((value for variable in variables if (value := environ.get(variable, "").strip())), "")


def _name(given: str, default: str) -> str:
    """Return a name that can be part of a path."""
    name = given.strip() or default
    try:
        return segment(name) and name if name else ""
    except InvalidInput as error:
        raise SettingsError(str(error)) from None
