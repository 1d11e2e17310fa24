"""The Python of the README runs as it stands, from its first block to its last."""

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_every_python_block_runs_in_one_session(tmp_path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 6
    script = tmp_path / "readme.py"
    script.write_text("\n".join(blocks), encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert result.returncode == 0, result.stderr


def test_the_chinese_readme_says_the_same() -> None:
    """Code blocks are equal; so are the numbers of every row of a table, headings and links."""
    english = README.read_text(encoding="utf-8")
    chinese = README.with_name("README.zh-CN.md").read_text(encoding="utf-8")
    fences = r"```\w*\n.*?```"
    assert re.findall(fences, chinese, re.DOTALL) == re.findall(fences, english, re.DOTALL)

    def rows(text: str) -> list[list[str]]:
        lines = re.findall(r"^\|.*\|$", text, re.MULTILINE)
        return [sorted(re.findall(r"\d+(?:\.\d+)?", line)) for line in lines]

    def headings(text: str) -> list[str]:
        return re.findall(r"^#+ ", re.sub(fences, "", text, flags=re.DOTALL), re.MULTILINE)

    def links(text: str) -> set[str]:
        return set(re.findall(r"\]\(([^)]*)\)", text)) - {"README.md", "README.zh-CN.md"}

    assert rows(chinese) == rows(english)
    assert headings(chinese) == headings(english)
    assert links(chinese) == links(english)
    for link in links(english):
        assert (README.parent / link.partition("#")[0]).exists(), link
