"""A small client of Foundry's surface that uses only httpx, so that tests show the wire protocol itself."""

from typing import Any

import httpx

from mock_server.server import Server
from tests.mock_server.driver import rows

V1 = "/openai/v1"
PROJECT = "/api/projects/demo/openai/v1"
PROJECT_DATED = "/api/projects/demo/openai"
DATED = "/openai"
VERSIONS = {PROJECT_DATED: "2025-11-15-preview", DATED: "2025-04-01-preview"}
MODEL = "gpt-4.1-mini-2025-04-14"
Json = dict[str, Any]


class Foundry:
    """The account of a server, by one of its bases."""

    def __init__(self, server: Server, base: str = V1, http: httpx.Client | None = None) -> None:
        self.server = server
        self.base = base
        self.query = {"api-version": VERSIONS[base]} if base in VERSIONS else {}
        self.http = http or httpx.Client(
            base_url=server.endpoint, headers={"api-key": "key"}, trust_env=False, verify=False
        )

    def by(self, base: str) -> "Foundry":
        """Return the same account by another base."""
        return Foundry(self.server, base, self.http)

    def get(self, path: str, **query: str) -> httpx.Response:
        """GET a path below the base."""
        return self.http.get(self.base + path, params={**self.query, **query})

    def post(self, path: str, body: Json | None = None) -> httpx.Response:
        """POST below the base."""
        return self.http.post(self.base + path, params=self.query, json=body)

    def delete(self, path: str) -> httpx.Response:
        """DELETE a path below the base."""
        return self.http.delete(self.base + path, params=self.query)

    def upload(self, content: bytes | None = None, name: str = "train.jsonl", **fields: str) -> httpx.Response:
        """Create a file; `fields` are further fields of its form."""
        sent = rows() if content is None else content
        return self.http.post(
            f"{self.base}/files",
            params=self.query,
            data={"purpose": "fine-tune", **fields},
            files={"file": (name, sent, "application/jsonl")},
        )

    def file(self, content: bytes | None = None) -> str:
        """Create a file and wait until it is processed; returns its id."""
        made = self.file_now(content)
        self.server.advance(3)
        return made

    def file_now(self, content: bytes | None = None) -> str:
        """Create a file; returns its id."""
        made = self.upload(content)
        assert made.is_success, made.text
        return str(made.json()["id"])

    def job_body(self, file: str, **changes: Any) -> Json:
        """Return a job's body; `changes` replace its members, None removes one."""
        body = {"model": MODEL, "training_file": file, "trainingType": "GlobalStandard", **changes}
        return {name: value for name, value in body.items() if value is not None}

    def create(self, content: bytes | None = None, **changes: Any) -> httpx.Response:
        """Create a job of new data."""
        return self.post("/fine_tuning/jobs", self.job_body(self.file(content), **changes))

    def job(self, content: bytes | None = None, **changes: Any) -> str:
        """Create a job of new data; returns its id."""
        made = self.create(content, **changes)
        assert made.is_success, made.text
        return str(made.json()["id"])

    def show(self, job: str) -> Json:
        """Return a job."""
        return dict(self.get(f"/fine_tuning/jobs/{job}").json())

    def status(self, job: str) -> str:
        """Return a job's status."""
        return str(self.show(job)["status"])
