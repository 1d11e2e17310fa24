"""Texts to learn from: files read, duplicates removed, parts set aside."""

from gatework.write.corpus.corpus import Corpus
from gatework.write.corpus.reading import read_corpus
from gatework.write.corpus.splitting import Split, split_corpus

__all__ = ["Corpus", "Split", "read_corpus", "split_corpus"]
