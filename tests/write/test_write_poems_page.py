"""``gatework write poem`` and the page on poems, with a small model of famous poems."""

import json
import re
import shlex
from pathlib import Path

import pytest
from poem_model import ALL

from gatework.cli import main
from gatework.write.poems import Copied, MemorizationIndex, check_poem

PAGE = (Path(__file__).parents[2] / "docs" / "poems.md").read_text(encoding="utf-8")
POEMS = "\n".join(
    [
        *ALL,
        "绿树阴浓夏日长，楼台倒影入池塘。水晶帘动微风起，满架蔷薇一院香。",
        "孟冬寒气至，北风何惨栗。愁多知夜长，仰观众星列。",
    ]
)
SMALL = "--hidden-sizes 16 --set embedding_size=8 --set proj_size=8 --epochs 1 --quiet"


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    return int(left.value.code or 0)


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("poems")
    (folder / "tang.txt").write_text(POEMS, encoding="utf-8")
    train = f"write train {folder}/tang.txt --unit line --preset verse --out {folder}/tang.st"
    assert run(*train.split(), *SMALL.split()) == 0
    return folder / "tang.st"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_commands_of_the_page_work(trained, capsys) -> None:
    Path("tang.txt").write_text(POEMS, encoding="utf-8")
    blocks = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) >= 5
    for line in lines:
        words = shlex.split(line)
        assert words[0] == "gatework"
        small = SMALL.split() if words[2] == "train" else []
        assert run(*words[1:], *small) in (0, 1), capsys.readouterr().err
    assert "qijue" in capsys.readouterr().out


def test_the_code_of_the_page_works(trained, capsys) -> None:
    Path("tang.safetensors").write_bytes(trained.read_bytes())
    Path("tang.txt").write_text(POEMS, encoding="utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    exec(compile(code, "poems.md", "exec"), {})
    assert "'台'" in capsys.readouterr().out  # which does not rhyme


def test_an_acrostic_is_kept_and_the_same_seed_writes_the_same(trained, capsys) -> None:
    command = ("write", "poem", str(trained), "--acrostic", "春江花月", "--seed", "3")
    assert run(*command) == 0
    text = capsys.readouterr().out
    lines = re.findall(r"\w+", text)
    assert "".join(line[0] for line in lines) == "春江花月"
    assert check_poem(text, "qijue") == []
    assert run(*command, "--json") == 0
    (poem,) = json.loads(capsys.readouterr().out)["poems"]
    assert poem["lines"] == lines
    assert poem["copied"]["length"] >= 0


def test_a_poem_that_is_not_new_is_not_shown_as_one(trained, capsys, monkeypatch) -> None:
    copied = Copied(28, "朝辞白帝彩云间", 3, 0)
    monkeypatch.setattr(MemorizationIndex, "longest_run", lambda index, text: copied)
    assert run("write", "poem", str(trained), "--count", "2") == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "poem 1 is not new and is not shown" in captured.err
    assert "朝辞白帝彩云间" in captured.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--acrostic", "㐂江花月"), "'㐂'"),
        (("--acrostic", "春江花"), "4"),
        (("--form", "qijeu"), "qijue"),
        (("--rhyme", "七羊"), "七羊"),
        (("--first-line", "白日依山尽"), "7"),
    ],
)
def test_what_cannot_be_kept_is_named(arguments, sentence, trained, capsys) -> None:
    assert run("write", "poem", str(trained), *arguments) == 2
    captured = capsys.readouterr()
    assert sentence in captured.err
    assert captured.out == ""


def test_forms_come_from_a_file_too(trained, capsys) -> None:
    Path("mine.toml").write_text(
        '[two]\ntitle = "两行"\nrhymes = "none"\n[two.patterns]\n"一" = "○○○，○○○。"\n',
        encoding="utf-8",
    )
    assert run("write", "poem", str(trained), "--forms", "mine.toml", "--form", "两行") == 0
    assert re.fullmatch(r"\w{3}，\w{3}。\n", capsys.readouterr().out)
    assert run("write", "poem", str(trained), "--forms", "mine.toml", "--form", "three") == 2
    assert "there is no form 'three' in the file: two" in capsys.readouterr().err


def test_a_model_that_keeps_no_text_says_so(capsys) -> None:
    from gatework import Writer, save
    from gatework.write import Corpus

    settings = {"hidden_sizes": [16], "embedding_size": 8, "proj_size": 8, "epochs": 1}
    writer = Writer(preset="verse", memorization=False, **settings).fit(Corpus.of(ALL, "line"))
    save(writer, "tang.st")
    assert run("write", "poem", "tang.st") == 0
    assert "keeps no text to tell what was copied" in capsys.readouterr().err
