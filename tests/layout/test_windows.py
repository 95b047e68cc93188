"""Nothing that only POSIX systems have is used without a guard, and the packages work without it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

import pytest

from maas_client.cli.output.shell_lines import command_line, set_variable, usual_shell
from maas_client.core.secret_text import is_url
from maas_client.jobs.data_reference import asset_in
from maas_client.transfers.uploads.journal import state_folder

ROOT = Path(__file__).parents[2]
FILES = sorted(file for package in ("maas_client", "mock_server") for file in (ROOT / package).rglob("*.py"))

POSIX_ONLY = """
modules: crypt curses fcntl grp nis ossaudiodev posix pty pwd readline resource spwd syslog termios tty uvloop
os: chown chroot fchdir fchmod fchown fork forkpty getegid geteuid getgid getgroups getpgid getpgrp getpriority getsid
    getuid initgroups killpg lchmod lchown lockf mkfifo mknod nice openpty pathconf posix_fadvise posix_fallocate
    posix_spawn pread preadv pwrite pwritev register_at_fork sched_getaffinity sched_setaffinity sched_yield sendfile
    setegid seteuid setgid setgroups setpgid setpriority setregid setsid setuid statvfs sync sysconf ttyname uname wait
    wait3 wait4 waitid O_ASYNC O_CLOEXEC O_DIRECT O_DIRECTORY O_DSYNC O_EXLOCK O_NOATIME O_NOCTTY O_NOFOLLOW O_NONBLOCK
    O_PATH O_SHLOCK O_SYNC
signal: SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGUSR1 SIGUSR2 SIGWINCH alarm getitimer
    pause pthread_kill pthread_sigmask setitimer siginterrupt sigpending sigwait
socket: AF_UNIX SO_REUSEPORT SO_REUSEADDR send_fds recv_fds
"""
"""Names that a module lacks on Windows, and SO_REUSEADDR, which means something else there."""

POSIX_NAMES = {
    module: frozenset(names.split()) for module, names in re.findall(r"^(\w+): ((?:.|\n )*)", POSIX_ONLY, re.MULTILINE)
}
POSIX_MODULES = POSIX_NAMES["modules"]
POSIX_METHODS = frozenset(["add_signal_handler", "lchmod"])
GUARDS = ("sys.platform", "os.name", "hasattr(")


def is_guarded(parents: list[ast.AST]) -> bool:
    """Return whether code runs only where a condition on the system holds, or its absence is handled."""
    for parent in parents:
        if isinstance(parent, ast.If | ast.IfExp) and any(guard in ast.unparse(parent.test) for guard in GUARDS):
            return True
        if isinstance(parent, ast.Try) and any(
            handler.type is not None and "ImportError" in ast.unparse(handler.type) for handler in parent.handlers
        ):
            return True
    return False


def posix_uses(tree: ast.AST) -> Iterator[str]:
    """Yield each use of what only POSIX systems have that has no guard, with its line."""
    waiting: list[tuple[ast.AST, list[ast.AST]]] = [(tree, [])]
    while waiting:
        node, parents = waiting.pop()
        waiting += [(child, [*parents, node]) for child in ast.iter_child_nodes(node)]
        found: list[str] = []
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names if alias.name.partition(".")[0] in POSIX_MODULES]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            module = node.module or ""
            names = POSIX_NAMES.get(module, frozenset[str]())
            found = [module] if module.partition(".")[0] in POSIX_MODULES else []
            found += [alias.name for alias in node.names if alias.name in names]
        elif isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if node.attr in POSIX_NAMES.get(owner, frozenset[str]()) or node.attr in POSIX_METHODS:
                found = [f"{owner}.{node.attr}"]
        if found and not is_guarded(parents):
            yield from (f"line {node.lineno}: {name}" for name in found if isinstance(node, ast.stmt | ast.expr))


@pytest.mark.parametrize("package", ["maas_client", "mock_server"])
def test_every_posix_only_name_is_guarded(package: str) -> None:
    files = [file for file in FILES if file.relative_to(ROOT).parts[0] == package]
    assert files
    uses = {
        file.relative_to(ROOT): found
        for file in files
        if (found := list(posix_uses(ast.parse(file.read_text("utf-8")))))
    }
    assert uses == {}


@pytest.mark.parametrize(
    "code",
    [
        "import fcntl",
        "from termios import tcgetattr",
        "from os import fork",
        "import os\nos.fchmod(1, 2)",
        "import os\ndef f():\n    return os.O_RDWR | os.O_NOFOLLOW",
        "import signal\nsignal.signal(signal.SIGHUP, None)",
        "import sys\nif sys.argv:\n    import pwd",
        "loop.add_signal_handler(2, stop)",
    ],
)
def test_the_search_finds_what_has_no_guard(code: str) -> None:
    assert len(list(posix_uses(ast.parse(code)))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "import sys\nif sys.platform == 'win32':\n    pass\nelse:\n    import fcntl\n    def f(): fcntl.flock(1, 2)",
        "try:\n    import uvloop\nexcept ImportError:\n    uvloop = None",
        "import os\nflags = getattr(os, 'O_NOFOLLOW', 0)",
        "import os\nif hasattr(os, 'fork'):\n    os.fork()",
    ],
)
def test_the_search_accepts_what_has_a_guard(code: str) -> None:
    assert list(posix_uses(ast.parse(code))) == []


ON_WINDOWS = """
import sys, types

# What the standard library and the dependencies decide when they are imported stays as it is here.
import asyncio, concurrent.futures, multiprocessing, selectors, socket, sqlite3, ssl, subprocess, tempfile, uuid
import click, httpx, pydantic, rich.console, rich.live, rich.progress, starlette.applications, uvicorn
import anyio, azure.identity
import uvicorn.server, uvicorn.config, uvicorn.loops.auto, uvicorn.protocols.http.auto
import importlib, pkgutil, webbrowser, zoneinfo, ctypes.util, pdb

HIDDEN = set(sys.argv[1:])

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hidden())
for name in [name for name in sys.modules if name.partition(".")[0] in HIDDEN]:
    del sys.modules[name]
msvcrt = types.ModuleType("msvcrt")
locked = set()
def locking(file, mode, count):
    import os
    key = (os.fstat(file).st_ino, os.lseek(file, 0, os.SEEK_CUR))
    assert count == 1
    if mode == msvcrt.LK_NBLCK and key in locked:
        raise PermissionError(13, "Permission denied")
    (locked.add if mode == msvcrt.LK_NBLCK else locked.discard)(key)
msvcrt.LK_NBLCK, msvcrt.LK_UNLCK, msvcrt.locking = 2, 0, locking
sys.modules["msvcrt"] = msvcrt
sys.platform = "win32"
"""


def on_windows(code: str) -> str:
    """Run code in a process without POSIX's modules that takes itself for one on Windows; return its output."""
    done = subprocess.run(
        [sys.executable, "-c", ON_WINDOWS + code, *POSIX_MODULES],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_module_imports_without_posix() -> None:
    shown = on_windows(
        "import maas_client, mock_server\n"
        "skipped = {'maas_client.testing', 'mock_server.plugin'}\n"  # need pytest, which has its own
        "packages = (maas_client, mock_server)\n"
        "found = [each for p in packages for each in pkgutil.walk_packages(p.__path__, p.__name__ + '.')]\n"
        "names = [each.name for each in found]\n"
        "for name in names:\n"
        "    if name not in skipped and not name.endswith('__main__'):\n"
        "        importlib.import_module(name)\n"
        "print(len(names))"
    )
    assert int(shown) > 300


def test_every_command_has_its_help_without_posix() -> None:
    shown = on_windows(
        "from maas_client.cli import maas\n"
        "from maas_client.cli.app.lazy_group import LazyGroup\n"
        "def show(group, *path):\n"
        "    for name in group.table:\n"
        "        command = group.get_command(click.Context(group), name)\n"
        "        maas.main([*path, name, '--help'], prog_name='maas', standalone_mode=False)\n"
        "        if isinstance(command, LazyGroup): show(command, *path, name)\n"
        "show(maas)"
    )
    assert shown.count("Usage: maas ") > 25


def test_one_server_per_state_folder_also_on_windows(tmp_path: Path) -> None:
    shown = on_windows(
        "from pathlib import Path\n"
        "from mock_server.state.lock import StateLock\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "held = StateLock(folder)\n"
        "try: StateLock(folder)\n"
        "except ValueError as error: print(error)\n"
        "held.release()\n"
        "StateLock(folder).release()\n"
        "print('released')"
    )
    assert "is in use by another mock server (process " in shown
    assert shown.endswith("released\n")


@pytest.mark.parametrize("path", [r"C:\data\train.jsonl", "C:/data/train.jsonl", "d://data/train.jsonl", r"\\srv\x\a"])
def test_a_path_with_a_drive_is_no_url_and_no_asset(path: str) -> None:
    assert not is_url(path)
    assert asset_in(path) is None
    assert PureWindowsPath(path).is_absolute()


def test_a_url_and_an_asset_stay_what_they_are() -> None:
    assert is_url("https://host/x?sig=1")
    assert asset_in("c:1") == ("c", "1")


def test_state_is_in_local_app_data_on_windows(tmp_path: Path) -> None:
    local = {"LOCALAPPDATA": str(tmp_path / "local")}
    assert state_folder(local, tmp_path, "win32") == tmp_path / "local" / "maas_client" / "uploads"
    assert state_folder(local, tmp_path, "linux") == tmp_path / ".local" / "state" / "maas_client" / "uploads"
    assert state_folder({}, tmp_path, "win32") == tmp_path / "AppData" / "Local" / "maas_client" / "uploads"
    chosen = {**local, "XDG_STATE_HOME": str(tmp_path / "chosen")}
    assert state_folder(chosen, tmp_path, "win32") == tmp_path / "chosen" / "maas_client" / "uploads"


def test_variables_are_quoted_for_each_shell() -> None:
    assert set_variable("A", "it's", "sh") == """export A='it'"'"'s'"""
    assert set_variable("A", r"C:\it's", "powershell") == r"$env:A = 'C:\it''s'"
    assert set_variable("A", r"C:\x y", "cmd") == r'set "A=C:\x y"'


def test_powershell_is_the_usual_shell_of_windows() -> None:
    assert usual_shell({}, "win32") == "powershell"
    assert usual_shell({"SHELL": "/usr/bin/bash"}, "win32") == "sh"
    assert usual_shell({}, "darwin") == "sh"


def test_a_command_to_paste_has_double_quotes_on_windows() -> None:
    words = ["maas", "check", r"C:\my data\train.jsonl"]
    assert command_line(words, "win32") == r'maas check "C:\my data\train.jsonl"'
    assert command_line(words, "linux") == r"maas check 'C:\my data\train.jsonl'"
