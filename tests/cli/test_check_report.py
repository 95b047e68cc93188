"""What `maas check` shows of one file or several: findings by rule, annotations, a line per finding."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import pytest

from maas_client.cli.commands import check
from maas_client.datasets.check.line_ranges import GrowingRanges, LineRanges, ranges_of
from tests.cli.shell import Shell
from tests.cli.terminal import on_a_terminal, plain

Write = Callable[[str, Sequence[str]], str]

EMPTY = json.dumps({"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": ""}]})


@pytest.fixture
def broken(write: Write, rows: list[str]) -> str:
    """A file with sixteen empty answers in two ranges, and a line that is no JSON."""
    return write("broken.jsonl", [*rows, *[EMPTY] * 15, "nonsense", *rows[:1], EMPTY])


def test_a_rule_is_shown_once_with_its_lines_as_ranges(maas: Shell, broken: str) -> None:
    lines = maas("check", broken).stdout.splitlines()

    assert lines.count("dropped  chat-answer-empty  16 rows: lines 13-27, 30") == 1
    assert "dropped  json-invalid  1 row: line 28" in lines
    assert lines.index("dropped  json-invalid  1 row: line 28") > lines.index(
        "dropped  chat-answer-empty  16 rows: lines 13-27, 30"
    )
    assert sum("no assistant turn has any text" in line for line in lines) == 1


def test_what_a_file_is_comes_before_what_follows_from_it(maas: Shell, write: Write) -> None:
    page = write("page.jsonl", ["<!DOCTYPE html>", "<html><body>Sign in</body></html>"])

    report = json.loads(maas("check", page, "--output", "json").stdout)

    assert [each["rule"] for each in report["groups"]] == ["file-is-web-page", "rows-too-few", "json-invalid"]


def test_verbose_shows_every_finding_with_its_line(maas: Shell, broken: str) -> None:
    lines = maas("check", broken, "-v").stdout.splitlines()

    found = [line for line in lines if line.startswith("broken.jsonl:") and ": chat-answer-empty at " in line]
    assert [int(line.split(":")[1]) for line in found] == [*range(13, 28), 30]


def test_jsonl_has_a_line_for_every_finding(maas: Shell, broken: str) -> None:
    found = [json.loads(line) for line in maas("check", broken, "--output", "jsonl").stdout.splitlines()]

    assert [each["line"] for each in found if each["rule"] == "chat-answer-empty"] == [*range(13, 28), 30]
    assert {each["file"] for each in found} == {"broken.jsonl"}


def test_github_has_one_annotation_for_each_rule(maas: Shell, broken: str) -> None:
    lines = maas("check", broken, "--output", "github").stdout.splitlines()

    [found] = [line for line in lines if "title=chat-answer-empty" in line]
    assert found.startswith("::error file=broken.jsonl,line=13,title=chat-answer-empty::no assistant turn has any text")
    assert "(16 rows: lines 13-27, 30)" in found
    assert all(line.startswith("::") for line in lines)


def test_an_annotation_escapes_what_ends_it(maas: Shell, write: Write, rows: list[str]) -> None:
    write("a,b%.jsonl", [*rows, "nonsense"])

    [line] = maas("check", "a,b%.jsonl", "--output", "github").stdout.splitlines()

    assert line.startswith("::error file=a%2Cb%25.jsonl,line=13,title=json-invalid::")


def test_json_has_the_groups(maas: Shell, broken: str) -> None:
    report = json.loads(maas("check", broken, "--output", "json").stdout)

    group = next(each for each in report["groups"] if each["rule"] == "chat-answer-empty")
    assert (group["count"], group["lines"], group["ranges"]) == (16, 16, [[13, 27], [30, 30]])


def test_several_files_and_patterns_are_checked_at_once(maas: Shell, write: Write, rows: list[str]) -> None:
    write("a.jsonl", rows)
    write("b.jsonl", rows)
    short = write("short.jsonl", rows[:3])

    result = maas("check", "[ab].jsonl", "a.jsonl", short)
    plain = json.loads(maas("check", "[ab].jsonl", short, "--output", "json").stdout)

    assert result.exit_code == 6
    assert result.stdout.splitlines()[-1] == "2 of 3 files would be accepted"
    assert ([each["file"] for each in plain["files"]], plain["ok"]) == (["a.jsonl", "b.jsonl", short], False)


def test_standard_input_is_checked(maas: Shell, rows: list[str]) -> None:
    result = maas("check", "-", stdin="\n".join([*rows, "nonsense"]))

    assert result.stdout.splitlines()[-1].startswith("-: 12 of 13 rows kept")
    assert maas("check", "-", "--fix", "out.jsonl", stdin="").exit_code == 2


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["none.jsonl"], "there is no file"),
        (["none-*.jsonl"], "no file matches"),
        (["."], "is a folder"),
        (["a.jsonl", "b.jsonl", "--fix", "c.jsonl"], "require a single FILE"),
    ],
)
def test_a_file_that_is_not_there_is_named(
    maas: Shell, write: Write, rows: list[str], words: list[str], why: str
) -> None:
    write("a.jsonl", rows)
    write("b.jsonl", rows)

    result = maas("check", *words)

    assert result.exit_code == 2
    assert why in result.stderr


def test_a_retired_model_is_reported_as_by_jobs_create(maas: Shell, train: str) -> None:
    said = maas("check", train, "--model", "Phi-3-mini-4k-instruct").stderr

    assert "Phi-3-mini-4k-instruct" in said
    assert "The registry decides whether it is accepted anyway." in said
    assert "registry" not in maas("check", train, "--model", "Phi-4-mini-instruct").stderr


@pytest.mark.parametrize("name", ["train.jsonl", "./train.jsonl", "copy.jsonl"])
@pytest.mark.parametrize(
    "command",
    [
        ("check", "train.jsonl"),
        ("jobs", "create", "--model", "Phi-4-mini-instruct", "--training-data", "train.jsonl"),
        ("jobs", "create", "--dry-run", "--model", "Phi-4-mini-instruct", "--training-data", "train.jsonl"),
        ("run", "-f", "job.yaml"),
    ],
    ids=["check", "create", "dry run", "run"],
)
def test_training_data_is_no_validation_data(
    maas: Shell, train: str, tmp_path: Path, name: str, command: tuple[str, ...]
) -> None:
    (tmp_path / "copy.jsonl").write_bytes((tmp_path / train).read_bytes())
    lines = ["model: Phi-4-mini-instruct", "training_data: train.jsonl", f"validation_data: {name}", "name: ft"]
    (tmp_path / "job.yaml").write_text("\n".join(lines), "utf-8")

    result = maas(*command, *([] if "-f" in command else ["--validation-data", name]))

    assert result.exit_code == 2
    assert "its loss would say nothing about new rows" in result.stderr
    journal = httpx.get(f"{maas.server.endpoint}/_mock/requests").json()["requests"]
    assert not [each for each in journal if each["method"] == "PUT"]


def test_colours_are_for_terminals_only(maas: Shell, broken: str, tmp_path: Path) -> None:
    _, shown = on_a_terminal("check", str(tmp_path / broken))

    assert "\x1b[33mdropped" in shown
    assert "\x1b" not in maas("check", broken).stdout


def test_large_files_are_checked_by_several_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_processors", lambda: 4)
    small, large = tmp_path / "small.jsonl", tmp_path / "large.jsonl"
    small.write_bytes(b"")
    with large.open("wb") as file:
        file.truncate(32 << 20)

    assert check.processes_for(small) == 1
    assert check.processes_for(large) == 2
    with large.open("wb") as file:
        file.truncate(1 << 30)
    assert check.processes_for(large) == 4


def test_findings_beyond_the_limit_of_a_list_are_counted(
    maas: Shell, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "_EVERY", 3)

    result = maas("check", broken, "--output", "jsonl")

    assert sum('"chat-answer-empty"' in line for line in result.stdout.splitlines()) == 3
    assert "broken.jsonl: 13 more findings of chat-answer-empty are not listed" in result.stderr


def test_ranges_name_the_first_lines_and_count_the_rest() -> None:
    ranges = ranges_of([1, 2, 3, *range(10, 100, 2)])

    assert ranges.shown(3) == "1-3, 10, 12"
    assert (ranges.lines, len(ranges.ranges), ranges.beyond(3)) == (48, 20, 43)


@pytest.mark.parametrize("cut", [0, 3, 4, 30, 48])
def test_ranges_of_parts_add_up_to_those_of_the_whole(cut: int) -> None:
    lines = [1, 2, 3, 4, 5, *range(10, 90, 2), 90, 91, 92]

    assert ranges_of(lines[:cut]).then(ranges_of(lines[cut:])) == ranges_of(lines)
    assert ranges_of([1, 4]).after(3) == LineRanges(((4, 4), (7, 7)), 2)


def test_a_line_counts_once_however_many_findings_it_has() -> None:
    growing = GrowingRanges()
    for line in (3, 3, 4, 4, 4):
        growing.add(line)

    assert growing.result() == LineRanges(((3, 4),), 2)


def test_the_pre_commit_hook_checks_the_files_it_is_given(maas: Shell, write: Write, rows: list[str]) -> None:
    yaml = pytest.importorskip("yaml")
    [hook] = yaml.safe_load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text("utf-8"))
    write("good.jsonl", rows)
    program, *words = hook["entry"].split()

    assert (program, hook["language"], hook["files"]) == ("maas", "python", r"\.jsonl$")
    assert maas(*words, "good.jsonl").exit_code == 0
    assert maas(*words, "good.jsonl", write("short.jsonl", rows[:3])).exit_code == 6


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_report_fits_the_terminal_and_breaks_no_word(maas: Shell, broken: str, width: int) -> None:
    words = maas("check", broken).output.split()

    code, drawn = on_a_terminal("check", broken, COLUMNS=str(width))

    lines = plain(drawn).replace("\r", "").splitlines()
    assert code == 0
    wrapped = [line for line in lines if not line.startswith(("dropped ", "warning ", "error: "))]
    assert max(map(len, wrapped)) <= width
    assert any("█" in line for line in wrapped)
    assert {word for line in lines for word in line.split() if word.isascii()} <= set(words)
