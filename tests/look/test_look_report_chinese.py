"""The reports in Chinese: nothing in them is left in English."""

import re
from dataclasses import replace

import numpy as np
import pytest

from gatework import LSTM
from gatework.cli.recognize.evaluate import UNCALIBRATED
from gatework.examine import run_of
from gatework.forecast import GlobalForecaster, Panel, Series, count_events, read_series
from gatework.forecast.local.blend import simpler_would_do
from gatework.life import HeldOut, LifePoint
from gatework.look import explain_report, forecast_report, panel_report
from gatework.look.charts.trials import reason_text
from gatework.look.language import ENGLISH, words_in
from gatework.look.report.life import life_report
from gatework.look.report.notes import note_sentence, note_text
from gatework.look.report.recognize import recognition_report
from gatework.look.report.search import search_report
from gatework.recognize import Sequences
from gatework.recognize.baseline import Nearest, also_learned_note
from gatework.recognize.evaluation import Evaluation, wilson
from gatework.recognize.evaluations import Numeric, Transcribed
from gatework.recognize.features.images import Rows
from gatework.train import seeded

NAMES = {"LSTM", "ARIMA", "RMSE", "MAE", "Gatework", "faults", "T", "B", "N", "W", "c", "f", "g"}
NAMES |= {"h", "i", "k", "n", "o", "t", "tanh", "x", "S", "σ", "Linear", "head", "csv", "forecast"}
NAMES |= {"Adam", "Q", "RNN", "validation"}
SOURCE = "(?:方法依据|源自) [^<]*?doi [^；。<]*"
ZH = words_in("zh")


def english_in(page: str) -> set[str]:
    """Return the words of Latin letters that a page shows, less names and what is cited."""
    shown = re.sub(r"<style>.*?</style>|<script.*?</script>", " ", page, flags=re.DOTALL)
    assert re.findall(".{9}[，。：；、] .{9}", shown.replace("&#10;", "\n")) == []
    spoken = re.findall(r'(?:aria-label|data-what|data-names|data-name)="([^"]*)"', shown)
    shown = re.sub(SOURCE, " ", re.sub(r"<[^>]*>", " ", shown) + " ".join(spoken))
    return set(re.findall(r"[A-Za-z]+", shown)) - NAMES


def test_a_forecast_in_chinese(make_result, make_trial) -> None:
    trials = [make_trial(k, 3 + k / 4) for k in range(5)]
    trials += [make_trial(9, layer=1), make_trial(10, seed=7)]
    result = make_result(trials=tuple(trials), notes=(), frequency="MS")
    with seeded(0):
        run = run_of(LSTM(1, [6, 4]), np.sin(np.arange(60) / 3))
    page = forecast_report(result, run, language="zh")
    assert 'lang="zh-Hans"' in page
    assert "faults：未来 12 个月" in page
    assert "LSTM 胜出了吗？" in page
    assert "末值" in page
    assert english_in(page) == set()


@pytest.mark.parametrize("frequency", ["W-MON", "D", "B", "h", "min", "s", "MS", "QS", "YS", None])
def test_periods_in_chinese(make_result, frequency) -> None:
    page = forecast_report(make_result(notes=(), frequency=frequency), language="zh")
    assert english_in(page) == set()


@pytest.mark.parametrize("horizon", [1, 12])
def test_odd_forecasts_in_chinese(make_result, make_trial, horizon) -> None:
    result = make_result(horizon=horizon, trials=(make_trial(0, None, message=""),), notes=())
    assert english_in(forecast_report(result, language="zh")) == set()
    assert english_in(forecast_report(make_result(scores={}, notes=()), language="zh")) == set()


def test_a_search_in_chinese(make_trial) -> None:
    trials = [make_trial(k, 3 - k / 9, layer=k // 3) for k in range(9)]
    assert english_in(search_report(trials, "", language="zh")) == set()
    assert "还没有试验结束。" in search_report([], "", language="zh")


def test_many_series_in_chinese() -> None:
    labels = tuple(f"{2000 + t // 12}-{t % 12 + 1:02d}" for t in range(40))
    draw = np.random.default_rng(0)
    several = [Series(name, draw.poisson(9, 40) + 0.0, labels, "MS", 12) for name in ("一", "二")]
    panel = Panel.from_series(several)
    forecaster = GlobalForecaster(horizon=2, members=1, epochs=1, levels=(0.8,), seed=1)
    found = forecaster.fit(panel).predict()
    scores = dict.fromkeys(["LSTM", "last value"], forecaster.held_out_)
    page = panel_report(panel, found, scores, level=0.8, language="zh")
    assert "2 个序列：未来 2 个月" in page
    assert page.index("LSTM 与最好的其他模型误差相同。") < page.index("<h2>")
    assert english_in(page) == set()


def recognised(kind: str) -> Evaluation | Transcribed | Numeric:
    names, draw = tuple("一二三四五六"), np.random.default_rng(0)
    if kind == "number":
        return Numeric(names, np.arange(6.0), np.arange(6.0) + 1)
    if kind == "transcript":
        return Transcribed(names, ("甲乙",) * 6, ("甲",) * 6)
    return Evaluation(("甲", "乙"), names, draw.integers(0, 2, 6), draw.dirichlet([1.0, 1.0], 6))


@pytest.mark.parametrize("kind", ["image", "sound", "step", "transcript", "number"])
def test_recognition_in_chinese(kind) -> None:
    rows = Rows(height=3, width=4)
    content = tuple(np.full((3, 4), 9, np.uint8) for _ in range(1 if kind == "step" else 6))
    whole = Sequences(
        tuple(map(rows, content)),
        tuple("一二三四五六"[: len(content)]),
        None,
        "image",
        rows,
        content,
    )
    done = "2 pictures: scaled to the size of the features"
    beside = Nearest(wilson(4, 6), 5, 6).sentence(wilson(2, 6))
    page = recognition_report(
        recognised(kind),
        replace(whole, kind="table" if kind == "sound" else "image", remarks=(done,)),
        model="模型",
        data="数据",
        baseline=beside,
        notes=(also_learned_note(1, 6), also_learned_note(2, 6), UNCALIBRATED),
        language="zh",
    )
    assert "已缩放到特征的尺寸" in page
    assert "比模型多对 2 个（共 6 个）" in page
    assert "6 个序列中有 1 个也在" in page
    assert "6 个序列中有 2 个也在" in page
    assert "没有留出数据用于校准" in page
    assert english_in(page) == set()


def test_a_life_in_chinese() -> None:
    curve = [LifePoint("甲", float(n), 50.0 - n, 40.0, 60.0) for n in range(1, 9)]
    how = {"cap": 125, "level": 0.8, "truth": [41.0], "held_out": HeldOut(4, 19.9, 18.5, 37.0)}
    page = life_report({"甲": curve}, **how, language="zh")
    assert "在网络未见过的 4 个单元上" in page
    assert "在这里它优于网络。" in page
    assert "单元 甲：剩余 42 个循环，真实值 41" in page
    assert "单元 甲 的剩余寿命最短：第 8 个循环后约剩 42 个循环（80% 区间 40 到 60）。" in page
    assert "RMSE 为 1 个循环；1 个真实寿命中有 1 个落在各自的区间内。" in page
    over = life_report({"甲": curve}, cap=40, level=0.8, truth=[41.0], language="en")
    assert "RMSE 2 cycles; 1 of 1 true lives lie within their interval. Lives over the cap" in over
    assert english_in(page) == set()


@pytest.mark.parametrize("options", [{}, {"bidirectional": True}])
def test_the_inside_of_a_network_in_chinese(options) -> None:
    with seeded(0):
        run = run_of(LSTM(1, [6, 4], **options), np.sin(np.arange(60) / 3))
    named = {"title": "SequenceClassifier: line 3", "results": ("forecast 1 ahead", "output 2")}
    page = explain_report(replace(run, **named), language="zh")
    assert "网络内部：序列分类器：第 3 行" in page
    assert english_in(page) == set()


def known(note: str) -> str:
    told = note_text(note, ZH)
    assert told != note, note
    return told


def test_the_notes_of_what_is_read(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("value\n" + "3\n" * 30)
    notes = read_series(path).notes
    assert [known(note) for note in notes] == [
        "没有找到日期列：各行从 1 编号",
        "序列恒定：每个值都是 3",
    ]
    path.write_text("day;value\n" + "".join(f"2020-01-{n + 1:02d};{n},5\n" for n in range(30)))
    (note,) = read_series(path).notes
    assert known(note) == "列 'value' 以逗号作小数点"
    path.write_text("day,value\n" + "".join(f"2020-01-{n + 1:02d},{n or ''}\n" for n in range(30)))
    for filled, how in (
        (read_series(path, missing="zero"), "用 0 "),
        (read_series(path, missing="mean"), "用已知值的均值"),
    ):
        (note,) = filled.notes
        assert known(note) == f"1 个缺失值已{how}填补，位于 2020-01-01"
    days = [f"{n + 1:02d}.2020;{n}" for n in range(12)]
    path.write_bytes("\n".join(["月;数", *days[::-1], "", "月;数"]).encode("gb18030"))
    assert [known(note) for note in read_series(path).notes] == [
        "文本按 gb18030 (GBK) 读取；--encoding 可指定其他编码",
        "略过第 15 行：那里重复了表头",
        "列 '月' 的数字读作月和年",
        "各行已按列 '月' 从早到晚排序",
    ]
    path.write_text("when\n" + "".join(f"2020-{n + 1:02d}-15\n" for n in range(12)))
    notes = count_events(path, date_column="when", period="month").notes
    assert [known(note) for note in notes] == [
        "第一个事件在 2020-01-15：第一个月（2020-01）可能只计入一部分",
        "最后一个事件在 2020-12-15：最后一个月（2020-12）可能尚未结束，已略去",
    ]


def test_several_networks_are_told() -> None:
    assert ZH.name("mean of 3 networks") == "取 3 个网络的平均"
    named = ZH.name("SequenceClassifier: line 2, the first of 3 networks")
    assert named == "序列分类器：第 2 行（3 个网络中的第一个）"


def test_notes_are_sentences_and_names_are_parted() -> None:
    assert note_sentence("the series has no season", ENGLISH) == "The series has no season."
    assert note_sentence("ARIMA is left out: x", ENGLISH) == "ARIMA is left out: x."
    assert note_sentence("ours is left out: x", ENGLISH) == "ours is left out: x."
    tuned = (
        "the tuned network serves: on 10 origins of the validation part the scaled error of the "
        "pretrained one is 1.34, of the other 1.33 (difference -0.01; p = 0.022, one-sided, "
        "paired, over 10 origins; below 0.05 is asked for)"
    )
    assert note_sentence(tuned, ENGLISH) == "T" + tuned[1:] + "."
    assert english_in(note_sentence(tuned, ZH)) <= {"p"}
    assert note_sentence("a note of another kind", ZH) == "a note of another kind。"
    asked = "with trials and workers a search fits networks to this series alone; without, the "
    said = known(asked + "pretrained network forecasts it")
    assert said.startswith("给出 trials、workers 时，")
    assert ZH("On this series {names} served better.", names="ARIMA") == (
        "在这个序列上，ARIMA 更好。"
    )
    assert ZH.name("LifeEstimator: unit 1") == "寿命估计器：单元 1"


def test_the_notes_of_models() -> None:
    ours, theirs = np.full((9, 3), 2.0), np.full((9, 3), 1.0)
    (note,) = simpler_would_do({"LSTM": ours, "last value": theirs})
    assert known(note).startswith("在验证部分，末值在每一步都比 LSTM 好；")
    theirs[:, 1] = 3.0
    (note,) = simpler_would_do({"LSTM": ours, "ARIMA": theirs})
    assert known(note).startswith("在验证部分，ARIMA 在提前 2 步时比 LSTM 好；")
    assert known("seasonal naive is left out: the series has no season") == (
        "略去季节朴素法：序列没有季节"
    )
    few = "it needs two seasons of 52 values before the test part, there are 42 values"
    assert known(f"seasonal naive is left out: {few}").endswith(
        "：测试部分之前需要两个周期，每个 52 个值，实际只有 42 个"
    )
    alone = "the LSTM alone, as no classical model could be fitted"
    assert known(f"series 'b': auto: {alone}") == f"序列 'b'：{known(f'auto: {alone}')}"
    assert note_text("a note of another kind", ZH) == "a note of another kind"


def test_why_trials_failed_is_told_in_chinese() -> None:
    lost = "TrainingError: the loss became nan at step 7 (epoch 1, batch 6 from 0)"
    assert reason_text(lost, ZH) == "损失在第 7 步变为 nan（第 1 轮，第 6 批，批从 0 数起）"
    assert reason_text("of another kind", ZH) == "of another kind"
    assert reason_text(lost, ENGLISH) == lost
