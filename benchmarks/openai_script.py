"""The peer of the command line: a script that lists fine-tuning jobs through the openai SDK."""

import argparse

from openai import OpenAI


def main() -> None:
    """List fine-tuning jobs, a line each."""
    parser = argparse.ArgumentParser(description="List fine-tuning jobs.")
    parser.add_argument("--base-url", required=True, help="base URL of the API")
    options = parser.parse_args()
    with OpenAI(base_url=options.base_url, api_key="local") as client:
        for job in client.fine_tuning.jobs.list():
            print(f"{job.id}  {job.status:<12}  {job.model}  {job.fine_tuned_model}")


if __name__ == "__main__":
    main()
