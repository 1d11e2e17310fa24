"""Every text of a page is asked for in the reader's language: of a language of marks none is left.

The catalogue of this language marks each letter of a text, so that a letter without a mark was not
asked for. What users name is Chinese here, and has no such letters.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from gatework import LSTM
from gatework.demo.networks import DemoNetwork, DemoSeries, DemoText
from gatework.examine import run_of
from gatework.forecast import Forecaster, GlobalForecaster, Panel, Series
from gatework.life import HeldOut, LifePoint
from gatework.look import explain_report, film_report, forecast_report, frames_of, panel_report
from gatework.look.canvas.picture import NARROW, WIDE
from gatework.look.language import words
from gatework.look.language.catalogue import Language
from gatework.look.pictures import PICTURES, Wanted
from gatework.look.report.life import life_report
from gatework.look.report.methods import METHOD, SMOOTHING
from gatework.look.report.recognize import recognition_report
from gatework.look.report.search import search_report
from gatework.recognize import Sequences
from gatework.recognize.evaluation import Evaluation
from gatework.recognize.evaluations import Numeric, Transcribed
from gatework.recognize.features.images import Rows
from gatework.train import ShuffledBatches, Trainer, read_record, seeded

MARKED = "xx"
SPOKEN = ("aria-label", "title", "alt", "placeholder")
NAMES = {
    "Gatework",
    "LSTM",
    "RNN",
    "RMSE",
    "MAE",
    "ARIMA",
    "Holt",
    "Winters",
    "Theta",
    "SVG",
    "PNG",
}
NAMES |= {"tanh", "csv", "jsonl"}
"""The product, models, measures, kinds of files and functions, which no language translates."""


class Marked(Language):
    """Marks each letter of a text, and leaves its fields as they are."""

    def text(self, english: str, context: str = "") -> str:
        pieces = re.split(r"(\{[^}]*\})", english)
        return "".join(p if p.startswith("{") else marked(p) for p in pieces)

    def counted(self, count: int, one: str, several: str) -> str:
        return self.text(one if count == 1 else several)


def marked(text: str) -> str:
    """Return a text whose letters are fullwidth ones."""
    return re.sub("[A-Za-z]", lambda found: chr(ord(found[0]) + 0xFEE0), text)


class Shown(HTMLParser):
    """Gathers what a page shows and says: its texts, and its attributes of words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.silent = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        self.silent = tag in ("style", "script")
        self.said += [
            value
            for name, value in attrs
            if value and (name in SPOKEN or name in ("data-what", "data-name", "data-names"))
        ]

    def handle_endtag(self, tag: str) -> None:
        self.silent = False

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.said.append(data)


def unmarked(page: str) -> set[str]:
    """Return what a page says that was not asked for, by its words."""
    found = set()
    for paper in (METHOD, SMOOTHING):
        page = page.replace(paper, "")
    for said in Shown(page).said:
        words = re.findall("[A-Za-z]+", said)
        # A letter alone names a quantity of the equations.
        if {word for word in words if len(word) > 1} - NAMES:
            found.add(said.strip()[:80])
    return found


@pytest.fixture(autouse=True)
def language(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, catalogue = Marked(MARKED, {}, bool), words.catalogue
    monkeypatch.setattr(
        words, "catalogue", lambda asked: plain if asked == MARKED else catalogue(asked)
    )
    monkeypatch.setattr(words, "LANGUAGES", (*words.LANGUAGES, MARKED))


def series(name: str, n: int = 60) -> Series:
    labels = tuple(f"{2000 + t // 12}-{t % 12 + 1:02d}" for t in range(n))
    counts = np.random.default_rng(n).poisson(20 + 8 * np.sin(np.arange(n) * 0.5236)) + 0.0
    return Series(name, counts, labels, "MS", 12)


def test_a_forecast() -> None:
    forecaster = Forecaster(horizon=4).fit(series("甲"))
    total = forecaster.predict_total(at_least=(40, 400))
    page = forecast_report(forecaster.result_, forecaster.examine(), total=total, language=MARKED)
    assert unmarked(page) == set()


def test_a_mean_of_models() -> None:
    result = Forecaster(horizon=4, model="auto").fit(series("甲")).result_
    assert unmarked(forecast_report(result, language=MARKED)) == set()


def test_a_search(make_result, make_trial) -> None:
    trials = [make_trial(k, 3 + k / 4) for k in range(5)]
    trials += [make_trial(9, layer=1), make_trial(10, seed=7), make_trial(11, None, message="")]
    taken = {"window": 8, "dropout": 0.2, "transform": "log", "epochs": [4, 4], "networks": 2}
    trials += [make_trial(12, parameters=taken)]
    result = make_result(
        trials=tuple(trials),
        name="甲",
        notes=(),
        method="recursive",
        best_parameters=taken,
        layers=(),
    )
    assert unmarked(forecast_report(result, language=MARKED)) == set()
    assert unmarked(search_report(trials, "", language=MARKED)) == set()


def test_many_series() -> None:
    panel = Panel.from_series([series("一"), series("二", 50)])
    forecaster = GlobalForecaster(horizon=3, levels=(0.9,)).fit(panel)
    names: list[str] = ["LSTM", "last value", "auto"]
    scores = dict.fromkeys(names, forecaster.backtest(panel))
    page = panel_report(
        panel,
        forecaster.predict(),
        scores,
        level=0.9,
        language=MARKED,
        served=forecaster.served_,
        total=forecaster.predict_total(at_least=40),
        best=({"1": "LSTM", "3": "tie"}, {"1": "last value", "3": "LSTM"}),
    )
    assert unmarked(page) == set()


@pytest.mark.parametrize("truth", [None, [41.0]])
@pytest.mark.parametrize("held_out", [HeldOut(1, 9, 8, 5), HeldOut(2, 3.9, 4, 5)])
def test_lives(truth, held_out) -> None:
    curve = [LifePoint("甲", float(n), 50.0 - n, 40.0, 60.0) for n in range(1, 9)]
    how = {"truth": truth, "held_out": held_out, "language": MARKED}
    page = life_report({"甲": curve}, cap=125, level=0.8, **how)
    assert unmarked(page) == set()


@pytest.mark.parametrize(
    "found",
    [
        Evaluation(("甲", "乙"), tuple("一二三四"), np.arange(4) % 2, np.full((4, 2), 0.5)),
        Transcribed(tuple("一二三四"), ("甲乙",) * 4, ("甲",) * 4),
        Numeric(tuple("一二三四"), np.arange(4.0), np.arange(4.0) + 1),
    ],
)
def test_recognition(found) -> None:
    rows = Rows(height=3, width=4)
    content = tuple(np.full((3, 4), 9, np.uint8) for _ in range(4))
    read = Sequences(tuple(map(rows, content)), tuple("一二三四"), None, "image", rows, content)
    page = recognition_report(found, read, model="模型", data="数据", language=MARKED)
    assert unmarked(page) == set()


@pytest.fixture
def runs() -> dict[str, object]:
    with seeded(0):
        letters = tuple(sorted(set("甲乙丙")))
        made = DemoSeries(DemoNetwork(1, 1), 0.0, 1.0), DemoText(DemoNetwork(3, 3), letters)
        both = LSTM(1, [6, 4], bidirectional=True)
    counts = np.arange(30.0) % 7
    return {
        "series": made[0].run(counts, [str(n) for n in range(30)], "LANL 2, failures a week"),
        "text": made[1].run("甲乙丙" * 9),
        "both": replace(run_of(both, np.sin(counts)), title="甲"),
    }


@pytest.mark.parametrize("kind", ["series", "text", "both"])
def test_the_inside_of_a_network(runs, kind) -> None:
    page = explain_report(runs[kind], language=MARKED)
    assert unmarked(page) == set()


@pytest.mark.parametrize("name", [name for name in PICTURES if name != "film"])
def test_pictures(runs, name) -> None:
    run = runs["text" if name == "text" else "series"]
    wide, narrow = (
        PICTURES[name].draw(run, Wanted(language=MARKED, width=width)) for width in (WIDE, NARROW)
    )
    assert unmarked(wide._page(narrow)) == set()


def test_a_film(tmp_path) -> None:
    with seeded(0):
        network = DemoNetwork(1, 1)
    from torch import nn, rand

    from gatework.train import Recorder

    x = rand(6, 8, 1)
    trainer = Trainer(network, nn.MSELoss(), epochs=2, record=Recorder(tmp_path / "run"))
    trainer.fit(ShuffledBatches(x, x, batch_size=3, seed=0))
    frames = frames_of(network, read_record(tmp_path / "run"), x[0])
    assert unmarked(film_report(frames, language=MARKED)) == set()
