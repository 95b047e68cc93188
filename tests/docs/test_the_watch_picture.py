"""The README's picture shows `maas jobs watch` as the code draws it today, and loads nothing from other sites."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "watch.svg"


def words(picture: Path) -> set[str]:
    """Return the words on the screen, without the numbers and the curve."""
    texts = [" ".join(text.itertext()) for text in ElementTree.parse(picture).iter("{http://www.w3.org/2000/svg}text")]
    return {word for word in re.findall(r"[A-Za-z_]{2,}", " ".join(texts)) if set(word) != {"o"}}


def test_the_picture_is_what_the_code_draws(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "docs" / "generated" / "watch_svg.py"), str(tmp_path / "watch.svg")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    drawn = words(tmp_path / "watch.svg")
    assert {"jobs", "watch", "ft", "support", "status", "Running", "loss", "eval", "epoch", "step"} <= drawn
    assert words(PICTURE) == drawn, "run `python docs/generated/watch_svg.py` and commit docs/watch.svg"


def test_the_picture_loads_nothing() -> None:
    text = PICTURE.read_text("utf-8")
    assert set(re.findall(r"https?://[^\"')\s]+", text)) <= {"http://www.w3.org/2000/svg", "https://www.textualize.io"}
    assert "url(http" not in text
    assert "@import" not in text
