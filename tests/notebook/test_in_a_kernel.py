"""Progress inside a real kernel: one output for each bar, whatever thread draws."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat.v4
import pytest

from tests.notebook.conftest import run

CELLS = (
    """
from threading import Thread
from maas_client import Job, TransferProgress
from maas_client.notebook import Live, ProgressBar
from maas_client.notebook.display import display_handle

def send(bar, sent):
    bar(TransferProgress(sent, 8, seconds=sent))

bar = ProgressBar("four at once")
threads = [Thread(target=send, args=(bar, sent)) for sent in range(9)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
""",
    """
bar = ProgressBar("later")
""",
    """
send(bar, 4)
Live()(Job(name="<script>"))
""",
    """
class Counting:
    every = display_handle("", "").every
    drawings = 0

    def show(self, html, line):
        self.drawings += 1

counting = Counting()
bar = ProgressBar("often", into=counting)
for number in range(10_001):
    bar(TransferProgress(number, 10_000, seconds=number / 1000))
counting.drawings
""",
    """
ProgressBar("nothing yet");
""",
)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[list[Any]]:
    """What each cell has shown."""
    written: Any = nbformat.v4
    notebook = written.new_notebook(cells=[written.new_code_cell(source) for source in CELLS])
    folder: Path = tmp_path_factory.mktemp("kernel")
    return [list(cell.outputs) for cell in run(notebook, folder).cells]


def test_threads_that_draw_at_once_draw_one_bar_which_ends_full(shown: list[list[Any]]) -> None:
    (bar,) = shown[0]
    assert bar.data["text/plain"] == "four at once: transferring, 8 of 8 bytes"
    assert 'aria-valuenow="100"' in bar.data["text/html"]


def test_a_bar_stays_in_the_cell_that_made_it(shown: list[list[Any]]) -> None:
    (bar,), (job,) = shown[1], shown[2]
    assert bar.data["text/plain"] == "later: transferring, 4 of 8 bytes"
    assert "job &lt;script&gt;" in job.data["text/html"]


def test_ten_seconds_of_progress_are_drawn_about_forty_times(shown: list[list[Any]]) -> None:
    (drawings,) = shown[3][1:]
    assert 38 <= int(drawings.data["text/plain"]) <= 42


def test_a_bar_is_there_before_anything_is_known(shown: list[list[Any]]) -> None:
    (bar,) = shown[4]
    assert bar.data["text/plain"] == "nothing yet: waiting"
    assert 'aria-valuenow="0"' in bar.data["text/html"]
