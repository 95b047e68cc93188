"""Train and serve on your own compute with the asynchronous client: `own_compute.py` with `async with` and `await`.

The environment is that of `own_compute.py`: MAAS_ENDPOINT for the mock server (with `--quota gpu=1000`), `az login` for
Azure, and the workspace in AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP and AZUREML_WORKSPACE_NAME.

    python examples/own_compute_async.py [TRAINING_FILE]
"""

import asyncio
import json
import sys
from pathlib import Path

from maas_client import AsyncMaasClient, Job

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


async def run(maas: AsyncMaasClient, file: Path) -> None:
    """Train on a cluster, and serve the tuned model on a machine."""
    for size in (await maas.computes.sizes())[:3]:
        print(f"{size.name}: {size.gpus} x {size.gpu}, {size.hourly_price} {size.currency} per hour")
    for quota in await maas.computes.quota():
        if quota.has_gpus and quota.limit:
            print(f"{quota.family}: {quota.used} of {quota.limit} vCPUs used")

    cluster = await maas.computes.create(CLUSTER, size=SIZE, max_nodes=1)  # no nodes yet, and no cost
    job = await maas.jobs.create_pipeline(
        model=MODEL,
        training_data=file,
        compute=cluster.name,
        hyperparameters={"apply_lora": True, "num_train_epochs": 1},
    )
    job = await maas.jobs.wait(job.name, on_update=show)  # raises JobFailed with the reason of the step that failed
    async for step in maas.jobs.children(job.name):
        print(f"  {step.name}: {step.status}")

    model = await maas.models.register("own-compute-model", job=job.name)
    endpoint = await maas.endpoints.create(
        model=f"{model.name}:{model.version}", name=ENDPOINT, instance_type=SIZE
    )  # returns once it has answered
    for cost in await maas.costs.running():
        print(cost)  # the cluster's node, until it has gone by itself, and the deployment
    print((await maas.chat.complete(endpoint.name, first_question(file))).text)


async def main() -> None:
    """Run the whole job once, and delete everything that costs money by the hour."""
    file = Path(sys.argv[1]) if sys.argv[1:] else DATA / "train.jsonl"
    async with AsyncMaasClient.from_env() as maas:
        try:
            await run(maas, file)
        finally:
            await maas.endpoints.delete(ENDPOINT, missing_ok=True)
            await maas.computes.delete(CLUSTER, missing_ok=True)
        print(f"{len(await maas.costs.running())} things left that cost money by the hour")


if __name__ == "__main__":
    asyncio.run(main())
