"""The requests of the page on other languages, sent by their own programs over https."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from mock_server.server import serve
from tests.mock_server.driver import Azure

PAGE = (Path(__file__).parents[2] / "docs" / "site" / "other-languages.md").read_text("utf-8")
MARK = "skip: run by tests/mock_server/test_other_languages.py"
BLOCKS = dict(re.findall(rf"^```(\w+) {re.escape(MARK)}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
PROGRAMS = {
    "sh": (("curl", "sh"), ["sh", "-eu", "-c"], "CURL_CA_BUNDLE"),
    "js": (("node",), ["node", "--input-type=module", "--eval"], "NODE_EXTRA_CA_CERTS"),
}


@pytest.mark.parametrize("language", PROGRAMS)
def test_its_request_is_answered(language: str) -> None:
    needed, command, variable = PROGRAMS[language]
    if missing := [name for name in needed if shutil.which(name) is None]:
        pytest.skip(f"needs {missing[0]}")
    with serve(clock="virtual", tls=True) as server:
        azure = Azure(server)
        azure.job("ft-other")
        azure.close()
        environment = {"PATH": os.environ["PATH"], "MAAS_ENDPOINT": server.endpoint, variable: str(server.ca)}
        done = subprocess.run(
            [*command, BLOCKS[language]], env=environment, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    assert [job["name"] for job in json.loads(done.stdout)["value"]] == ["ft-other"]


def test_the_page_has_a_request_for_each_program() -> None:
    assert BLOCKS.keys() == PROGRAMS.keys()


def test_without_the_certificate_authority_it_is_not_trusted() -> None:
    if shutil.which("curl") is None:
        pytest.skip("needs curl")
    with serve(tls=True) as server:
        environment = {"PATH": os.environ["PATH"], "MAAS_ENDPOINT": server.endpoint}
        done = subprocess.run(
            ["sh", "-eu", "-c", BLOCKS["sh"]], env=environment, capture_output=True, text=True, check=False
        )
    assert done.returncode == 60  # curl's own code for it
