"""Lines to paste into a shell: variables and command lines, as POSIX shells, PowerShell and cmd.exe write them."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence

SHELLS = ("sh", "powershell", "cmd")


def usual_shell(environ: Mapping[str, str], platform: str = sys.platform) -> str:
    """Return the shell that lines are most likely pasted into: Git Bash on Windows sets SHELL, PowerShell does not."""
    return "powershell" if platform == "win32" and not environ.get("SHELL") else "sh"


def set_variable(name: str, value: str, shell: str) -> str:
    """Return the line that sets an environment variable in a shell."""
    if shell == "powershell":
        quoted = value.replace("'", "''")
        return f"$env:{name} = '{quoted}'"
    if shell == "cmd":
        return f'set "{name}={value}"'
    return f"export {name}={shlex.quote(value)}"


def command_line(words: Sequence[str], platform: str = sys.platform) -> str:
    """Return a command line to paste; on Windows with double quotes, which PowerShell and cmd.exe both understand."""
    if platform != "win32":
        return shlex.join(words)
    from subprocess import list2cmdline  # here: its import takes milliseconds

    return list2cmdline(words)
