"""The Python of the README and of docs/networks.md runs as it stands, first block to last."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
NETWORKS = README.parent / "docs" / "networks.md"


@pytest.mark.parametrize(
    ("page", "count"), [(README, 2), (NETWORKS, 8)], ids=lambda v: str(v)[-12:]
)
def test_every_python_block_runs_in_one_session(tmp_path, page: Path, count: int) -> None:
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == count
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


def test_the_readme_is_read_in_one_go() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150


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
