"""A program of its own: mlflow reads a run at the tracking URI that the workspace gives out, `azureml://…`.

`python -m tests.judges.mlflow_by_workspace URI RUN`. The plugin azureml-mlflow takes its token from the environment as
it does within a job on Azure, and starts a thread that refreshes it: hence a process of its own.
"""

import json
import sys
import warnings
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # mlflow's own, while it is imported
    from mlflow.tracking import MlflowClient


def main(uri: str, run: str) -> None:
    """Print the loss curve."""
    client: Any = MlflowClient(tracking_uri=uri)  # Any: mlflow's entities are not annotated
    history = client.get_metric_history(run, "loss")
    print(json.dumps([[point.step, point.value] for point in history]))


if __name__ == "__main__":
    main(*sys.argv[1:])
