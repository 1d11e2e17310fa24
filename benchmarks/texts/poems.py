"""A thousand poems under constraints, looked over by a checker that shares no code with them."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import torch

from gatework.write.memorization import MemorizationIndex
from gatework.write.poems import check_poem, write_poems
from gatework.write.token_models import open_token_model
from texts.results import put

COMMAND = "python benchmarks/text.py poems"
FORMS = {"wujue": 300, "qijue": 300, "wulv": 200, "qilv": 200}
SHOWN = [
    {"form": "qijue", "acrostic": "春夏秋冬"},
    {"form": "wujue", "theme": ["明月"]},
    {"form": "qilv", "theme": ["秋", "江"]},
]


def run(data: Path, models: Path, seed: int) -> None:
    path = models / "tang.safetensors"
    if not path.exists():
        raise SystemExit(f"{path} is not there: python benchmarks/text.py tang")
    torch.set_num_threads(1)
    model, index = open_token_model(path), MemorizationIndex.read(path)
    began = time.perf_counter()
    write_poems(model, "qijue", count=10, seed=seed, memorization=index)
    first = time.perf_counter() - began
    began = time.perf_counter()
    write_poems(model, "qijue", count=10, seed=seed + 1, memorization=index)
    second = time.perf_counter() - began
    lines = [
        f"`{COMMAND} --seed {seed}`, with the model of the section above, on one core. Ten qijue "
        f"with the look-up of what was copied: {first:.2f} s the first time (tables are read, the "
        f"index is ordered), {second:.2f} s the next.",
        "",
        "| form | poems | form kept | rhyme kept | longest copied run, median and most | new |",
        "|---|---|---|---|---|---|",
    ]
    for form, count in FORMS.items():
        poems = write_poems(model, form, count=count, seed=seed, memorization=index)
        kinds = [Counter(v.kind for v in check_poem(p.text, form)) for p in poems]
        rhymed = sum(not kind["rhyme"] for kind in kinds)
        kept = sum(not any(n for name, n in kind.items() if name != "rhyme") for kind in kinds)
        runs = sorted(0 if p.copied is None else p.copied.length for p in poems)
        new = sum(p.new for p in poems)
        lines.append(
            f"| {form} | {count} | {kept / count:.1%} | {rhymed / count:.1%} | "
            f"{runs[count // 2]}, {runs[-1]} | {new} |"
        )
    lines += ["", "As written, by the same model and seed:", ""]
    for wish in SHOWN:
        asked = {name: value for name, value in wish.items() if name != "form"}
        (poem,) = write_poems(model, wish["form"], seed=seed, memorization=index, **asked)
        said = ", ".join(f"{name} {value}" for name, value in asked.items())
        lines += [f"{wish['form']}, {said}:", "", "```", poem.text, "```", ""]
    put("Poems", "\n".join(lines))
