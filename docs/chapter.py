"""Runs the code of the chapter, which draws its pictures and holds its figures to what they are."""

import contextlib
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from gatework import look
from gatework.look.canvas.picture import NARROW, WIDE

CHAPTER = "learn.md"
SIZES = {"desk": WIDE, "phone": NARROW}
"""Widths of its pictures, in folders of these names."""


def code_of(docs: Path) -> str:
    """Return the code of all blocks of the chapter, in order."""
    text = (docs / CHAPTER).read_text(encoding="utf-8")
    return "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))


def pictures_of(docs: Path) -> set[str]:
    """Return the names of the pictures that the chapter shows."""
    text = (docs / CHAPTER).read_text(encoding="utf-8")
    return set(re.findall(r"!\[[^\]]*\]\(pictures/([\w-]+\.svg)\)", text))


def draw_pictures(docs: Path) -> None:
    """Run the chapter where its pictures shall lie, for desks and for phones.

    Those that are newer than it are kept.
    """
    written = (docs / CHAPTER).stat().st_mtime
    for size, width in SIZES.items():
        folder = docs / "pictures" / size
        made = [folder / name for name in pictures_of(docs)]
        if all(path.exists() and path.stat().st_mtime > written for path in made):
            continue
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.chdir(folder), as_wide_as(width):
            exec(compile(code_of(docs), CHAPTER, "exec"), {"__name__": CHAPTER})


@contextlib.contextmanager
def as_wide_as(width: float) -> Iterator[None]:
    """Let what draws draw so wide where nothing else is said."""
    drawing = [name for name in look.__all__ if name.endswith(("_chart", "_diagram"))]
    before = {name: getattr(look, name) for name in drawing}
    for name, draw in before.items():
        setattr(look, name, partial(draw, width=width))
    try:
        yield
    finally:
        for name, draw in before.items():
            setattr(look, name, draw)
