"""How much memory a large text takes on its way from the file to the batches and the index."""

import tracemalloc
from pathlib import Path

import pytest

from gatework.write import memorization, read_corpus, split_corpus, streams, vocabulary
from gatework.write.corpus import corpus


@pytest.mark.parametrize(
    ("level", "quote"), [("char", "'"), ("word", "'"), ("bytes", "'"), ("char", "’"), ("word", "’")]
)
def test_a_text_takes_at_most_five_times_its_size_beside_its_network(
    level, quote, tmp_path, monkeypatch
) -> None:
    for module in (corpus, memorization, streams, vocabulary):
        monkeypatch.setattr(module, "_PIECE", 4096)  # what is worked on at a time counts little
    path = Path(tmp_path, "large.txt")
    line = "It was the best of times, it was the worst of times. "
    path.write_text(line * 20_000 + f"It isn{quote}t.\n", encoding="utf-8")
    tracemalloc.start()
    try:
        split = split_corpus(read_corpus(path))
        known = vocabulary.Vocabulary.of(split.train, level)
        tokens = [known.encode(text, known.smallest_dtype) for text in split.train]
        batches = streams.TokenStreams(tokens, rows=8, steps=32, seed=1)
        batches.describe()
        for epoch in range(2):
            batches.batch(epoch, 0)
        del batches, tokens
        memorization.MemorizationIndex.of(split.train)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= 5 * path.stat().st_size
