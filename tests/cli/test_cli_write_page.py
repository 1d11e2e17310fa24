"""The commands and the code of the page on writing work, with networks made small."""

import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from running import run

from gatework.write import PRESETS

PAGE = (Path(__file__).parents[2] / "docs" / "write.md").read_text(encoding="utf-8")
PLAY = "ROMEO: To be, or not to be, that is the question.\nJULIET: Words, words, words.\n" * 40


@pytest.fixture(autouse=True)
def small(tmp_path, monkeypatch) -> None:
    """Put the files there that the page speaks of, and make every preset small."""
    monkeypatch.chdir(tmp_path)
    Path("shakespeare.txt").write_text(PLAY)
    Path("hamlet.txt").write_text(PLAY[:300])
    Path("books").mkdir()
    Path("books/one.txt").write_text(PLAY)
    Path("poems.txt").write_text(
        "\n".join(f"{a}{b}春眠不觉晓" for a in "天地人日星辰水" for b in "山水风云月花鸟")
    )
    for name, settings in PRESETS.items():
        sizes = (8,) * len(settings.hidden_sizes)
        proj = 4 if settings.proj_size else 0
        changes = {"hidden_sizes": sizes, "embedding_size": proj or 8, "proj_size": proj}
        changes |= {"epochs": 1, "batch_size": 4, "bptt": 16}
        monkeypatch.setitem(PRESETS, name, replace(settings, **changes))


def test_the_commands_of_the_page_work(capsys) -> None:
    blocks = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) >= 10
    for line in lines:
        words = shlex.split(line)
        assert words[0] == "gatework"
        assert run(*words[1:]) == 0, capsys.readouterr().err
    for name in ("bard.safetensors", "words.safetensors", "poems.safetensors", "surprise.html"):
        assert Path(name).exists()


def test_the_code_of_the_page_works(capsys) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(code, "write.md", "exec"), {})
    assert "1 document, 3,160 characters" in capsys.readouterr().out


def test_every_preset_is_on_the_page() -> None:
    assert set(re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE)) == set(PRESETS)
