"""Promise 27: what the service sends neither drives a terminal nor turns its writing round, however it is shown."""

from __future__ import annotations

import json

import pytest

from maas_client.cli.app.exit_codes import Failed
from maas_client.cli.app.root import _print_error  # pyright: ignore[reportPrivateUsage] -- where every command's error is written
from maas_client.cli.output.printer import Output, Printer, format_cell

HOSTILE = "a\x1b[2J\x1b]0;title\x07\x9b31m\u202e\u2066\x7f\ud800b"
DRIVING = set("\x1b\x07\x9b\u202e\u2066\x7f\ud800")


@pytest.mark.parametrize("output", ["auto", "table", "json", "jsonl"])
def test_no_form_of_output_lets_it_through(capsys: pytest.CaptureFixture[str], output: Output) -> None:
    printer = Printer(output)
    printer.rows([HOSTILE], {"name": lambda text: text}, document=lambda text: {text: [text]})
    printer.record({"name": HOSTILE}, {"name": HOSTILE, "tags": {HOSTILE: HOSTILE}, "all": [HOSTILE]})
    printer.note(HOSTILE)
    printer.line(HOSTILE)
    printer.document(HOSTILE)
    with printer.progress(HOSTILE) as advance:
        advance(1, 2, "sending")
    _print_error(Failed(HOSTILE, hint=HOSTILE), traceback=False)
    shown = capsys.readouterr()
    assert not DRIVING & set(shown.out + shown.err)
    assert "a" in shown.out
    assert "b" in shown.err


def test_json_says_exactly_what_was_sent(capsys: pytest.CaptureFixture[str]) -> None:
    Printer("jsonl").document({"name": HOSTILE})
    assert json.loads(capsys.readouterr().out) == {"name": HOSTILE}


def test_a_cell_is_one_line() -> None:
    assert format_cell(f"{HOSTILE}\n\tc") == "a\ufffdb c"
