"""Writing a file so that it is either wholly there or not there at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path

from gatework.errors import OutputError


def atomic_write(
    path: str | os.PathLike[str], data: bytes | bytearray | memoryview, *, overwrite: bool = True
) -> None:
    """Write ``data`` to ``path`` through a temporary file beside it, then rename.

    Whatever happens, a reader sees the old content or the new one, and no temporary file is left
    behind. Content and folder are flushed to the disk before the call returns. A symbolic link is
    followed.

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
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise OutputError(f"{os.fspath(path)} is a folder, expected the name of a file")
    if not overwrite and target.exists():
        raise _exists(path)
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.part")
    try:
        _write_flushed(temporary, data)
        if overwrite:
            temporary.replace(target)
        else:
            os.link(temporary, target)  # unlike a rename, this never replaces a file
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise OutputError(
            f"{os.fspath(path)} cannot be written: {error.strerror or error}", hint=_cure(error)
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    _flush_folder(target.parent)


def _write_flushed(path: Path, data: bytes | bytearray | memoryview) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        rest = memoryview(data).cast("B")
        while len(rest):
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_folder(folder: Path) -> None:
    # The rename is durable once its folder is; some file systems cannot flush a folder.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _exists(path: str | os.PathLike[str]) -> OutputError:
    return OutputError(
        f"{os.fspath(path)} exists already and was kept",
        hint="choose another name, or pass overwrite=True (--overwrite)",
    )


def _cure(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "free some space or choose another place; what was there before is intact"
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return "create the folder first, or choose another place"
    return "choose a place that you can write to"
