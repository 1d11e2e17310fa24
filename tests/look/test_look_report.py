"""The report: one page, complete, harmless, and true to the result."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatework.forecast.backtest import Accuracy, SeriesSplit
from gatework.forecast.metrics import Held
from gatework.forecast.result import ForecastPoint
from gatework.look import forecast_report
from gatework.look.canvas.script import drawing_module
from gatework.look.language import ENGLISH, words_in
from gatework.look.report.intervals import forecast_table
from gatework.look.report.verdict import duels, sentences

NASTY = "</title></style><script>alert('1')</script><img src=x onerror=alert(2)> & \"faults\""
VOID = {"meta", "br", "hr", "col", "img", "input", "link"}


class Page(HTMLParser):
    """Reads a page as a browser does, and checks that every element is closed."""

    def __init__(self, markup):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.attributes, self.words = [], set(), [], []
        self.feed(markup)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def read(result):
    markup = forecast_report(result)
    root = parsed(markup)
    page = Page(markup)
    assert not re.search(r'="[^"]*\b(nan|inf)\b', markup)
    assert len(markup.encode()) < 3_000_000
    assert_harmless(page)
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    return page


def parsed(markup):
    """Return the page as XML, without its one script, which must be the drawing module."""
    code = f'<script type="module">{drawing_module()}\nbring(document.body);\n</script>'
    assert markup.count("<script") == markup.count(code) == 1
    return ElementTree.fromstring(markup.replace(code, ""))


def assert_harmless(page):
    assert not page.tags & {
        "img",
        "iframe",
        "object",
        "embed",
        "link",
        "base",
        "form",
        "a",
    }
    names = {name for name, _ in page.attributes}
    assert not names & {"src", "href", "xlink:href", "srcset", "action", "style"}
    assert not [name for name in names if name.startswith("on")]


def test_the_page_says_what_is_forecast_and_who_won(make_result):
    result = make_result()
    text = read(result).text
    for expected in (
        "faults: the next 12 months",
        "is expected in 1995-01",
        "until 1995-12",
        "The LSTM lost at 1, 2, 3, 6 and 12 steps ahead: to ARIMA by",
        "On this series ARIMA served better.",
        "0 of 5",
        "a note about the data",
        "training",
        "Seed 1; 12 seconds.",
        "10.13700/j.bh.1001-5965.2017.0285",
    ):
        assert expected in text
    for point in result.forecast:
        assert point.period in text


def test_the_tables_mark_the_least_error_of_each_column(make_result):
    markup = forecast_report(make_result())
    root = parsed(markup)
    tables = {}
    for table in root.iter("table"):
        caption = table.findtext("caption") or ""
        tables[caption.partition(" ")[0]] = {
            "".join(row[0].itertext()): ["".join(cell.itertext()) for cell in row[1:]]
            for row in table.iter("tr")
        }
    assert tables["RMSE"]["model"] == ["1", "2", "3", "6", "12"]
    assert tables["RMSE"]["LSTM"] == ["3.11", "3.22", "3.33", "3.67", "4.33"]
    assert tables["RMSE"]["ARIMA"] == ["★ 3.05", "★ 3.16", "★ 3.27", "★ 3.61", "★ 4.27"]
    assert tables["MAE"]["ARIMA"][0] == "★ 2.07"


def test_the_policy_lets_nothing_in_but_the_page_s_own_style(make_result):
    markup = forecast_report(make_result())
    root = parsed(markup)
    (style,) = root.iter("style")
    digest = base64.b64encode(hashlib.sha256((style.text or "").encode()).digest()).decode()
    (policy,) = (m for m in root.iter("meta") if m.get("http-equiv") == "Content-Security-Policy")
    code = f"{drawing_module()}\nbring(document.body);\n"
    script = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    assert policy.get("content") == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        f"img-src data:; script-src 'sha256-{script}'"
    )
    assert f"<style>{style.text}</style>" in markup  # nothing in it needed escaping
    assert "url(" not in (style.text or "")
    assert "@import" not in (style.text or "")


def test_markup_from_the_data_stays_text_everywhere(make_result, make_trial):
    result = make_result(
        values=np.arange(9.0),
        name=NASTY,
        labels=tuple(f"{NASTY} {k}" for k in range(9)),
        frequency=None,
        horizon=2,
        scores={"LSTM": {1: Accuracy(2, 1)}, NASTY: {1: Accuracy(1, 1)}},
        best_parameters={NASTY: NASTY},
        trials=(
            make_trial(0, 2.0, parameters={NASTY: NASTY}),
            make_trial(1, 1.0, parameters={NASTY: 3}),
            make_trial(2, None, message=NASTY),
        ),
        notes=(NASTY,),
    )
    page = read(result)
    assert page.text.count("<script>alert('1')</script>") > 10


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_any_name_gives_a_well_formed_page(make_result, name):
    read(make_result(values=np.arange(8.0), name=name, horizon=1, notes=(name,)))


def test_twenty_thousand_periods_fit_in_two_megabytes(make_result):
    rng = np.random.default_rng(0)
    values = rng.normal(0, 1, 20_000).cumsum()
    hours = np.datetime64("1999-01-01T00:00") + np.arange(20_000) * np.timedelta64(1, "h")
    labels = tuple(str(hour).replace("T", " ") for hour in hours)
    result = make_result(values=values, labels=labels, frequency="h", horizon=1_000)
    assert "goes on for 760 more" in read(result).text


def test_endless_names_and_labels_do_not_make_an_endless_page(make_result):
    labels = tuple(f"{k} " + "label" * 2_000 for k in range(30))
    read(
        make_result(
            values=np.arange(30.0), name="名" * 100_000, labels=labels, frequency=None, horizon=3
        )
    )


CONSTANT = {name: {1: Accuracy(0.0, 0.0)} for name in ("LSTM", "last value")}


@pytest.mark.parametrize(
    "changes",
    [
        {"values": [5.0] * 20, "scores": CONSTANT, "horizon": 1},
        {"values": [0.0] * 20},
        {"values": -np.arange(1.0, 31.0)},
        {"values": 1e12 + np.arange(20.0)},
        {"values": 1e-12 * np.arange(20.0)},
        {"values": 1e300 * np.arange(1.0, 20.0)},
        {"values": [1.0, 2.0, 1.0, 3.0, 2.0], "horizon": 1},
        {
            "values": [1.0, 2.0, 4.0],
            "split": SeriesSplit(1, 2, 3),
            "test_forecasts": np.array([[2.0] * 12]),
        },
        {"horizon": 1},
        {"horizon": 2, "scores": {}, "winners": {}, "origins": 0},
        {"scores": {"LSTM": {1: Accuracy(np.nan, np.nan)}, "ARIMA": {}}},
        {"trials": ()},
        {"layers": (), "parameters": 0},
        {"best_parameters": {}},
        {"notes": ()},
        {"test_forecasts": np.zeros((0, 12))},
    ],
    ids=lambda changes: ",".join(changes),
)
def test_odd_results_are_reported(make_result, changes):
    read(make_result(**changes))


def test_steps_that_are_not_scored_are_told_beside_what_intervals_held(make_result):
    held = {1: Held(9, 10), 2: Held(8, 10)}
    text = read(make_result(horizon=5, held=held)).text
    assert "Of 5 steps ahead these are scored: 1, 2, 3." in text
    assert "step 2: 80% of 10 outcomes held, 90% wanted" in text
    whole = read(make_result()).text
    assert "these are scored" not in whole
    assert "How often the intervals held" not in whole


def test_one_trial_and_all_failed(make_result, make_trial):
    assert "1 trial." in read(make_result(trials=(make_trial(0, 2.0),))).text
    text = read(make_result(trials=(make_trial(0, None), make_trial(1, None)))).text
    assert "2 trials failed, for instance: the loss is no longer a number." in text


def test_networks_that_are_averaged_are_counted(make_result, make_layers):
    layers = make_layers((8,))
    each = sum(layer.parameters for layer in layers)
    text = read(make_result(layers=layers, parameters=5 * each)).text
    assert "The forecast is the mean of 5 such networks." in text
    assert "such networks" not in read(make_result(layers=layers, parameters=each)).text


def test_the_errors_of_a_verdict_are_written_alike() -> None:
    scores = {
        "LSTM": {1: Accuracy(1.03e-4, 0), 3: Accuracy(9.67e-5, 0)},
        "last value": {1: Accuracy(8.6e-5, 0), 3: Accuracy(8.61e-5, 0)},
    }
    first, second = sentences(duels(scores), ENGLISH)
    assert "last value 0.000086, LSTM 0.000103" in first
    assert "last value 0.0000861, LSTM 0.0000967" in second


def test_the_band_of_a_mean_is_not_called_the_lstm(make_result) -> None:
    assert "LSTM forecast with its" in str(forecast_report(make_result()))
    assert "LSTM forecast with its" not in str(forecast_report(make_result(model="auto")))


def test_a_column_of_a_forecast_has_the_same_decimals() -> None:
    points = [ForecastPoint("1", 38.0, 29.0, 48.0), ForecastPoint("2", 43.27, 33.1, 54.0)]
    (drawn,) = forecast_table(points, 0.9, ENGLISH, frequency=None, counts=False)
    cells = re.findall("<td>(.*?)</td>", str(drawn))
    assert cells == ["38.0", "29.0", "48", "43.3", "33.1", "54"]
    (drawn,) = forecast_table(points, 0.9, words_in("zh"), frequency="MS", counts=False)
    assert ">月份<" in str(drawn)
