"""The whole job on Foundry with everything logged and every error written out, as `canaries` does it on Azure ML.

`python -m tests.promises.foundry_canaries ENDPOINT FOLDER TOKEN KIND`, where TOKEN is also part of the account's key.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from maas_client.client import Resources
from maas_client.foundry.settings import resolve_foundry
from tests.promises.canaries import Written, every, main
from tests.promises.tape import write_rows

MODEL = "Ministral-3B"
SOURCE = "acct.blob.core.windows.net/c/train.jsonl?sv=2024-11-04&sig=canary%2Bof%2Ba%2Bsignature%3D"
SIGNATURE = "canary+of+a+signature="


def troubles(key: str) -> list[dict[str, Any]]:
    """Return faults, some of which send the key back."""
    return [
        {"status": 401, "body": f'{{"error": {{"code": "401", "message": "not {key}"}}}}', "count": 2},
        {"status": 400, "body": f'{{"error": {{"code": "{key}", "param": "{key}", "message": "api-key: {key}"}}}}'},
        {"status": 403, "body": f"no {key}", "headers": {"apim-request-id": key}},
        {"status": 302, "headers": {"Location": f"https://evil.test/?sig=abc&key={key}"}},
        {"drop": "body", "count": None},
        {"status": 503, "count": None, "retry_after": 999},
    ]


async def work(maas: Resources, folder: Path, fault: Callable[..., object], written: Written) -> set[str]:
    """Do the whole job, well and badly; return the secrets that were given."""

    async def done(act: Callable[[], Awaitable[object]]) -> None:
        try:
            written.value(await act())
        except Exception as error:  # whatever it is, it is written out
            written.error(error)

    file = folder / "train.jsonl"
    write_rows(folder)
    await maas.jobs.create(model=MODEL, training_data=file, name="ft-1")
    tuned = await maas.jobs.wait("ft-1")
    await maas.endpoints.wait(await maas.endpoints.create(model=str(tuned.output_model), name="e-1"))
    hook = await maas.webhooks.register("http://127.0.0.1:9/hook")
    written.value(hook)
    acts: dict[str, Callable[[], Awaitable[object]]] = {
        "foundry.files.*": lambda: maas.datasets.upload(file.with_name("other.jsonl"), name="other"),
        "foundry.files.import": lambda: maas.datasets.copy(f"{sys.argv[1]}/{SOURCE}", name="imported"),
        "foundry.jobs.*": lambda: maas.jobs.get("ft-1"),
        "foundry.jobs.create": lambda: maas.jobs.create(model=MODEL, training_data=file, name="ft-2"),
        "foundry.jobs.events": lambda: every(maas.jobs.events("ft-1")),
        "foundry.webhooks.create": lambda: maas.webhooks.register("http://127.0.0.1:9/more"),
        "foundry.webhooks.*": lambda: every(maas.webhooks.list()),
        "foundry.deployments.*": lambda: maas.endpoints.get("e-1"),
        "foundry.chat*": lambda: maas.chat.complete("e-1", "Hello"),
        "foundry.*": lambda: every(maas.chat.stream("e-1", "Hello")),
    }
    write_rows(folder / "more", 14)
    (folder / "more" / "train.jsonl").rename(file.with_name("other.jsonl"))
    for trouble in troubles(KEY):
        for operation, act in acts.items():
            fault(operation=operation, **trouble)
            await done(act)
            fault()
    await done(lambda: maas.datasets.copy(f"{sys.argv[1]}/{SOURCE}", name="imported"))
    await done(lambda: maas.datasets.copy(f"https://{SOURCE}", name="imported"))
    return {KEY, SIGNATURE, hook.signing_secret.reveal().removeprefix("whsec_")}


KEY = f"key-{sys.argv[3][::-1]}" if __name__ == "__main__" else "canary-of-a-key"

if __name__ == "__main__":
    url = f"{sys.argv[1]}/api/projects/demo"
    mine = resolve_foundry(foundry_endpoint=url, api_key=KEY, environ={})
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4], settings=mine, job=work)
