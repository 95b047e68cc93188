"""Start a job in one process and wait for it in another: only the job's name is needed.

    python examples/resume_by_name.py start            prints the job's name and exits without waiting
    python examples/resume_by_name.py JOB [SECONDS]    waits for the job; can be repeated from any process

A wait that times out after SECONDS, a closed laptop or Ctrl-C end the wait, never the job. If you choose the name
yourself (`jobs.create(name=…)`), the start can also be repeated safely: the same request under the same name is the
same job.

AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP and AZUREML_WORKSPACE_NAME set the workspace. With MAAS_ENDPOINT this runs
against the mock server (`python -m mock_server`), without it on Azure.
"""

import sys
from pathlib import Path

from maas_client import JobFailed, MaasClient, WaitTimeout

DATA = Path(__file__).parent / "data"


def start(maas: MaasClient) -> None:
    """Create a job and print its name on a line of its own."""
    job = maas.jobs.create(
        model="Phi-4-mini-instruct",
        training_data=DATA / "train.jsonl",
        validation_data=DATA / "validation.jsonl",
        hyperparameters={"num_train_epochs": 2},
    )
    print(job.name)


def resume(maas: MaasClient, name: str, seconds: float | None) -> None:
    """Wait for a job that another process started."""
    try:
        job = maas.jobs.wait(name, timeout=seconds, on_update=lambda job: print(f"{job.name}: {job.status}"))
    except WaitTimeout as timeout:
        sys.exit(f"{timeout}")  # how long it waited, the job's status, and how to resume
    except JobFailed as failure:
        sys.exit("\n".join([f"failed: {failure.reason}", *failure.log_tail]))
    print(f"{job.model} became {job.output_model}")


def main() -> None:
    """Start a job or resume one, depending on the arguments."""
    match sys.argv[1:]:
        case ["start"]:
            with MaasClient.from_env() as maas:
                start(maas)
        case [name, *seconds]:
            with MaasClient.from_env() as maas:
                resume(maas, name, float(seconds[0]) if seconds else None)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
