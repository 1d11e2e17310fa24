"""The estimator: learns from texts, and writes in their manner."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from gatework.checks import checked, is_whole, must, one_of, refuse, wrong_fields
from gatework.errors import counted
from gatework.estimator import Estimator, Schema, takes_old_names
from gatework.train import Progress
from gatework.write.corpus import Corpus, read_corpus, split_corpus
from gatework.write.fitting import LanguageTask, fit_network, read_whole
from gatework.write.kneser_ney import count_runs
from gatework.write.memorization import MemorizationIndex
from gatework.write.model_file import FILE
from gatework.write.network import LanguageNetwork
from gatework.write.sampling import Sampling, write_many, write_on
from gatework.write.settings import PRESETS, Settings, setting_names, settled
from gatework.write.small_texts import suited, told
from gatework.write.token_models.torch import TorchTokenModel
from gatework.write.vocabulary import Vocabulary, check_level

if TYPE_CHECKING:
    from gatework.examine import Run
    from gatework.write.scoring import Score

SAMPLE_LENGTH = 200

_NAME = must("a name", lambda preset: isinstance(preset, str))
_SEED = must(
    "a whole number, at least 0 and below 2**63", lambda seed: is_whole(seed, 0, 2**63 - 1)
)


@takes_old_names
@dataclass(eq=False, repr=False)
class Writer(Estimator):
    """Learn from texts, character by character, word by word or byte by byte; write like them.

    Args:
        level: "char", "word" or "bytes".
        preset: settings by name, see gatework.write.PRESETS: "plain" for characters, "small" for
            little time, "deep", "words" for words, "verse" for short poems, "awd" and "awd-adam"
            after the AWD-LSTM, "slstm" with exponential gating.
        vocabulary_size: of the vocabulary at most; None for all tokens.
        min_count: how often a token must come to be in the vocabulary.
        validation: share of the text that is not learned from and chooses the epoch; 0 for none.
        memorization: keep the text that was learned from in the model file, so that it can be told
            what of a poem was copied: its letters, one or two bytes each.
        seed: of everything random.
        checkpoint: path of a checkpoint; a training that finds its own there goes on from it.
        checkpoint_every: steps between checkpoints, beside the one at the end of each epoch.
        progress: told how the training goes; None for silence.
        on_sample: called with a sample of what the network writes after each epoch.
        hidden_sizes, embedding_size, proj_size, tied, cutoffs, peephole, layer_norm, \
exponential_gating, dropout, input_dropout, output_dropout, embedding_dropout, \
recurrent_dropout, drop_connect, activation_penalty, change_penalty, optimizer, learning_rate, \
schedule, weight_decay, clip_norm, average, epochs, batch_size, bptt: see \
gatework.write.Settings; None takes the preset's, and "none" is for no cutoffs or no average.

    Attributes:
        network_: the LanguageNetwork, after ``fit``.
        vocabulary_: its tokens.
        settings_: those that it was trained with.
        history_: the losses of its training.
        memorization_: the MemorizationIndex, which tells what of a text was copied; None without.
        baseline_: what counting runs of tokens comes to on the validation, a NgramBaseline; None
            where there is none, and after loading.
        notes_: sentences about the text: duplicates, parts, tokens that are left out.

    Raises:
        OptionError, DataError: by ``fit``, before any work.

    Example:
        >>> writer = Writer(preset="small", hidden_sizes=[16], epochs=20)
        >>> writer = writer.fit("a rose is a rose is a rose. " * 20)
        >>> set(writer.write("a ", length=10, seed=3)) <= set("a rose is.")
        True
        >>> writer.score("a rose").total.perplexity < writer.score("esor a").total.perplexity
        True

    Source: Mikolov et al. 2010, doi 10.21437/Interspeech.2010-343, for the language model; for its
        parts see gatework.write.network.
    """

    level: str = "char"
    _: KW_ONLY
    preset: str = checked("plain", _NAME)
    vocabulary_size: int | None = None
    min_count: int = 1
    validation: float = 0.1
    memorization: bool = True
    seed: int = checked(0, _SEED)
    checkpoint: str | os.PathLike[str] | None = None
    checkpoint_every: int = 0
    progress: Progress | None = None
    on_sample: Callable[[str], None] | None = None
    hidden_sizes: int | Sequence[int] | None = None
    embedding_size: int | None = None
    proj_size: int | None = None
    tied: bool | None = None
    cutoffs: str | Sequence[int] | None = None
    peephole: bool | None = None
    layer_norm: bool | None = None
    exponential_gating: bool | None = None
    dropout: float | None = None
    input_dropout: float | None = None
    output_dropout: float | None = None
    embedding_dropout: float | None = None
    recurrent_dropout: float | None = None
    drop_connect: float | None = None
    activation_penalty: float | None = None
    change_penalty: float | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    schedule: str | None = None
    weight_decay: float | None = None
    clip_norm: float | None = None
    average: float | str | None = None
    epochs: int | None = None
    batch_size: int | None = None
    bptt: int | None = None

    file_kind: ClassVar[str] = "writer"
    FILE: ClassVar[Schema] = FILE
    RENAMED: ClassVar[Mapping[str, str]] = {
        "least": "min_count",
        "hear": "on_sample",
        "steps": "bptt",
        "novelty": "memorization",
    }
    OF_A_RUN: ClassVar[tuple[str, ...]] = (
        *("level", "vocabulary_size", "min_count", "validation", "memorization"),
        *("checkpoint", "checkpoint_every", "progress", "on_sample"),
    )
    LEARNED: ClassVar[str] = "network_"
    FIT: ClassVar[str] = "writer.fit(texts)"
    READS: ClassVar[str] = "text"
    TYPED: ClassVar[bool] = True

    def fit(
        self, texts: str | Iterable[str] | Corpus, validation: str | Iterable[str] | None = None
    ) -> Self:
        """Learn from texts.

        Args:
            texts: one text, several, or a Corpus, for instance of read_corpus.
            validation: texts that are not learned from and choose the epoch; None sets a share of
                ``texts`` aside.

        Raises:
            OptionError, DataError: when settings or texts cannot be used.
            TrainingInterrupted: after Ctrl-C, when there is a checkpoint.
        """
        settings = self.check()
        corpus = texts if isinstance(texts, Corpus) else Corpus.of(texts)
        apart = None if validation is None else Corpus.of(validation)
        train, held, notes = self._parts(corpus, apart)
        vocabulary = Vocabulary.of(
            train, self.level, size=self.vocabulary_size, min_count=self.min_count
        )
        kind = vocabulary.smallest_dtype
        encoded = [[vocabulary.encode(text, kind) for text in part] for part in (train, held)]
        notes += _unknown_words(vocabulary, encoded)
        settings, chosen = self._suited(settings, corpus.unit, *encoded)
        notes += chosen
        task = LanguageTask(settings, corpus.unit, encoded[0], encoded[1], self.seed)
        del train, held  # parts of a large text take as much memory as it does
        baseline = count_runs(encoded[0], encoded[1], len(vocabulary))
        network, history = fit_network(
            settings,
            vocabulary,
            task,
            seed=self.seed,
            checkpoint=self.checkpoint,
            checkpoint_every=self.checkpoint_every,
            progress=self.progress,
            on_epoch=None if self.on_sample is None else self._sampling(vocabulary),
        )
        del encoded, task  # the index of a large text needs their memory
        self.network_, self.history_, self.baseline_ = network, history, baseline
        self.memorization_ = None
        if self.memorization:
            self.memorization_ = MemorizationIndex.of(self._parts(corpus, apart)[0])
        self.vocabulary_, self.settings_, self.notes_ = vocabulary, settings, tuple(notes)
        return self

    def check(self) -> Settings:
        """Return the settings that ``fit`` would train with, after checking all arguments.

        Raises:
            OptionError: when they are out of range.
        """
        check_level(self.level)
        refuse(one_of(PRESETS)("preset", self.preset))
        refuse(self.problems(), "training cannot begin: ")
        return self.settled()

    def settled(self) -> Settings:
        """Return the settings that the arguments stand for, unchecked."""
        return settled(self.preset, {name: getattr(self, name) for name in setting_names()})

    def problems(self) -> list[str]:
        """Return what is wrong with settings, seed and preset, in sentences."""
        return wrong_fields(self) or self.settled().problems()

    def token_model(self) -> TorchTokenModel:
        """Return a token model on the network, for sampling, scoring and poems."""
        self.check_fitted()
        return TorchTokenModel(self.network_, self.vocabulary_)

    def voice(self) -> TorchTokenModel:
        """Return ``token_model()``, which was called so."""
        warnings.warn("Writer.voice is called token_model now", FutureWarning, stacklevel=2)
        return self.token_model()

    def write(self, start: str = "", *, length: int = 400, seed: int = 0, **sampling: Any) -> str:
        """Return how the network goes on with a text.

        Args:
            start: the beginning; "" begins a document.
            length: tokens at most.
            seed: the same seed gives the same text.
            sampling: temperature, top_k and so on, see gatework.write.Sampling.

        Raises:
            OptionError: when an argument is out of range.
        """
        return "".join(self.stream(start, length=length, seed=seed, **sampling))

    def stream(
        self, start: str = "", *, length: int = 400, seed: int = 0, **sampling: Any
    ) -> Iterator[str]:
        """Yield pieces of the same text as they are written."""
        chosen = Sampling(**sampling)
        return write_on(self.token_model(), start, length=length, sampling=chosen, seed=seed)

    def write_many(
        self, start: str = "", *, count: int, length: int = 400, seed: int = 0, **sampling: Any
    ) -> list[str]:
        """Return several ways in which the network goes on with a text."""
        chosen = Sampling(**sampling)
        return write_many(
            self.token_model(), start, count=count, length=length, sampling=chosen, seed=seed
        )

    def score(self, text: str, **options: Any) -> Score:
        """Return how surprising each token of a text is; options as for gatework.write.score."""
        from gatework.write.scoring import score

        return score(self.token_model(), text, **options)

    def read(self, path: Any) -> str:
        """Read the documents of a file or folder as one text."""
        return "\n".join(read_corpus(path).documents)

    def examine(self, data: str | None = None) -> Run:
        """Return a run over a text, to look inside: see gatework.look.

        Raises:
            NotFittedError: when nothing was learned.
            DataError: when the text is empty or has more than 20,000 tokens.
        """
        from gatework.write.introspection import run_text

        text = self._needed(data)
        return run_text(self.network_, self.vocabulary_, text)

    def _parts(
        self, corpus: Corpus, apart: Corpus | None
    ) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
        """Return the documents to learn from, those held back, and what is told of them."""
        notes = [corpus.words()]
        if apart is not None:
            return corpus.documents, apart.documents, notes
        split = split_corpus(corpus, self.validation)
        if split.validation:
            characters = sum(map(len, split.validation))
            notes.append(f"validation is {split.how}: {counted(characters, 'character')}")
        return split.train, split.validation, notes

    def _suited(
        self, settings: Settings, unit: str, train: list[np.ndarray], held: list[np.ndarray]
    ) -> tuple[Settings, list[str]]:
        """Return the settings for a text of this size, and what is told of them."""
        tokens = sum(map(len, train))
        whole = read_whole(unit, [*train, *held])
        given = {name for name in setting_names() if getattr(self, name) is not None}
        pieces = len(train) if whole else tokens // settings.bptt
        found = suited(settings, given, tokens, pieces)
        return found, told(settings, found)

    def _sampling(self, vocabulary: Vocabulary) -> Callable[[LanguageNetwork], None]:
        sampling = Sampling(temperature=0.8)

        def write_sample(network: LanguageNetwork) -> None:
            assert self.on_sample is not None
            model = TorchTokenModel(network, vocabulary)
            pieces = write_on(model, length=SAMPLE_LENGTH, sampling=sampling, seed=self.seed)
            self.on_sample("".join(pieces))

        return write_sample


def _unknown_words(vocabulary: Vocabulary, parts: Sequence[Sequence[np.ndarray]]) -> list[str]:
    """Return what is to be said of tokens that are not in the vocabulary."""
    said = []
    for name, part in zip(("text", "validation"), parts, strict=True):
        total = sum(map(len, part))
        unknown = sum(int((document == Vocabulary.UNKNOWN).sum()) for document in part)
        if unknown:
            said.append(
                f"{unknown:,} of {counted(total, 'token')} of the {name} ({unknown / total:.2%}) "
                f"{'is' if unknown == 1 else 'are'} not among the {len(vocabulary):,} of the "
                "vocabulary"
            )
    return said
