"""The second token of a pipeline's creation: the one with which its steps act for the user."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..core.http_messages import Reply, Request
from .credentials import Tokens
from .signers import Bearer

HEADER = "x-azureml-token"


@dataclass(frozen=True, slots=True)
class PipelineSigner:
    """The token for Resource Manager, and one for Azure Machine Learning itself in a header of its own.

    azure-ai-ml 1.35.2 sends it with every pipeline job, and requires that its audience is that service
    (`_job_operations.py`, `_set_headers_with_user_aml_token`). It goes only where the first one may go.
    """

    tokens: Tokens
    arm_scope: str
    ml_scope: str

    @property
    def any_port(self) -> bool:
        """A token is valid for the service that it was requested for."""
        return False

    async def sign(self, request: Request) -> Request:
        """Add both tokens."""
        # Assumption: The service takes the token of a service principal or a managed identity in `x-azureml-token`, as
        #   it takes a user's.
        # Shown wrong by: 401 or 403 for the creation of a pipeline job by such an identity.
        # Verified by: create pipeline job
        # If wrong: Such an identity cannot create pipeline jobs.
        token = await self.tokens.get(self.ml_scope)
        token.register()
        signed = await self._bearer.sign(request)
        return replace(signed, secret_headers={**signed.secret_headers, HEADER: token})

    async def renew(self, request: Request, reply: Reply) -> bool:
        """Replace the token for Resource Manager, which is the one that authorizes the request."""
        return await self._bearer.renew(request, reply)

    @property
    def _bearer(self) -> Bearer:
        return Bearer(self.tokens, self.arm_scope)
