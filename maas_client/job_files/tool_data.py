"""The data of a tool's configuration: the one file of rows that a job takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..core.secret_text import is_url
from .located import Located
from .tool_config import Taken

_ROWS = frozenset({".jsonl", ".json"})
_LOADER = "json"
"""The name by which `datasets` reads files of rows (datasets 5.2.0, `packaged_modules`)."""


_SPLITS: Mapping[str, frozenset[str]] = {
    "train": frozenset({"train", "training"}),
    "validation": frozenset({"validation", "valid", "dev", "val"}),
    "test": frozenset({"test", "testing", "eval", "evaluation"}),
}
"""The words in a file's name that say which split it is (datasets 5.2.0, `data_files.py`)."""

_BETWEEN_WORDS = re.compile("[^a-z0-9]+")


def take_file(taken: Taken, ours: str, key: str, item: Located, name: str) -> None:
    """Take a file of rows, which must be a path or an http address; a data set of Hugging Face is left."""
    is_address = is_url(name)
    if name.startswith(("http://", "https://")) or (not is_address and Path(name).suffix.lower() in _ROWS):
        taken.keys[ours] = Located(name, item.where, name)
        return
    what = "such an address is not read" if is_address else f"{name!r} is no file of rows"
    taken.leave(key, item, f"{what}; name one: --set {ours}=FILE")


def take_split(taken: Taken, ours: str, key: str, item: Located, *, split: str, split_key: str = "") -> None:
    """Take the file of one split in a folder, which is named as Hugging Face's `datasets` finds it."""
    folder = taken.folder / item.written
    found = sorted(_files_of(folder, split)) if folder.is_dir() else []
    if len(found) == 1:
        take_file(taken, ours, key, item, str(Path(item.written) / found[0]))
    elif not folder.is_dir():
        take_file(taken, ours, key, item, item.written)
    else:
        count = f"{len(found)} files" if found else "no file"
        why = f"{item.written!r} has {count} of the split {split!r}; name one: --set {ours}=FILE"
        taken.leave(split_key or key, item, why)


def take_entry(taken: Taken, ours: str, key: str, item: Located) -> dict[str, Located]:
    """Take the file of the only entry of a list of data sets, and return the entry; with several, none is taken."""
    entries = item.value if isinstance(item.value, list) else [item]
    if len(entries) != 1:
        why = f"a job takes one file: join them and name it, --set {ours}=FILE"
        for name, entry in [(f"{key}.{position}", entry) for position, entry in enumerate(entries)] or [(key, item)]:
            taken.leave(name, entry, why)
        return {}
    table = entries[0].table(f"{key}.0")
    path, files = table.get("path"), table.get("data_files")
    split = table["split"].written if "split" in table else "train"
    if "[" in split:
        taken.leave(f"{key}.0.split", table["split"], f"a job takes a whole file; name it: --set {ours}=FILE")
    elif files is not None and files.value is not None:
        names = files.value if isinstance(files.value, list) else [files]
        if len(names) != 1 or not isinstance(names[0].value, str):
            taken.leave(f"{key}.0.data_files", files, f"a job takes one file; name it: --set {ours}=FILE")
        else:
            base = "" if path is None or path.written == _LOADER else path.written
            take_file(taken, ours, f"{key}.0.data_files", files, str(Path(base) / names[0].value))
    elif path is None or not isinstance(path.value, str):
        taken.leave(f"{key}.0", entries[0], f"it has no path; name a file: --set {ours}=FILE")
    else:
        take_split(taken, ours, f"{key}.0.path", path, split=split)
    return table


def _files_of(folder: Path, split: str) -> Iterable[str]:
    """Return the names of a folder's files of rows that are of a split; a lone file without a split is for training."""
    rows = [each.name for each in folder.iterdir() if each.suffix.lower() in _ROWS and each.is_file()]
    words = _SPLITS.get(split, frozenset({split.lower()}))
    found = [name for name in rows if words & set(_BETWEEN_WORDS.split(Path(name).stem.lower()))]
    return found or (rows if split == "train" and len(rows) == 1 else [])
