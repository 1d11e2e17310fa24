"""Runs the code of the chapter, which draws its pictures and holds its figures to what they are."""

import contextlib
import re
from pathlib import Path

CHAPTER = "learn.md"


def code_of(docs: Path) -> str:
    """Return the code of all blocks of the chapter, in order."""
    text = (docs / CHAPTER).read_text(encoding="utf-8")
    return "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))


def pictures_of(docs: Path) -> set[str]:
    """Return the names of the pictures that the chapter shows."""
    text = (docs / CHAPTER).read_text(encoding="utf-8")
    return set(re.findall(r"!\[[^\]]*\]\(pictures/([\w-]+\.svg)\)", text))


def draw_pictures(docs: Path, into: Path | None = None) -> None:
    """Run the chapter where its pictures shall lie; those that are newer than it are kept."""
    folder = docs / "pictures" if into is None else into
    made = [folder / name for name in pictures_of(docs)]
    written = (docs / CHAPTER).stat().st_mtime
    if all(path.exists() and path.stat().st_mtime > written for path in made):
        return
    folder.mkdir(exist_ok=True)
    with contextlib.chdir(folder):
        exec(compile(code_of(docs), CHAPTER, "exec"), {"__name__": CHAPTER})
