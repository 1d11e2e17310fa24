"""Writing a file so that it is either wholly there or not there at all."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path

from gatework.errors import OutputError
from gatework.system import descriptors, locks, names
from gatework.system.names import AnyPath

_swept: set[Path] = set()
_NO_HARD_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


Bytes = bytes | bytearray | memoryview


def atomic_write(path: AnyPath, *data: Bytes, overwrite: bool = True) -> None:
    """Write ``data``, one part after the other, to ``path`` through a temporary file beside it.

    Whatever happens, a reader sees the old content or the new one. Content and folder are flushed
    to the disk before the call returns. An error leaves no temporary file behind; a process that
    is killed may leave one, a hidden file that ends in ``.part``, which the next process that
    writes to ``path`` removes. A symbolic link is followed, and a file that is replaced keeps its
    permissions.

    Raises:
        OutputError: when ``path`` exists and ``overwrite`` is False, or cannot be written; the
            old content is then intact.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     atomic_write(Path(folder, "a.txt"), b"one")
        ...     Path(folder, "a.txt").read_bytes()
        b'one'
    """
    name = os.fsdecode(path)
    if "\0" in name:
        raise OutputError(f"{name!r} is not the name of a file")
    try:
        _write(Path(os.path.realpath(name)), data, overwrite)
    except FileExistsError:
        raise OutputError(
            f"{name} exists already and was kept",
            hint="choose another name, or pass overwrite=True (--overwrite)",
        ) from None
    except IsADirectoryError:
        raise OutputError(f"{name} is a folder, expected the name of a file") from None
    except OSError as error:
        raise OutputError(
            f"{name} cannot be written: {error.strerror or error}", hint=_cure(error, Path(name))
        ) from error


def _write(target: Path, data: Sequence[Bytes], overwrite: bool) -> None:
    permissions = _permissions(target)
    if permissions is not None and not overwrite:
        raise FileExistsError
    _sweep(target)
    temporary, descriptor = _begin(target)
    with contextlib.ExitStack() as afterwards:
        afterwards.callback(_remove, temporary)
        closing = afterwards.enter_context(contextlib.ExitStack())
        closing.callback(os.close, descriptor)
        _write_flushed(descriptor, temporary, data, permissions)
        if not locks.OUTLAST_RENAMES:
            closing.close()
        if overwrite:
            names.replace(temporary, target)
        else:
            _place_new(temporary, target)
    names.flush_folder(target.parent)  # the rename is durable once its folder is


def _begin(target: Path) -> tuple[Path, int]:
    """Open a file beside the target, locked for as long as its writer lives."""
    while True:
        temporary = target.with_name(f"{_prefix(target)}{os.urandom(6).hex()}.part")
        descriptor = descriptors.create(temporary)
        if _lock(descriptor) is not False and temporary.exists():
            return temporary, descriptor
        os.close(descriptor)  # another process took it for one that was left, just now


def _sweep(target: Path) -> None:
    """Remove what killed writers of a name have left, once a process."""
    if target in _swept or not locks.OUTLAST_RENAMES:
        return
    _swept.add(target)
    left = re.compile(re.escape(_prefix(target)) + r"[0-9a-f]{12}\.part")
    with contextlib.suppress(OSError):
        for entry in [one for one in target.parent.iterdir() if left.fullmatch(one.name)]:
            if not stat.S_ISREG(entry.lstat().st_mode):
                continue
            descriptor = descriptors.follow(entry)
            if _lock(descriptor):
                _remove(entry)
            os.close(descriptor)


def _prefix(target: Path) -> str:
    return f".{target.name[:40]}."


def _lock(descriptor: int) -> bool | None:
    """Return whether a file could be locked, None where the file system has no locks."""
    try:
        return locks.lock(descriptor)
    except OSError:
        return None


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _permissions(target: Path) -> int | None:
    """Return the permissions of the file that is there, None when nothing is."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError
    if not stat.S_ISREG(mode):  # a rename would replace a pipe or a device by a file
        raise OSError(errno.EINVAL, "it is not an ordinary file")
    return mode & 0o777


def _write_flushed(
    descriptor: int, path: Path, data: Sequence[Bytes], permissions: int | None
) -> None:
    if permissions is not None:
        descriptors.permit(descriptor, path, permissions)
    for part in data:
        rest = memoryview(part).cast("B")
        while len(rest):
            rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)


def _place_new(temporary: Path, target: Path) -> None:
    """Give the file its name; unlike a rename, this never replaces one that has come meanwhile."""
    try:
        names.name_new(temporary, target)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        os.close(descriptors.create(target))  # takes the name
        try:
            names.replace(temporary, target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise


def _cure(error: OSError, path: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "free some space or choose another place; what was there before is intact"
    if (found := names.beyond_home(path)) is not None:
        return f"did you mean {found}?"
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return "create the folder first, or choose another place"
    return "choose a place that you can write to"
