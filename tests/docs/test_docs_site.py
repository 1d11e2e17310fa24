"""The site of documentation builds, with the pictures that its chapter draws, and asks nobody."""

import html
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gatework.look.canvas.theme import picture_css

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

pytest.importorskip("sphinx", reason="the site is built by Sphinx, which is not installed")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    built = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    done = subprocess.run(
        [*command, str(DOCS), str(built)], capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stderr
    return built


def test_every_page_is_on_the_site_and_the_chapter_has_its_pictures(site) -> None:
    for page in DOCS.glob("*.md"):
        title = page.read_text(encoding="utf-8").split("\n")[0].removeprefix("# ")
        shown = (site / f"{page.stem}.html").read_text(encoding="utf-8")
        assert f"<title>{title}" in html.unescape(shown), "a page that Sphinx writes itself?"
    chapter = (site / "learn.html").read_text(encoding="utf-8")
    written = (DOCS / "learn.md").read_text(encoding="utf-8").count("](pictures/")
    for scheme in ("light", "dark"):
        shown = re.findall(rf'<img [^>]*only-{scheme}" src="(_images/[\w-]+\.svg)"', chapter)
        assert len(shown) == 2 * written == 20, "for desks and for phones"
        for name in shown:
            picture = (site / name).read_text(encoding="utf-8")
            assert picture.startswith("<svg")
            assert picture_css(scheme) in picture
    style = (site / "_static" / "site.css").read_text(encoding="utf-8")
    for size in ("desk", "phone"):
        assert chapter.count(f'<div class="on-{size}') == 2 * written, "a phone has its own"
        assert f".on-{size} {{ display: none }}" in style
    reference = (site / "api.html").read_text(encoding="utf-8")
    for name in ("gatework.LSTM", "gatework.examine.memory_of", "gatework.look.cell_diagram"):
        assert f'id="{name}"' in reference or name.rsplit(".", 1)[1] in reference


def test_no_page_asks_for_anything_from_elsewhere(site) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for tag in re.findall(r"<(?:script|img|iframe|source)\b[^>]*>", text):
            assert not re.search(r'src="(?:https?:)?//', tag), (page, tag)
        for tag in re.findall(r"<link\b[^>]*>", text):
            assert not re.search(r'href="(?:https?:)?//', tag), (page, tag)
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(?:https?:)?//", sheet.read_text(encoding="utf-8"))


def test_the_code_of_the_first_page_works() -> None:
    text = (DOCS / "index.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    found: dict = {}
    exec(compile(code, "index.md", "exec"), found)
    assert found["output"].shape == (50, 8, 32)
