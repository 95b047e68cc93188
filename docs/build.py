"""Build the documentation: `python docs/build.py FOLDER`. Reference, commands, llms.txt come from the code."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from generated import (
    commands,
    errors,
    export_tables,
    hyperparameters,
    llms,
    measured,
    mock_tables,
    model_shapes,
    reference,
    scenario_table,
    verification_steps,
)
from sphinx.cmd.build import build_main

HERE = Path(__file__).parent
OTHERS = ("assumptions", "dataset-rules", "licences", "promises")
PAGES = [*sorted((HERE / "site").glob("*.md")), *(HERE / f"{name}.md" for name in OTHERS)]
NAMES = ("check-report", "contract", "job", "plan")
FILES = [HERE / f"{name}.schema.json" for name in NAMES]


def build(out: Path) -> int:
    """Write the site to a folder and return Sphinx's exit code; every warning is an error."""
    with TemporaryDirectory(prefix="maas-docs-") as name:
        source = Path(name)
        for file in [*PAGES, HERE / "conf.py", HERE / "watch.svg"]:
            shutil.copy(file, source)
        for path, text in {
            **commands.pages(),
            **reference.pages(),
            "hyperparameter-tables.md": hyperparameters.page(),
            "errors.md": errors.page(),
            "measured.md": measured.page(),
            "export-tables.md": export_tables.page(),
            "mock-tables.md": mock_tables.page(),
            "model-shapes.md": model_shapes.page(),
            "scenario-table.md": scenario_table.page(),
            "verification-steps.md": verification_steps.page(),
        }.items():
            (source / path).parent.mkdir(exist_ok=True)
            (source / path).write_text(text, "utf-8")
        code = build_main(["-q", "-W", "--keep-going", "-b", "html", "-d", str(source / ".doctrees"), name, str(out)])
        if code == 0:
            for file in FILES:
                shutil.copy(file, out)
            (out / "llms.txt").write_text(llms.text(source), "utf-8")
            (out / "llms-full.txt").write_text(llms.full(source), "utf-8")
        return code


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1])))
