"""Train and serve on your own compute: sizes and quota, a cluster, a pipeline job, an online endpoint, and clean-up.

Offline, with the mock server in another terminal (`python -m mock_server --job-seconds 10 --quota gpu=1000`):

    export MAAS_ENDPOINT=http://127.0.0.1:8765
    export AZURE_SUBSCRIPTION_ID=any AZURE_RESOURCE_GROUP=any AZUREML_WORKSPACE_NAME=any
    python examples/own_compute.py [TRAINING_FILE]

On Azure, leave MAAS_ENDPOINT unset, set the other three to your own workspace, and sign in with `az login`. Machines
are billed by the hour; whatever happens, the last lines delete the endpoint and the cluster, and print what is left.
"""

import json
import sys
from pathlib import Path

from maas_client import Job, MaasClient

DATA = Path(__file__).parent / "data"
MODEL = "Phi-3-mini-4k-instruct"
SIZE = "Standard_NC24ads_A100_v4"
CLUSTER = "own-compute"
ENDPOINT = "own-compute-chat"


def show(job: Job) -> None:
    """Print the new status of a job."""
    print(f"{job.name}: {job.status}")


def first_question(file: Path) -> str:
    """Return what the user asks in the first row of a training file."""
    with file.open(encoding="utf-8") as rows:
        turns = json.loads(next(rows))["messages"]
    return str(next(turn["content"] for turn in turns if turn["role"] == "user"))


def run(maas: MaasClient, file: Path) -> None:
    """Train on a cluster, and serve the tuned model on a machine."""
    for size in maas.computes.sizes()[:3]:
        print(f"{size.name}: {size.gpus} x {size.gpu}, {size.hourly_price} {size.currency} per hour")
    for quota in maas.computes.quota():
        if quota.has_gpus and quota.limit:
            print(f"{quota.family}: {quota.used} of {quota.limit} vCPUs used")

    cluster = maas.computes.create(CLUSTER, size=SIZE, max_nodes=1)  # no nodes yet, and no cost
    job = maas.jobs.create_pipeline(
        model=MODEL,
        training_data=file,
        compute=cluster.name,
        hyperparameters={"apply_lora": True, "num_train_epochs": 1},
    )
    job = maas.jobs.wait(job.name, on_update=show)  # raises JobFailed with the reason of the step that failed
    for step in maas.jobs.children(job.name):
        print(f"  {step.name}: {step.status}")

    model = maas.models.register("own-compute-model", job=job.name)
    endpoint = maas.endpoints.create(
        model=f"{model.name}:{model.version}", name=ENDPOINT, instance_type=SIZE
    )  # returns once it has answered
    for cost in maas.costs.running():
        print(cost)  # the cluster's node, until it has gone by itself, and the deployment
    print(maas.chat.complete(endpoint.name, first_question(file)).text)


def main() -> None:
    """Run the whole job once, and delete everything that costs money by the hour."""
    file = Path(sys.argv[1]) if sys.argv[1:] else DATA / "train.jsonl"
    with MaasClient.from_env() as maas:
        try:
            run(maas, file)
        finally:
            maas.endpoints.delete(ENDPOINT, missing_ok=True)
            maas.computes.delete(CLUSTER, missing_ok=True)
        print(f"{len(maas.costs.running())} things left that cost money by the hour")


if __name__ == "__main__":
    main()
