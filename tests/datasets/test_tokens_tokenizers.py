"""Finding a model's tokenizer, loading it, and refusing one that is another model's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_tokenizers import PHI_4_MARKERS, write_tokenizer

from maas_client.catalog.lookup import find_model
from maas_client.catalog.model_facts import ModelFacts
from maas_client.datasets.rows.schemas import Row
from maas_client.datasets.tokens.counter_choice import counter_for
from maas_client.datasets.tokens.tokenizer_loading import load
from maas_client.datasets.tokens.tokenizer_lookup import SearchPath, known_tokenizer, named_tokenizer
from maas_client.errors import InvalidInput

MINI, MEDIUM, SMALL = map(find_model, ("Phi-3-mini-4k-instruct", "Phi-3-medium-4k-instruct", "Phi-3-small-8k-instruct"))
ROW: Row = {
    "messages": [{"role": "user", "content": "When do you open"}, {"role": "assistant", "content": "At nine"}],
}


def around(folder: Path, **variables: str) -> SearchPath:
    return SearchPath(variables, home=folder / "home", temporary=folder / "temporary")


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_a_tokenizer_is_found_in_the_folder_that_is_named(tmp_path: Path) -> None:
    file = touch(tmp_path / "tokenizer.json")
    assert named_tokenizer(MINI, tmp_path) == named_tokenizer(MINI, file) == file


@pytest.mark.parametrize("name", ["Phi-3-mini-4k-instruct", "phi-3", "phi-3-mini"])
def test_a_tokenizer_is_found_in_its_model_or_family_folder(tmp_path: Path, name: str) -> None:
    file = touch(tmp_path / name / "tokenizer.json")
    assert named_tokenizer(MINI, tmp_path) == file
    assert known_tokenizer(MINI, around(tmp_path, MAAS_TOKENIZERS=str(tmp_path))) == file


def test_another_familys_tokenizer_is_not_taken(tmp_path: Path) -> None:
    touch(tmp_path / "phi-3-mini" / "tokenizer.json")
    assert known_tokenizer(MEDIUM, around(tmp_path, MAAS_TOKENIZERS=str(tmp_path))) is None


def test_a_named_folder_without_a_tokenizer_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no tokenizer of Phi-3-mini-4k-instruct in .*tokenizer\.json"):
        named_tokenizer(MINI, tmp_path)


def test_a_variable_that_names_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="MAAS_TOKENIZERS is 'nowhere', which is not a folder"):
        known_tokenizer(MINI, around(tmp_path, MAAS_TOKENIZERS="nowhere"))


def hub(folder: Path, name: str, revision: str) -> Path:
    return touch(folder / f"models--microsoft--{name}" / "snapshots" / revision / "tokenizer.json")


@pytest.mark.parametrize(
    ("variable", "below"), [("HF_HUB_CACHE", ""), ("HF_HOME", "hub"), ("XDG_CACHE_HOME", "huggingface/hub")]
)
def test_the_hubs_cache_is_where_its_own_variables_point(tmp_path: Path, variable: str, below: str) -> None:
    file = hub(tmp_path / "cache" / below, "Phi-3-mini-4k-instruct", "abc")
    assert known_tokenizer(MINI, around(tmp_path, **{variable: str(tmp_path / "cache")})) == file


def test_without_a_variable_the_hubs_cache_is_in_the_home_folder(tmp_path: Path) -> None:
    file = hub(tmp_path / "home/.cache/huggingface/hub", "Phi-3-mini-4k-instruct", "abc")
    assert known_tokenizer(MINI, around(tmp_path)) == file


def test_of_several_revisions_the_current_one_counts(tmp_path: Path) -> None:
    hub(tmp_path, "Phi-3-mini-4k-instruct", "aaa")
    current = hub(tmp_path, "Phi-3-mini-4k-instruct", "bbb")
    refs = touch(tmp_path / "models--microsoft--Phi-3-mini-4k-instruct/refs/main")
    refs.write_text("bbb\n")
    assert known_tokenizer(MINI, around(tmp_path, HF_HUB_CACHE=str(tmp_path))) == current


def test_another_model_of_the_family_lends_its_tokenizer(tmp_path: Path) -> None:
    lent = hub(tmp_path, "Phi-3.5-mini-instruct", "abc")
    hub(tmp_path, "Phi-3-medium-4k-instruct", "abc")
    assert known_tokenizer(MINI, around(tmp_path, HF_HUB_CACHE=str(tmp_path))) == lent


def test_phi_4_is_found_under_the_name_that_it_has_on_the_hub(tmp_path: Path) -> None:
    file = hub(tmp_path, "phi-4", "abc")
    assert known_tokenizer(find_model("Phi-4"), around(tmp_path, HF_HUB_CACHE=str(tmp_path))) == file


def test_the_ranks_of_small_are_found_in_tiktokens_cache(tmp_path: Path) -> None:
    cached = touch(tmp_path / "temporary/data-gym-cache/9b5ad71b2ce5302211f9c61530b329a4922fc6a4")
    assert known_tokenizer(SMALL, around(tmp_path)) == cached
    assert known_tokenizer(MINI, around(tmp_path)) is None


def test_a_tokenizer_counts_the_template_and_the_text(tmp_path: Path) -> None:
    counter = counter_for(MINI, tokenizer=write_tokenizer(tmp_path))
    counted = counter.count(ROW)
    assert (counted.total, counted.learnt, counted.first_assistant_at, counted.error) == (11, 3, 7, 0.0)
    assert counter.source == f"exact, by the tokenizer in {tmp_path}"


def test_phi_4_is_counted_with_a_tokenizer_that_the_user_has(tmp_path: Path) -> None:
    folder = write_tokenizer(tmp_path, markers=PHI_4_MARKERS, tokens=100_300)
    counted = counter_for(find_model("Phi-4"), tokenizer=folder).count(ROW)
    assert (counted.total, counted.learnt, counted.first_assistant_at) == (3 + 4 + 1 + 3 + 2 + 1, 3, 11)


def test_phi_4_mini_is_counted_with_the_users_tokenizer(tmp_path: Path) -> None:
    counted = counter_for(find_model("Phi-4-mini-instruct"), tokenizer=write_tokenizer(tmp_path, tokens=200_020)).count(
        ROW
    )
    assert (counted.total, counted.learnt, counted.first_assistant_at) == (11, 3, 7)


def test_a_tokenizer_of_another_size_is_refused(tmp_path: Path) -> None:
    folder = write_tokenizer(tmp_path, tokens=100_300)
    with pytest.raises(InvalidInput, match=r"not that of Phi-3-mini-4k-instruct: it has 100,305 tokens, not 32,000 to"):
        counter_for(MINI, tokenizer=folder)


def test_a_tokenizer_without_the_templates_markers_is_refused(tmp_path: Path) -> None:
    folder = write_tokenizer(tmp_path, markers=["<|system|>", "<|user|>", "<|assistant|>"])
    with pytest.raises(InvalidInput, match=r"it has no special token <\|end\|>"):
        counter_for(MINI, tokenizer=folder)


def test_a_file_that_is_not_a_tokenizer_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text('{"version": "1.0"}')
    with pytest.raises(InvalidInput, match="is not a tokenizer"):
        counter_for(MINI, tokenizer=tmp_path)


def test_ranks_that_are_not_the_published_ones_are_refused(tmp_path: Path) -> None:
    (tmp_path / "cl100k_base.tiktoken").write_text("IQ== 0\n")
    with pytest.raises(InvalidInput, match="is not cl100k_base"):
        counter_for(SMALL, tokenizer=tmp_path)


def test_a_rank_file_is_not_a_tokenizer_of_another_family(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"is not a tokenizer\.json"):
        load(touch(tmp_path / "cl100k_base.tiktoken"), MINI)


@pytest.mark.parametrize(
    ("library", "model", "file"),
    [
        ("tokenizers", MINI, "tokenizer.json"),
        ("tiktoken", SMALL, "cl100k_base.tiktoken"),
    ],
)
def test_without_the_library_exact_counts_name_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, model: ModelFacts, file: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    touch(tmp_path / file)
    with pytest.raises(InvalidInput, match=rf'{library}: .*pip install .*"{library}>='):
        counter_for(model, tokenizer=tmp_path, exact=True)


def test_without_the_library_a_found_tokenizer_is_estimated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tokenizer that nobody asked for by name is replaced by an estimate, which gives the reason."""
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    touch(tmp_path / "phi-3" / "tokenizer.json")
    counter = counter_for(MINI, surroundings=around(tmp_path, MAAS_TOKENIZERS=str(tmp_path)))
    assert counter.source.startswith("an estimate: exact counts need the library tokenizers: ")
    assert counter.count(ROW).total in range(9, 14)


def test_exact_counts_without_a_tokenizer_fail_without_download(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no tokenizer of Phi-3-mini-4k-instruct in MAAS_TOKENIZERS and .*huggingf"):
        counter_for(MINI, exact=True, surroundings=around(tmp_path))


def test_a_download_that_fails_says_what_to_do_without_it() -> None:
    script = (
        "from maas_client.catalog.lookup import find_model\n"
        "from maas_client.datasets.tokens.tokenizer_loading import download\n"
        "from maas_client.errors import TransportError\n"
        "try:\n    download(find_model('Phi-3-mini-4k-instruct'))\n"
        "except TransportError as error:\n    print(error)\n"
    )
    offline = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": "nowhere"}
    done = subprocess.run([sys.executable, "-c", script], env=offline, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("download of the tokenizer of microsoft/Phi-3-mini-4k-instruct: ")
    assert done.stdout.endswith("Use --tokenizer to name a folder that contains it.\n")
