"""The container file: pinned, unprivileged, checked for health, and started with options that the server has."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from mock_server.__main__ import refusal
from tests.mock_server.test_server import process

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Dockerfile").read_text("utf-8")
INSTRUCTIONS = [
    tuple(line.split(maxsplit=1))
    for line in re.sub(r"\\\n\s*", "", TEXT).splitlines()
    if line and not line.startswith("#")
]


def values(instruction: str) -> list[str]:
    """Return what an instruction is given, in order."""
    return [value for name, value in INSTRUCTIONS if name == instruction]


def entrypoint() -> list[str]:
    words: list[str] = json.loads(values("ENTRYPOINT")[0])
    return words


def test_the_base_is_pinned_by_digest_and_used_alone() -> None:
    (base,) = values("ARG")
    assert re.fullmatch(r"PYTHON=python:3\.13-slim@sha256:[0-9a-f]{64}", base)
    assert values("FROM") == ["${PYTHON} AS build", "${PYTHON}"]


def test_the_server_runs_as_an_unprivileged_user() -> None:
    (user,) = values("USER")
    assert int(user) > 0
    names = [name for name, _ in INSTRUCTIONS]
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert "RUN" not in names[names.index("USER") :]


def test_everything_that_is_copied_exists_and_is_not_ignored() -> None:
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = [word for value in values("COPY") if "--from" not in value for word in value.split()[:-1]]
    assert [path for path in copied if not (ROOT / path).exists()] == []
    assert sorted(copied) == sorted(kept)


def test_the_image_has_the_files_that_the_wheel_is_made_of() -> None:
    section = (
        (ROOT / "pyproject.toml").read_text("utf-8").partition("[tool.hatch.build.targets.wheel.force-include]")[2]
    )
    included = re.findall(r'^"(.+?)" =', section.partition("\n[")[0], re.MULTILINE)
    copied = " ".join(values("COPY"))
    assert included
    assert [path for path in included if path not in copied and str(Path(path).parent) not in copied.split()] == []


def test_its_options_are_the_server_s_and_serve_https() -> None:
    words = entrypoint()
    assert words[1:3] == ["-m", "mock_server"]
    host = words[words.index("--host") + 1]
    assert refusal(host, tls=False, program="x") is not None
    assert refusal(host, tls="--tls" in words, program="x") is None


def test_the_entrypoint_starts_and_the_health_check_agrees(tmp_path: Path) -> None:
    ca = str(tmp_path / "ca.pem")
    options = [word.replace("/certs/ca.pem", ca).replace("8765", "0") for word in entrypoint()[3:]]
    check = json.loads(values("HEALTHCHECK")[0].partition("CMD ")[2])
    with process(tmp_path, *options) as (_, address):
        port = str(address["endpoint"]).rpartition(":")[2]
        code = check[2].replace("/certs/ca.pem", ca).replace("8765", port)
        assert subprocess.run(["python3", check[1], code], check=False).returncode == 0
    assert subprocess.run(["python3", check[1], code], check=False, stderr=subprocess.DEVNULL).returncode != 0


def test_a_container_engine_accepts_the_file() -> None:
    engine = next((name for name in ("docker", "podman") if shutil.which(name)), None)
    if engine is None or subprocess.run([engine, "info"], capture_output=True, check=False).returncode:
        pytest.skip("needs a running container engine: docker or podman")
    image = shlex.quote(values("ARG")[0].partition("=")[2])
    if subprocess.run([engine, "image", "inspect", image], capture_output=True, check=False).returncode:
        pytest.skip(f"needs the base image, which no test downloads: {engine} pull {image}")
    done = subprocess.run([engine, "build", "--check", "."], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
