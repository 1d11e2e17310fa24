"""Files that the version before wrote still load, and answer as they did; see before/README.md."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from answering import answer, made_up

from forging import forge_config, put_together, take_apart
from gatework import load, save
from gatework.errors import FileFormatError
from gatework.network import State
from gatework.recognize import SequenceClassifier
from gatework.search import Axis, Choice, Outcome, layered_search, read_ledger
from gatework.write.writer import Writer
from tolerances import FLOAT32

BEFORE = Path(__file__).parent / "before"
ANSWERS = json.loads((BEFORE / "answers.json").read_text())
MODELS = sorted(path.stem for path in BEFORE.glob("*.safetensors"))


def assert_alike(found: Any, expected: Any, place: str = "") -> None:
    """Assert that JSON values are the same; numbers as near as other kernels give them."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys(), place
        for key, value in expected.items():
            assert_alike(found[key], value, f"{place}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), place
        for number, value in enumerate(expected):
            assert_alike(found[number], value, f"{place}[{number}]")
    elif isinstance(expected, float):
        np.testing.assert_allclose(found, expected, FLOAT32.rtol, FLOAT32.atol, err_msg=place)
    else:
        assert found == expected, place


def read(path: Path) -> Any:
    return State.load(path) if path.stem.startswith("state_") else load(path)


def test_every_file_has_its_answers() -> None:
    others = {"search", "classifier.checkpoint", "writer.checkpoint"}
    assert set(MODELS) | others == set(ANSWERS)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_answers_as_it_did(name: str) -> None:
    model = read(BEFORE / f"{name}.safetensors")
    assert_alike(answer(model), ANSWERS[name])


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_saved_with_the_same_content(tmp_path: Path, name: str) -> None:
    path = BEFORE / f"{name}.safetensors"
    model = read(path)
    if isinstance(model, State):
        model.save(tmp_path / "again")
    else:
        save(model, tmp_path / "again")
    about, entries, data = take_apart((tmp_path / "again").read_bytes())
    before, entries_before, data_before = take_apart(path.read_bytes())
    assert {**about, "digest": None} == {**before, "digest": None}  # but for the order of keys
    assert (entries, data) == (entries_before, data_before)


ESTIMATORS = [name for name in MODELS if name.split("_")[0] not in ("lstm", "rnn", "state")]


@pytest.fixture
def opened(tmp_path: Path) -> Callable[[bytes], Any]:
    """Return a function that loads a model from a file of these bytes."""

    def open_bytes(content: bytes) -> Any:
        (tmp_path / "model").write_bytes(content)
        return load(tmp_path / "model")

    return open_bytes


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_key_must_be_there_and_no_other(opened: Any, name: str) -> None:
    about, entries, data = take_apart((BEFORE / f"{name}.safetensors").read_bytes())
    for part in parts_of(about["config"]):
        for key in part.keys() - {"depth"}:  # which files of still older versions lack
            kept = dict(part)
            part.clear()
            part.update({other: value for other, value in kept.items() if other != key})
            with pytest.raises(FileFormatError, match="configuration that is not sound"):
                opened(put_together(about, entries, data))
            part.clear()
            part.update(kept)
        part["more"] = 1
        with pytest.raises(FileFormatError, match="configuration that is not sound"):
            opened(put_together(about, entries, data))
        del part["more"]
    assert opened(put_together(about, entries, data)) is not None


def parts_of(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a configuration and its parts, but for dictionaries whose keys are the user's."""
    yield config
    for key, value in config.items():
        if isinstance(value, dict) and key not in ("alarms", "position", "variants"):
            yield from parts_of(value)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_forged_configurations_load_whole_or_are_refused(opened: Any, name: str) -> None:
    about, entries, data = take_apart((BEFORE / f"{name}.safetensors").read_bytes())
    draw = random.Random(name)
    for _ in range(40):
        config = forge_config(about["config"], draw)
        try:
            model = opened(put_together({**about, "config": config}, entries, data))
        except FileFormatError:
            continue
        assert model.to_config().keys() == config.keys()


@pytest.mark.parametrize("name", ESTIMATORS)
def test_tensors_of_another_shape_or_dtype_are_refused_by_name(opened: Any, name: str) -> None:
    about, entries, data = take_apart((BEFORE / f"{name}.safetensors").read_bytes())
    other = {"F32": "I32", "F64": "I64", "I64": "F64", "I32": "F32", "I16": "F16"}
    for key in sorted(entries)[:: max(1, len(entries) // 6)]:
        entry = entries[key]
        for change in ({"shape": [1, *entry["shape"]]}, {"dtype": other[entry["dtype"]]}):
            changed = {**entries, key: {**entry, **change}}
            with pytest.raises(FileFormatError, match=f"'{re.escape(key)}'"):
                opened(put_together(about, changed, data))


def test_the_search_of_a_ledger_goes_on(tmp_path: Path) -> None:
    ledger = tmp_path / "search.sqlite"
    shutil.copy(BEFORE / "search.sqlite", ledger)

    def again(parameters: dict[str, Any], seed: int) -> Outcome:
        raise AssertionError("every trial is in the ledger")

    found = layered_search(
        again,
        [Axis("x", (0, 1, 2)), Choice("kind", ("a", "b"))],
        ledger=ledger,
        trials=5,
        seed=2,
        workers=1,
        fingerprint={"data": "made up"},
        resume=True,
    )
    expected = ANSWERS["search"]
    assert found.best.parameters == expected["best"]
    assert_alike([trial.error for trial in read_ledger(ledger)], expected["errors"])


TRAININGS = {
    "classifier": (
        lambda path: SequenceClassifier(
            3,
            checkpoint=path,
            standardize="none",
            epochs=2,
            validation=None,
            bidirectional=False,
            pooling="last",
            convolutions="none",
            augment=None,
            members=1,
        ),
        ([made_up(5 + n % 3, 2, step=3 + n) for n in range(12)], ["yes", "no", "maybe"] * 4),
    ),
    "writer": (
        lambda path: Writer(
            preset="small",
            checkpoint=path,
            hidden_sizes=[4],
            embedding_size=3,
            epochs=2,
            batch_size=2,
            bptt=12,
        ),
        ("a rose is a rose is a rose. " * 10,),
    ),
}


@pytest.mark.parametrize("name", TRAININGS)
def test_a_training_goes_on_from_its_checkpoint(tmp_path: Path, name: str) -> None:
    path = tmp_path / "checkpoint"
    shutil.copy(BEFORE / f"{name}.checkpoint", path)
    make, data = TRAININGS[name]
    estimator = make(path).fit(*data)  # it had ended, so this trains nothing
    assert_alike(answer(estimator), ANSWERS[f"{name}.checkpoint"])
    assert path.read_bytes() == (BEFORE / f"{name}.checkpoint").read_bytes()
