"""The estimator: what it learns, that it resumes, is saved and loaded, and refuses."""

import json

import pytest
import torch

from gatework import load, save, write
from gatework.cell.options import CellOptions
from gatework.errors import DataError, FileFormatError, OptionError
from gatework.storage import Tensor, read_sealed, write_sealed
from gatework.write import PRESETS, Corpus, Sampling, Writer, poems, write_many
from gatework.write.settings import Settings, setting_names

TEXT = "the cat sat on the mat. the dog sat on the log. " * 30


def small(**changes) -> Writer:
    settings = {
        "preset": "small",
        "hidden_sizes": [24],
        "epochs": 3,
        "seed": 1,
        "batch_size": 8,
        "bptt": 16,
    }
    return Writer(**{**settings, **changes})


@pytest.fixture(scope="module")
def fitted() -> Writer:
    return small(epochs=30, learning_rate=0.02).fit(TEXT)


def test_it_learns_what_follows(fitted) -> None:
    assert fitted.history_.validation[-1] < 0.5
    assert fitted.write("the ", length=3, temperature=0) in ("cat", "mat", "dog", "log")
    assert fitted.score("the cat sat").total.perplexity < 4
    assert fitted.score("tac tas").total.perplexity > 4


@pytest.mark.parametrize("level", ["word", "bytes"])
def test_words_and_bytes_are_learned_too(level) -> None:
    writer = small(level=level, epochs=12, learning_rate=0.02).fit(TEXT)
    assert writer.history_.losses[-1] < 0.8 * writer.history_.losses[0]
    assert set(writer.write("the", length=20, seed=2)) <= set(TEXT)


def test_every_preset_trains_when_it_is_made_small() -> None:
    for name, settings in PRESETS.items():
        sizes = [16] * len(settings.hidden_sizes)
        changes = {"hidden_sizes": sizes, "embedding_size": 16, "epochs": 1, "batch_size": 4}
        if settings.proj_size:
            changes |= {"proj_size": 8, "embedding_size": 8}
        writer = Writer("char", preset=name, **changes).fit(TEXT)
        assert writer.network_.lstm.num_layers == len(sizes)
        assert len(writer.write("t", length=5)) <= 5


def test_the_same_seed_gives_the_same_text_and_streams_it(fitted) -> None:
    text = fitted.write("a", length=50, seed=4, temperature=0.9)
    assert text == "".join(fitted.stream("a", length=50, seed=4, temperature=0.9))
    assert text != fitted.write("a", length=50, seed=5, temperature=0.9)
    rows = fitted.write_many("a", count=3, length=50, seed=4, temperature=0.9)
    assert rows[0] == text
    assert len(set(rows)) == 3


def test_a_saved_writer_writes_the_same(fitted, tmp_path) -> None:
    path = save(fitted, tmp_path / "m.safetensors")
    again = load(path)
    assert again.write("the", length=60, seed=3) == fitted.write("the", length=60, seed=3)
    assert again.get_params()["hidden_sizes"] == (24,)
    assert again.get_params()["clip_norm"] is None  # the preset's own
    assert again.history_ == fitted.history_
    assert save(again, tmp_path / "n.safetensors").read_bytes() == path.read_bytes()


def test_names_of_old_still_work_and_say_what_they_are_called_now(fitted) -> None:
    for package, old, new in (
        (write, "Voice", "TokenModel"),
        (write, "open_voice", "open_token_model"),
        (poems, "Novelty", "MemorizationIndex"),
    ):
        with pytest.warns(FutureWarning, match=rf"{old} is called {new} now"):
            assert getattr(package, old) is getattr(package, new)
    with pytest.warns(FutureWarning, match=r"Writer\.voice is called token_model now"):
        assert fitted.voice().vocabulary is fitted.vocabulary_


@pytest.mark.parametrize("cutoffs", [None, (4, 9)])
def test_heads_of_all_kinds_are_saved_and_loaded(cutoffs, tmp_path) -> None:
    writer = small(cutoffs=cutoffs, tied=cutoffs is None, embedding_size=24).fit(TEXT)
    again = load(save(writer, tmp_path / "m.safetensors"))
    models = [w.token_model() for w in (writer, again)]
    texts = [write_many(v, "the", count=2, length=30, sampling=Sampling()) for v in models]
    assert texts[0] == texts[1]


def test_none_by_name_is_none_whatever_the_preset_says(tmp_path) -> None:
    writer = Writer(preset="plain", hidden_sizes=[8], epochs=1, average="none", cutoffs="none")
    settings = writer.fit(TEXT).settings_
    assert settings.average is None
    assert settings.cutoffs is None
    save(writer, tmp_path / "m.st")
    again = load(tmp_path / "m.st")
    assert again.settings_ == settings
    assert again.check() == settings


def test_a_stopped_training_goes_on_to_the_same_bits(tmp_path) -> None:
    class Stop(Exception):
        pass

    class Stopping:
        left = 30

        def start(self, epochs, batches, done): ...
        def stop(self): ...
        def epoch(self, number, loss, validation): ...

        def step(self, loss, items):
            self.left -= 1
            if not self.left:
                raise Stop

    changes = {"output_dropout": 0.2, "drop_connect": 0.1, "average": 0.9, "epochs": 3}
    whole = small(**changes).fit(TEXT)
    settings = {"checkpoint": tmp_path / "run", "checkpoint_every": 1, **changes}
    with pytest.raises(Stop):
        small(progress=Stopping(), **settings).fit(TEXT)
    resumed = small(**settings).fit(TEXT)
    for one, other in zip(whole.network_.parameters(), resumed.network_.parameters(), strict=True):
        assert torch.equal(one, other)
    with pytest.raises(OptionError, match=r"is the checkpoint of another run: batches\.data"):
        small(**settings).fit(TEXT.replace("cat", "cow"))


def test_documents_of_a_line_are_read_whole_from_a_fresh_state() -> None:
    lines = Corpus.of([f"{name} sat on the mat" for name in "abcdefghijklmnopqrstuvwxyz"], "line")
    writer = small(epochs=60, learning_rate=0.02).fit(lines)
    assert writer.write("", length=40, temperature=0.1, seed=1).endswith("sat on the mat")


def test_what_is_said_of_the_text() -> None:
    writer = small(min_count=40, epochs=1).fit([TEXT, TEXT, "some other words " * 20])
    assert "2 documents" in writer.notes_[0]
    assert "1 document was there before and left out" in writer.notes_[0]
    assert "validation is the end of each document" in writer.notes_[1]
    assert "are not among the" in writer.notes_[2]


def test_samples_are_heard_after_each_epoch_and_change_nothing() -> None:
    heard: list[str] = []
    writer = small(on_sample=heard.append).fit(TEXT)
    assert len(heard) == 3
    silent = small().fit(TEXT)
    assert torch.equal(writer.network_.embedding.weight, silent.network_.embedding.weight)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"level": "chars"}, "level must be one of"),
        ({"preset": "plian"}, "preset must be one of .*did you mean 'plain'"),
        ({"epochs": 0, "tied": True}, "epochs must be .*; tied weights need the last layer"),
        ({"hidden_sizes": "8"}, "hidden_sizes must be whole numbers of at least 1, got"),
        ({"seed": -1}, "seed must be a whole number, at least 0"),
        ({"seed": "x"}, "seed must be a whole number, at least 0"),
        ({"dropout": 0.2}, "dropout acts between layers, of which there is one"),
        ({"optimizer": "admaw"}, "optimizer must be one of .*did you mean 'adamw'"),
        (
            {"proj_size": 24},
            "proj_size must be smaller than each of hidden_sizes, got",
        ),
        ({"cutoffs": [9, 4]}, r"cutoffs must be \"auto\", None or rising"),
        ({"cutoffs": [2, 4, 6]}, "3 cutoffs need at least 64 features"),
        ({"average": 1.5}, "average must be None, a decay"),
        ({"average": "non-monotone", "validation": 0.0}, "needs validation"),
    ],
)
def test_wrong_settings_are_refused_before_any_work(changes, sentence) -> None:
    with pytest.raises(OptionError, match=sentence):
        small(**changes).fit(TEXT)


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ("", "there is no text to learn from"),
        ("short", "the text to learn from has 4 tokens, expected at least 200"),
        ([3], "document 0 must be a text, got int"),
    ],
)
def test_texts_that_teach_nothing_are_refused(texts, sentence) -> None:
    with pytest.raises(DataError, match=sentence):
        small().fit(texts)


def test_one_number_is_one_layer() -> None:
    assert small(hidden_sizes=24).check() == small(hidden_sizes=[24]).check()


def test_what_has_learned_nothing_says_so() -> None:
    with pytest.raises(ValueError, match=r"has not been fitted\nhint: writer.fit"):
        small().write("a")


def test_constructor_and_settings_name_the_same_things() -> None:
    assert set(setting_names()) <= set(Writer.parameter_names())
    assert {"peephole", "layer_norm", "exponential_gating"} <= {*vars(CellOptions(1, 1))}
    assert Settings() == Settings(**{n: getattr(Settings(), n) for n in setting_names()})


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.update(format=2),
        lambda c: c.update(level="chars"),
        lambda c: c["tokens"].append(c["tokens"][3]),
        lambda c: c["tokens"].pop(),
        lambda c: c["tokens"].__setitem__(0, "x"),
        lambda c: c["network"].update(embedding_size=0),
        lambda c: c["network"].update(tied="no"),
        lambda c: c["network"].update(cutoffs=[9, 3]),
        lambda c: c["network"]["lstm"].update(bidirectional=True),
        lambda c: c["settings"].update(epochs=-1),
        lambda c: c["settings"].pop("seed"),
        lambda c: c["training"].update(losses=["much"]),
        lambda c: c["training"].update(notes=[1]),
    ],
)
def test_a_made_up_configuration_is_refused(change, fitted, tmp_path) -> None:
    sealed = read_sealed(save(fitted, tmp_path / "m.safetensors"))
    config = json.loads(json.dumps(sealed.config))
    change(config)
    path = tmp_path / "made up.safetensors"
    tensors: dict[str, Tensor] = dict(sealed.tensors)
    write_sealed(path, "writer", config, tensors)
    with pytest.raises(FileFormatError, match="made up"):
        load(path)


def test_it_can_be_looked_into_step_by_step(fitted) -> None:
    text = "the dog sat"
    run = fitted.examine(text)
    assert (run.text, run.labels) == (text, tuple(text))
    assert run.signal(0, "forget_gate").shape == (len(text), 24)
    logs = run.output
    scored = fitted.score(text)
    following = [logs[t, fitted.vocabulary_.index[c]] for t, c in enumerate(text[1:])]
    assert following == pytest.approx(scored.judged.logs[1:].tolist(), abs=1e-5)
    assert fitted.diagnose(text) is not None
    with pytest.raises(DataError, match="the text is empty"):
        fitted.examine("")


def test_pictures_are_drawn_of_it(fitted) -> None:
    from gatework import look

    assert "Embedding" in str(look.structure_diagram(fitted))
    assert "<svg" in str(look.text_chart(fitted, "the dog sat on the mat", unit=3))
