"""The tokens of a data set: the rows that are kept, what truncation takes, and whether it is exact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from small_tokenizers import write_tokenizer

from maas_client.catalog.lookup import find_model
from maas_client.datasets.check.checker import LONGEST_LINE, CheckOptions
from maas_client.datasets.cost.kept_rows import judged_lines
from maas_client.datasets.cost.token_report import TokenReport, count_tokens, sum_up
from maas_client.datasets.parts import check_file
from maas_client.datasets.rows.schemas import Task
from maas_client.datasets.tokens.counter_choice import counter_for
from maas_client.datasets.tokens.estimation import EstimateMeasure
from maas_client.datasets.tokens.row_tokens import RowTokens, TemplateCounter, TokenSpan
from maas_client.errors import InvalidInput

MINI = find_model("Phi-3-mini-4k-instruct")


@pytest.fixture(scope="session")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tokenizer for which every word is a token."""
    return write_tokenizer(tmp_path_factory.mktemp("tokenizer"))


def chat(asked: int, answered: int) -> str:
    """Write a row of this many words; three markers and the end of the text come on top."""
    turns = [{"role": "user", "content": "w " * asked}, {"role": "assistant", "content": "w " * answered}]
    return json.dumps({"messages": turns})


def write(folder: Path, *lines: str) -> Path:
    path = folder / "train.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_every_kept_row_is_counted(tmp_path: Path, words: Path) -> None:
    report = count_tokens(write(tmp_path, chat(3, 2), chat(10, 5), "", "{}"), model=MINI, tokenizer=words)
    assert report == TokenReport(
        model=MINI.name,
        rows=4,
        kept=2,
        total=(3 + 2 + 5) + (10 + 5 + 5),
        learnt=(2 + 1) + (5 + 1),
        max=20,
        truncated=0,
        without_answer=0,
        max_seq_length=4096,
        exact=True,
        error_bound=0.0,
        source=f"exact, by the tokenizer in {words}",
    )


def test_a_row_is_cut_at_the_maximum_sequence_length(tmp_path: Path, words: Path) -> None:
    report = count_tokens(write(tmp_path, chat(3, 9), chat(1, 1)), model=MINI, tokenizer=words, max_seq_length=12)
    assert (report.kept, report.truncated, report.without_answer) == (2, 1, 0)
    assert (report.total, report.max) == (12 + 7, 17)
    assert report.learnt == (12 - 6) + 2


def test_a_row_that_loses_every_answer_is_dropped(tmp_path: Path, words: Path) -> None:
    report = count_tokens(write(tmp_path, chat(12, 9), chat(1, 1)), model=MINI, tokenizer=words, max_seq_length=12)
    assert (report.kept, report.truncated, report.without_answer, report.total) == (1, 1, 1, 7)


@pytest.mark.parametrize(
    ("model", "asked", "expected"),
    [
        ("Phi-3-mini-4k-instruct", None, 4096),
        ("Phi-3-mini-128k-instruct", None, 8192),
        ("Phi-3-mini-4k-instruct", 8000, 4096),
        ("Phi-3-mini-128k-instruct", 100, 100),
    ],
)
def test_the_length_is_the_pipelines_and_at_most_the_context(
    tmp_path: Path, words: Path, model: str, asked: int | None, expected: int
) -> None:
    report = count_tokens(write(tmp_path, chat(1, 1)), model=find_model(model), tokenizer=words, max_seq_length=asked)
    assert report.max_seq_length == expected


def test_a_length_of_no_tokens_is_refused(tmp_path: Path, words: Path) -> None:
    with pytest.raises(InvalidInput, match="max_seq_length is 0"):
        count_tokens(write(tmp_path, chat(1, 1)), model=MINI, tokenizer=words, max_seq_length=0)


def test_text_rows_are_the_prompt_with_the_completion(tmp_path: Path, words: Path) -> None:
    line = json.dumps({"prompt": "one two ", "completion": "three four five"})
    report = count_tokens(write(tmp_path, line), model=find_model("Phi-3-mini-128k-instruct"), tokenizer=words)
    assert (report.total, report.learnt, report.max_seq_length) == (5, 3, 4096)


def test_the_task_decides_how_a_row_of_both_kinds_is_read(tmp_path: Path, words: Path) -> None:
    line = json.dumps({**json.loads(chat(1, 1)), "prompt": "one", "completion": " two"})
    tasks: list[Task | None] = [None, "chat", "text"]
    reports = [count_tokens(write(tmp_path, line), model=MINI, tokenizer=words, task=task) for task in tasks]
    assert [report.total for report in reports] == [7, 7, 2]


def test_a_file_without_a_kept_row_has_no_tokens(tmp_path: Path, words: Path) -> None:
    report = count_tokens(write(tmp_path, "{}", "[]"), model=MINI, tokenizer=words)
    assert (report.rows, report.kept, report.total, report.max) == (2, 0, 0, 0)


def test_an_estimate_is_marked_with_its_error_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    report = count_tokens(write(tmp_path, chat(30, 30)), model=MINI)
    assert not report.exact
    assert 0.1 < report.error_bound < 0.4
    assert report.source.startswith("an estimate: there is no tokenizer of Phi-3-mini-4k-instruct in MAAS_TOKENIZERS")


def test_a_report_is_plain_values_for_json(tmp_path: Path, words: Path) -> None:
    report = count_tokens(write(tmp_path, chat(3, 2)), model=MINI, tokenizer=words)
    assert json.loads(json.dumps(report.to_dict()))["total"] == 10


def test_many_rows_are_counted_in_groups_like_one_by_one(tmp_path: Path, words: Path) -> None:
    lines = [chat(asked, 2) for asked in range(700)]
    report = count_tokens(write(tmp_path, *lines), model=MINI, tokenizer=words)
    assert (report.kept, report.total) == (700, sum(range(700)) + 700 * 7)


def test_a_cut_row_keeps_the_answers_before_the_cut() -> None:
    tokens = RowTokens(100, (TokenSpan(10, 20), TokenSpan(40, 60), TokenSpan(80, 90)), error=2.0)
    assert tokens.cut(50) == RowTokens(50, (TokenSpan(10, 20), TokenSpan(40, 50)))
    assert tokens.cut(99).error == 1.0
    assert tokens.cut(100) is tokens
    assert (tokens.cut(5).learnt, tokens.cut(5).first_assistant_at) == (0, None)


def test_the_check_reports_cut_rows_with_the_same_counter(tmp_path: Path, words: Path) -> None:
    path = write(tmp_path, chat(3, 9), chat(12, 9), chat(1, 1))
    checking = CheckOptions(model=MINI, max_seq_length=12, counter=counter_for(MINI, tokenizer=words))
    counts = check_file(path, checking).counts
    report = count_tokens(path, model=MINI, tokenizer=words, max_seq_length=12)
    assert (counts["row-truncated"], counts["row-answer-cut-off"]) == (1, 1)
    assert (report.truncated, report.without_answer) == (2, 1)


SENTENCE = "The shop opens at nine. "


@given(
    limit=st.integers(10, 120),
    sizes=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=8),
)
def test_the_check_and_the_estimate_cut_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, limit: int, sizes: list[tuple[int, int]]
) -> None:
    turns = [({"role": "user", "content": SENTENCE * asked}, SENTENCE * said) for asked, said in sizes]
    rows = [{"messages": [user, {"role": "assistant", "content": f"{said}Yes."}]} for user, said in turns]
    path = write(tmp_path_factory.getbasetemp(), *map(json.dumps, rows))
    measure = EstimateMeasure(MINI, "for a test")
    counter = TemplateCounter(measure, MINI.template)
    counts = check_file(path, CheckOptions(model=MINI, max_seq_length=limit, counter=counter, survey=False)).counts
    report = sum_up(path, counter, model=MINI, max_seq_length=limit)
    assert report.without_answer == counts.get("row-answer-cut-off", 0)
    assert report.truncated == counts.get("row-truncated", 0) + report.without_answer
    assert report.kept == len(sizes) - report.without_answer


def test_a_row_that_may_be_cut_counts_as_it_may_be() -> None:
    row = RowTokens(100, (TokenSpan(60, 90),), error=20.0)
    assert (row.least, row.least_before_answers) == (80, 48)
    assert (row.cut(90).total, row.cut(90).error) == (90, 10)
    assert row.cut(70).error == 0


LINES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([chat(1, 1).encode(), b"\xef\xbb\xbf" + chat(1, 1).encode(), chat(1, 0).encode(), b"{}", b""]),
    st.sampled_from([b'{"prompt": "a", "completion": "b"}', b'{"text": "a", "ground_truth": "b"}', b'{"prompt": 1}']),
)


@given(lines=st.lists(LINES, max_size=8), end=st.sampled_from([b"\n", b"\r\n"]))
def test_the_kept_rows_are_those_that_the_check_keeps(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], end: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_bytes(end.join(lines))
    judged = list(judged_lines(path, model=MINI))
    report = check_file(path, CheckOptions(model=MINI))
    assert (len(judged), sum(line.row is not None for line in judged)) == (report.rows, report.kept)


@pytest.mark.parametrize("size", [LONGEST_LINE, LONGEST_LINE + 1])
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_is_too_long_as_in_the_check(tmp_path: Path, size: int, end: bytes) -> None:
    path = tmp_path / "long.jsonl"
    row = chat(1, 1).encode()
    path.write_bytes(row + b" " * (size - len(row)) + end)
    assert [line.row is not None for line in judged_lines(path)] == [check_file(path).kept == 1]


def test_every_real_file_keeps_the_rows_that_the_check_keeps(shared: Path) -> None:
    files = sorted((shared / "data").glob("*.jsonl"))
    kept: dict[str, Any] = {path.name: sum(line.row is not None for line in judged_lines(path)) for path in files}
    assert kept == {path.name: check_file(path).kept for path in files}
    assert kept["gsm8k_chat_train.jsonl"] == 449
