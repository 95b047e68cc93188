"""Valid requests to Foundry's files, uploads and jobs, to be mutated, and the state that they refer to."""

from mock_server.core.json_values import Json
from mock_server.resources import foundry_files, foundry_jobs, foundry_uploads
from mock_server.state.blob_store import Part, new_part
from mock_server.state.world import World
from mock_server.training import simulation
from mock_server.training.foundry_course import Course, course_to_json
from tests.mock_server.driver import rows

V1, PROJECT, PROJECT_DATED, DATED = (
    "/openai/v1",
    "/api/projects/p/openai/v1",
    "/api/projects/p/openai",
    "/openai",
)
FILE, RUNNING, ENDED, PAUSED, UPLOAD = "file-1", "ftjob-running", "ftjob-ended", "ftjob-paused", "upload_1"
BOUNDARY = b"fuzz"
EQUAL: Json = {
    "type": "string_check",
    "name": "a",
    "operation": "eq",
    "input": "{{sample.output_json.a}}",
    "reference": "{{item.ref}}",
}
MULTI: Json = {"type": "multi", "name": "m", "calculate_output": "0.5 * a + max(a, 1) ^ 2", "graders": {"a": EQUAL}}
SUPERVISED: Json = {
    "model": "gpt-4.1-mini-2025-04-14",
    "training_file": FILE,
    "validation_file": FILE,
    "suffix": "demo",
    "seed": 42,
    "metadata": {"run": "r"},
    "integrations": [{"type": "wandb", "wandb": {"project": "p", "tags": ["t"]}}],
    "trainingType": "GlobalStandard",
    "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2, "batch_size": "auto"}}},
}
REINFORCED: Json = {
    **SUPERVISED,
    "model": "o4-mini-2025-04-16",
    "method": {
        "type": "reinforcement",
        "reinforcement": {"grader": MULTI, "hyperparameters": {"reasoning_effort": "low", "eval_interval": 5}},
    },
}


def form(name: str, content: bytes) -> bytes:
    """Return a form with a file of this name in it."""
    field = b'Content-Disposition: form-data; name="purpose"\r\n\r\nfine-tune'
    file = f'Content-Disposition: form-data; name="{name}"; filename="a.jsonl"\r\nContent-Type: a/b\r\n\r\n'.encode()
    parts = b"".join(b"--" + BOUNDARY + b"\r\n" + part + b"\r\n" for part in (field, file + content))
    return parts + b"--" + BOUNDARY + b"--\r\n"


def _of_job(base: str, job: str) -> list[tuple[str, str, str, object]]:
    path = f"{base}/fine_tuning/jobs/{job}"
    return [
        ("GET", path, "", None),
        ("GET", f"{path}/events", "limit=5&after=x", None),
        ("GET", f"{path}/checkpoints", "limit=1", None),
        ("POST", f"{path}/{'resume' if job == PAUSED else 'pause'}", "", None),
        ("POST", f"{path}/cancel", "", None),
    ]


VALID: tuple[tuple[str, str, str, object], ...] = (
    ("POST", f"{V1}/files", "", form("file", rows(12))),
    ("POST", f"{PROJECT_DATED}/files", "", form("file", b"{}")),
    ("GET", f"{V1}/files", "purpose=fine-tune&limit=2&order=asc&after=file-1", None),
    ("GET", f"{PROJECT}/files/{FILE}", "", None),
    ("GET", f"{DATED}/files/{FILE}/content", "", None),
    ("DELETE", f"{V1}/files/file-2", "", None),
    (
        "POST",
        f"{DATED}/files/import",
        "",
        {"filename": "i", "purpose": "fine-tune", "content_url": "http://127.0.0.1:80/mockstore/x?sig=x"},
    ),
    (
        "POST",
        f"{DATED}/uploads",
        "",
        {
            "filename": "u",
            "purpose": "fine-tune",
            "bytes": 10,
            "mime_type": "a/b",
            "expires_after": {"anchor": "created_at", "seconds": 3600},
        },
    ),
    ("POST", f"{DATED}/uploads/{UPLOAD}/parts", "", form("data", b"0123456789")),
    ("POST", f"{DATED}/uploads/{UPLOAD}/complete", "", {"part_ids": ["part"], "md5": "0" * 32}),
    ("POST", f"{DATED}/uploads/{UPLOAD}/cancel", "", None),
    ("POST", f"{V1}/fine_tuning/jobs", "", SUPERVISED),
    ("POST", f"{PROJECT_DATED}/fine_tuning/jobs", "", REINFORCED),
    ("GET", f"{V1}/fine_tuning/jobs", "limit=3&after=ftjob-ended&metadata[run]=r", None),
    *_of_job(V1, RUNNING),
    *_of_job(PROJECT, ENDED),
    *_of_job(DATED, PAUSED),
    ("DELETE", f"{DATED}/fine_tuning/jobs/{ENDED}", "", None),
    (
        "POST",
        f"{V1}/fine_tuning/jobs/{ENDED}/checkpoints/ftchkpt-1/copy",
        "",
        {"destinationResourceId": "/s", "region": "r"},
    ),
    ("GET", f"{V1}/models", "", None),
    ("GET", f"{V1}/models/gpt-oss-20b", "", None),
    ("POST", f"{V1}/fine_tuning/alpha/graders/validate", "", {"grader": MULTI}),
    ("POST", f"{V1}/fine_tuning/alpha/graders/run", "", {"grader": MULTI, "model_sample": "{}", "item": {"ref": "x"}}),
)


def furnish(world: World) -> None:
    """Create what the valid requests refer to, as it was an hour ago."""
    hour_ago = world.now("") - 3600
    for name in (FILE, "file-2"):
        content = rows(12)
        part = Part("", new_part(), len(content))
        world.blobs.append(part.part, 0, content)
        world.blobs.commit(foundry_files.CONTAINER, name, [part], modified=0.0, headers={}, metadata={})
        foundry_files.register(world, name, filename="a.jsonl", purpose="fine-tune", size=len(content), now=hour_ago)
    described = {"filename": "u", "purpose": "fine-tune", "bytes": 10, "mime_type": "a/b"}
    upload = foundry_uploads.create(world, described)
    world.store.put(foundry_uploads.KIND, "", UPLOAD, upload.document)
    plan = simulation.Plan(seed="s", seconds=6000.0, rows=40, tokens=500)
    shown = {"model": "gpt-4.1-mini-2025-04-14", "training_file": FILE, "trainingType": "globalStandard"}
    courses = {
        RUNNING: (plan, ()),
        ENDED: (simulation.Plan(seed="s", seconds=30.0, rows=40, tokens=500), ()),
        PAUSED: (plan, ((3000.0, None),)),
    }
    for name, (planned, pauses) in courses.items():
        document: Json = {
            "created": hour_ago,
            "base": "gpt-4.1-mini-2025-04-14",
            "examples": "",
            "course": course_to_json(Course(planned, pauses=pauses)),
            "shown": shown,
        }
        world.store.put(foundry_jobs.KIND, "", name, document)
