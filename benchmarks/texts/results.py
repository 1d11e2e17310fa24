"""The file of results: a section a task, replaced when the task is run again."""

from __future__ import annotations

from pathlib import Path

PATH = Path(__file__).parents[1] / "results" / "text.md"
TITLE = "# Writing: measurements\n\nBy `python benchmarks/text.py`; each section by its own run.\n"


def put(name: str, text: str) -> None:
    """Put the section ``name`` into the file, in the place of the one before."""
    content = PATH.read_text(encoding="utf-8") if PATH.exists() else TITLE
    head, *sections = content.split("\n## ")
    table = {section.partition("\n")[0]: section.partition("\n")[2] for section in sections}
    table[name] = f"\n{text.strip()}\n"
    parts = [f"\n## {key}\n{body.rstrip()}\n" for key, body in table.items()]
    PATH.write_text(head.rstrip("\n") + "\n" + "".join(parts), encoding="utf-8")
    print(f"\n{name}\n{text}")
