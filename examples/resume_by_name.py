"""Start a job, leave, and come back from another process: the job's name is all it takes.

    python examples/resume_by_name.py start            prints the job's name and ends; nothing waits
    python examples/resume_by_name.py JOB [SECONDS]    waits for the job, as often and from wherever you like

A wait that runs out of SECONDS, a closed laptop or Ctrl-C stop the waiting and never the job. Choosing the name
yourself (`jobs.create(name=…)`) makes the start safe to repeat as well: the same request under the same name is the
same job.

The workspace is named by AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP and AZUREML_WORKSPACE_NAME; MAAS_ENDPOINT points
to the mock server (`python -m mock_server`), and without it this runs on Azure.
"""

import sys
from pathlib import Path

from maas_client import JobFailed, MaasClient, WaitTimeout

DATA = Path(__file__).parent / "data"


def start(maas: MaasClient) -> None:
    """Create a job and print its name, alone on a line, for whoever comes back for it."""
    job = maas.jobs.create(
        model="Phi-4-mini-instruct",
        training_data=DATA / "train.jsonl",
        validation_data=DATA / "validation.jsonl",
        hyperparameters={"num_train_epochs": 2},
    )
    print(job.name)


def resume(maas: MaasClient, name: str, seconds: float | None) -> None:
    """Wait for a job that some process started some day."""
    try:
        job = maas.jobs.wait(name, timeout=seconds, on_update=lambda job: print(f"{job.name}: {job.status}"))
    except WaitTimeout as pause:
        sys.exit(f"{pause}")  # says how long it waited, where the job is, and how to resume
    except JobFailed as failure:
        sys.exit("\n".join([f"failed: {failure.reason}", *failure.log_tail]))
    print(f"{job.model} became {job.output_model}")


def main() -> None:
    """Start a job or resume one, as the command line says."""
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
