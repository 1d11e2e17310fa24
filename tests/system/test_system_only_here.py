"""What only some systems have is named in gatework.system, and nowhere else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import gatework

ROOT = Path(gatework.__file__).parent
MODULES = {
    *("fcntl", "grp", "mmap", "msvcrt", "posix", "pty", "pwd", "resource", "select", "selectors"),
    *("syslog", "termios", "tty", "winreg", "_winapi"),
}
CALLS = re.compile(
    r"os\.(O_\w+|open|fork\w*|exec\w+|kill\w*|getppid|fchmod|fchown|chown|link|mkfifo|nice|uname"
    r"|get[eu]*[ug]id|set\w+id|umask|p?read[v]|posix_\w+|sched_\w+|register_at_fork|wait\w*"
    r"|startfile|name)"
    r"|signal\.(pthread_\w+|alarm|setitimer|sig(wait|pending|interrupt)\w*|SIG(?!INT\b|TERM\b|_DFL\b|_IGN\b)\w+)"
    r"|sys\.(platform|getwindowsversion)|ctypes\.(windll|WinDLL|WinError)"
)
KNOWN = {
    ("allocation.py", "sys.platform"),  # tunes the GNU C library, which is of Linux alone
}


def names(tree: ast.AST) -> Iterator[str]:
    """Yield all modules that are imported, and all attributes as they are written."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


@pytest.fixture(scope="module")
def sources() -> dict[str, ast.Module]:
    """Return all sources but those of gatework.system, by their path."""
    places = {path.relative_to(ROOT).as_posix(): path for path in ROOT.rglob("*.py")}
    return {
        place: ast.parse(path.read_text("utf-8"))
        for place, path in places.items()
        if not place.startswith("system/")
    }


def test_no_other_file_names_what_some_systems_lack(sources) -> None:
    found = {
        (place, name)
        for place, tree in sources.items()
        for name in names(tree)
        if name in MODULES or CALLS.fullmatch(name)
    }
    assert found == KNOWN


def test_texts_are_opened_with_their_encoding(sources) -> None:
    """What the system takes where nothing is said is no UTF-8 on Windows, and ends lines twice."""
    unsaid = {
        f"{place}: {ast.unparse(node)}"
        for place, tree in sources.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if not _says_all(node, node.func.attr)
    }
    assert not unsaid


def _says_all(call: ast.Call, name: str) -> bool:
    """Return whether a call that opens a text says its encoding, and how lines end if it writes."""
    told = {word.arg for word in call.keywords}
    if name in ("read_text", "write_text"):
        return ("encoding" in told or bool(call.args)) and (name[0] == "r" or "newline" in told)
    mode = _mode(call) if name == "open" else None
    if mode is None or "b" in mode:
        return True
    return "encoding" in told and ("newline" in told or not set(mode) & set("wax+"))


def _mode(call: ast.Call) -> str | None:
    """Return how a path is opened; None for what is no call of a path's open."""
    given = [*call.args[:1], *(word.value for word in call.keywords if word.arg == "mode")]
    if not given:
        return "r" if any(word.arg in ("encoding", "newline") for word in call.keywords) else None
    mode = given[0].value if isinstance(given[0], ast.Constant) else None
    return mode if isinstance(mode, str) and set(mode) <= set("rwaxbt+") else None
