"""What the base install does: it forecasts, reports, steps, draws and watches without torch."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from drawn_models import drawn_lstm
from gatework import recognize, save
from gatework.recognize.features.sound import LogMel

HEAVY = ("torch", "scipy", "pandas", "statsmodels", "sklearn", "onnxruntime")
WITHOUT = f"""
import sys

class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {HEAVY}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Without())
from gatework.cli import main
main()
"""


def gatework(*arguments: str, cwd: Path, code: int = 0) -> str:
    """Run a command where nothing but the base install is, and return what it printed."""
    command = [sys.executable, "-c", WITHOUT, *arguments]
    found = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=240, encoding="utf-8"
    )
    assert found.returncode == code, found.stderr
    return found.stdout or found.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Return a folder with 60 months of faults, and a forecast of them."""
    folder = tmp_path_factory.mktemp("base")
    faults = np.random.default_rng(0).poisson(12, 60)
    rows = [f"{2015 + i // 12}-{i % 12 + 1:02d},{n}" for i, n in enumerate(faults)]
    (folder / "faults.csv").write_text("\n".join(["month,faults", *rows]) + "\n")
    asked = ("--column", "faults", "--horizon", "6", "--out", "made", "--json")
    (folder / "said.json").write_text(gatework("forecast", "faults.csv", *asked, cwd=folder))
    return folder


def test_a_forecast_with_its_report(folder) -> None:
    said = json.loads((folder / "said.json").read_text())
    assert len(said["forecast"]) == 6
    report = (folder / "made" / "report.html").read_text("utf-8")
    assert "<svg" in report
    assert "faults" in report


def test_a_stream_is_watched_with_the_model(folder) -> None:
    [model] = (folder / "made").glob("*.safetensors")
    (folder / "new.csv").write_text("month,faults\n2020-01,14\n2020-02,9\n")
    asked = ("--state", "watch.state", "--no-follow")
    assert "2020-02" in gatework("watch", str(model), "new.csv", *asked, cwd=folder)


def test_the_network_is_drawn_over_the_values(folder) -> None:
    [model] = (folder / "made").glob("*.safetensors")
    asked = ("gates", "--data", "faults.csv", "--out", "picture.svg")
    gatework("draw", str(model), *asked, cwd=folder)
    assert "<svg" in (folder / "picture.svg").read_text("utf-8")


def test_a_bare_network_is_drawn_but_for_what_is_differentiated(folder) -> None:
    drawn_lstm(1, [5, 4], bidirectional=True).write(folder / "lstm.safetensors")
    asked = ("--data", "faults.csv", "--column", "faults", "--out", "all", "--json")
    said = json.loads(gatework("draw", "lstm.safetensors", "all", *asked, cwd=folder))
    names = [Path(path).stem for path in said["pictures"]]
    assert names == ["structure", "unrolled", "cell", "gates", "memory", "saturation"]


def test_the_kernels_are_examined(folder) -> None:
    pytest.importorskip("gatework._runtime", reason="the native module is not built")
    assert "all is well" in gatework("doctor", "--quick", cwd=folder)


def test_the_speed_of_the_runtime_is_measured(folder) -> None:
    pytest.importorskip("gatework._runtime", reason="the native module is not built")
    asked = ("bench", "--quick", "--threads", "1", "--only", "streams", "--json")
    said = json.loads(gatework(*asked, cwd=folder, code=1))  # there is no rival here
    [measured] = said["measurements"]
    assert measured["verdict"] == "no rival"
    assert measured["seconds"]["gatework.runtime"]["median"] > 0
    assert "torch is not installed: pip install 'gatework[train]'" in measured["skipped"].values()


def test_what_is_measured_in_torch_alone_is_refused_with_what_to_install(folder) -> None:
    said = gatework("bench", "--only", "training", cwd=folder, code=2)
    assert "is measured in torch, which is not installed" in said
    assert "pip install 'gatework[train]'" in said


def test_files_are_recognised_and_judged(tmp_path) -> None:
    pytest.importorskip("torch", reason="it learns the model with torch, which is not installed")
    draw = np.random.default_rng(0)
    X = draw.normal(size=(20, 6)) + np.arange(20)[:, None] % 2 * 3
    heads = ",".join(f"t{step}" for step in range(6)) + ",label"
    rows = [",".join(map(str, x)) + f",{['low', 'high'][n % 2]}" for n, x in enumerate(X)]
    (tmp_path / "waves.csv").write_text("\n".join([heads, *rows]) + "\n")
    waves = recognize.read_data(tmp_path / "waves.csv")
    model = recognize.SequenceClassifier((4,), epochs=20).fit(waves)
    save(model, tmp_path / "waves.safetensors")
    asked = ("recognize", "waves.safetensors", "waves.csv", "--json")
    found = [json.loads(line) for line in gatework(*asked, cwd=tmp_path).splitlines()]
    assert [one["label"] for one in found] == ["low", "high"] * 10
    wanted = model.predict_proba(waves).max(axis=1)
    np.testing.assert_allclose([one["probability"] for one in found], wanted, atol=1e-5)
    said = gatework("recognize", "evaluate", "waves.safetensors", "waves.csv", cwd=tmp_path)
    assert "20 of 20 recognised" in said


def test_sound_is_recognised_while_it_comes(tmp_path) -> None:
    pytest.importorskip("torch", reason="it learns the model with torch, which is not installed")
    features = LogMel(mels=10)
    times = np.arange(4000) / 8000
    tones = [0.4 * np.sin(2 * np.pi * pitch * times) for pitch in (300, 1500)]
    values, labels = tuple(map(features, tones)), ("low", "high")
    heard = recognize.Sequences(values, labels, labels, "sound", features)
    settings = {"bidirectional": False, "epochs": 20}
    save(recognize.SequenceClassifier((4,), **settings).fit(heard), tmp_path / "ear.safetensors")
    quiet = np.zeros(4000)
    samples = np.concatenate([quiet, tones[0], quiet, tones[1], quiet])
    (tmp_path / "talk.pcm").write_bytes((samples * 2**15).astype("<i2").tobytes())
    asked = ("recognize", "listen", "ear.safetensors", "talk.pcm", "--decide-at", "0.5", "--json")
    found = [json.loads(line) for line in gatework(*asked, cwd=tmp_path).splitlines()]
    assert [one["label"] for one in found] == ["low", "high"]
    assert all(one["early"] for one in found)
