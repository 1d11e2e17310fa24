"""The language of a sentence, by its characters, on generated sentences.

Five languages that share their alphabet: 24 nouns, 16 verbs, 16 adjectives, 5 determiners and 7
prepositions of each, written down below, in sentences of the pattern "determiner adjective noun
verb preposition determiner noun", the words drawn alike and without regard to gender or case.
Accents are left out, for they would give much away. Nouns, verbs and adjectives of the test are
not those of the training: every fourth of each list is kept for it. So two things are left to go
by: the small words, and how words of a language are spelled. The second row leaves the small words
out too. Beside both stands the naive Bayes classifier of 1 to 4 neighbouring letters.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from gatework.recognize import SequenceClassifier, Sequences
from gatework.recognize.augment import TextAugmentation
from gatework.recognize.features.characters import Characters
from recognition import Row, Run, accuracy

WORDS = {
    "Dutch": (
        "huis straat boom vogel meisje jongen vriend boek tuin schip water vuur "
        "brood kaas schoen deur raam sleutel winkel vrouw dorp wolk bloem keuken",
        "loopt schrijft leest zoekt vindt ziet hoort koopt brengt draagt "
        "gooit bouwt kiest vergeet begrijpt verliest",
        "groot klein mooi lelijk oud jong rijk snel langzaam zwaar licht donker "
        "goedkoop vrolijk moeilijk vreemd",
        "de een deze mijn zijn",
        "in op met van naar voor onder",
    ),
    "English": (
        "house street tree bird girl boy friend book garden ship water fire "
        "bread cheese shoe door window key shop woman village cloud flower kitchen",
        "walks writes reads seeks finds watches hears buys brings carries "
        "throws builds chooses forgets understands loses",
        "large small lovely ugly old young wealthy quick slow heavy bright dark "
        "cheap cheerful difficult strange",
        "the a this my his",
        "in on with of to for under",
    ),
    "German": (
        "haus strasse baum vogel fraeulein junge freund buch garten schiff wasser feuer "
        "brot kaese schuh tuer fenster schluessel laden mensch dorf wolke blume kueche",
        "geht schreibt liest sucht findet sieht hoert kauft bringt traegt "
        "wirft baut waehlt vergisst versteht verliert",
        "gross klein schoen haesslich alt jung reich schnell langsam schwer leicht dunkel "
        "billig froehlich schwierig seltsam",
        "der eine dieses mein sein",
        "in auf mit von zu fuer unter",
    ),
    "Italian": (
        "casa strada albero uccello ragazza ragazzo amico libro giardino nave acqua fuoco "
        "pane formaggio scarpa porta finestra chiave negozio donna villaggio nuvola fiore cucina",
        "cammina scrive legge cerca trova guarda ascolta compra porta regge "
        "lancia costruisce sceglie dimentica capisce perde",
        "grande piccolo bello brutto vecchio giovane ricco veloce lento pesante leggero scuro "
        "economico allegro difficile strano",
        "il una questo mio suo",
        "in su con di verso per sotto",
    ),
    "Spanish": (
        "casa calle arbol pajaro muchacha muchacho amigo libro huerto barco agua fuego "
        "pan queso zapato puerta ventana llave tienda mujer pueblo nube flor cocina",
        "anda escribe lee busca encuentra mira escucha compra trae lleva "
        "lanza construye escoge olvida entiende pierde",
        "grande pequeno hermoso feo viejo joven rico rapido lento pesado ligero oscuro "
        "barato alegre dificil extrano",
        "el una este mi su",
        "en sobre con de hacia para bajo",
    ),
}
TRAINING, TEST = 4000, 1000
SETTINGS: dict[str, Any] = {
    "hidden_sizes": (64,),
    "convolutions": "none",
    "pooling": "max",
    "dropout": 0.4,
    "epochs": 20,
    "batch_size": 32,
    "learning_rate": 5e-3,
    "validation": None,
    "augment": TextAugmentation(hide=0.2, piece=0.2),
}


def sentences(
    count: int, *, unseen: bool, small_words: bool, seed: int
) -> tuple[list[str], list[str]]:
    """Return sentences and their languages; ``unseen`` of the words that are kept for the test."""
    draw = np.random.default_rng(seed)
    texts, labels = [], []
    for _ in range(count):
        language = str(draw.choice(sorted(WORDS)))
        *long, determiners, prepositions = (words.split() for words in WORDS[language])
        nouns, verbs, adjectives = (
            [word for place, word in enumerate(words) if (place % 4 == 3) == unseen]
            for words in long
        )
        parts = [adjectives, nouns, verbs, nouns]
        if small_words:
            parts = [determiners, *parts[:3], prepositions, determiners, nouns]
        texts.append(" ".join(str(draw.choice(part)) for part in parts))
        labels.append(language)
    return texts, labels


def as_sequences(texts: list[str], labels: list[str], features: Characters) -> Sequences:
    """Return texts as sequences of characters."""
    values, names = tuple(map(features, texts)), tuple(map(str, range(len(texts))))
    return Sequences(values, names, tuple(labels), "text", features, tuple(texts))


def bayes(train: tuple[list[str], list[str]], test: tuple[list[str], list[str]]) -> float:
    """Return the accuracy of naive Bayes on 1 to 4 neighbouring letters."""
    letters = CountVectorizer(analyzer="char_wb", ngram_range=(1, 4))
    return float(make_pipeline(letters, MultinomialNB()).fit(*train).score(*test))


def rows(run: Run) -> list[Row]:
    """Return a row with the small words and one without."""
    settings, found = run.few(SETTINGS), []
    for small_words, said in ((True, ""), (False, ", no small words")):
        seen = sentences(run.some(TRAINING), unseen=False, small_words=small_words, seed=1)
        new = sentences(run.some(TEST), unseen=True, small_words=small_words, seed=2)
        features = Characters.of(seen[0])
        train, test = as_sequences(*seen, features), as_sequences(*new, features)

        def fit(seed: int, train: Sequences = train, test: Sequences = test) -> float:
            return SequenceClassifier(**settings, seed=seed).fit(train).score(test)

        reached, seconds = run.each(fit)
        name = f"language of a generated sentence, by its characters{said}"
        protocol = (
            f"5 languages, {len(train):,} sentences, {len(test):,} of content words that were "
            f"never seen (naive Bayes of letters: {bayes(seen, new):.1%})"
        )
        model = SequenceClassifier(**settings)
        found.append(accuracy(name, protocol, ("documented", ""), reached, seconds, model))
    return found
