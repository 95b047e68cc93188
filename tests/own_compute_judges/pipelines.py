"""The seed's notebook for chat completion, and pipelines like it, as azure-ai-ml builds them."""

import base64
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from azure.ai.ml import Input, dsl
from azure.core.credentials import AccessToken

from mock_server.server import Server
from tests.judges.sdk import MODEL_ID, Microsoft, StaticToken

GPU_SIZE = "Standard_ND96amsr_A100_v4"


class UserToken(StaticToken):
    """A credential whose tokens say what they are for: azure-ai-ml reads that of a pipeline's user token."""

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:  # Any: what azure-core's protocol prescribes
        """Give a token of the audience that a scope names."""
        self.scopes.extend(scopes)
        parts = ({"alg": "none", "typ": "JWT"}, {"aud": scopes[0].removesuffix("/.default")})
        head, claims = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        return AccessToken(f"{head}.{claims}.c2lnbmF0dXJl", int(time.time()) + 86_400)


def with_user_token(server: Server, workspace: str = "court") -> Any:
    """Make azure-ai-ml's client of a workspace, with a credential that a pipeline can be submitted with."""
    return Microsoft(server).client(workspace, UserToken())


def chat_completion(component: Any, data: Path, compute: Mapping[str, str], **more: Any) -> Any:
    """Build the notebook's pipeline: the component, the data as local files, and the output `trained_model`."""
    parameters = {
        "num_train_epochs": 3,
        "per_device_train_batch_size": 1,
        "per_device_eval_batch_size": 1,
        "learning_rate": 5e-6,
        "lr_scheduler_type": "cosine",
        "apply_lora": "true",
        "apply_deepspeed": "true",
        "deepspeed_stage": 2,
        **more,
    }

    def create_pipeline() -> Mapping[str, object]:
        node: Any = component(
            mlflow_model_path=Input(type="mlflow_model", path=MODEL_ID),
            train_file_path=Input(type="uri_file", path=str(data)),
            test_file_path=Input(type="uri_file", path=str(data)),
            **compute,
            **parameters,
        )
        return {"trained_model": node.outputs.mlflow_model_folder}

    decorate: Any = dsl.pipeline
    made: Any = decorate()(create_pipeline)()
    made.settings.force_rerun = True
    made.settings.continue_on_step_failure = False
    return made
