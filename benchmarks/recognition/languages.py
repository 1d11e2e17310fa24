"""The language of a sentence, by its characters, on generated sentences.

Five languages that share their alphabet, 24 nouns, 16 verbs and 16 adjectives of each written down
below, in sentences of the pattern "article adjective noun verb article noun". The words of the test
are not those of the training: every fourth word of each list is kept for it. So what is recognised
is how words of a language are spelled, not which words there are; articles are left out for the
same reason. Accents are left out, for they would give much away.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gatework.recognize import SequenceClassifier, Sequences
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
    ),
    "English": (
        "house street tree bird girl boy friend book garden ship water fire "
        "bread cheese shoe door window key shop woman village cloud flower kitchen",
        "walks writes reads seeks finds watches hears buys brings carries "
        "throws builds chooses forgets understands loses",
        "large small lovely ugly old young wealthy quick slow heavy bright dark "
        "cheap cheerful difficult strange",
    ),
    "German": (
        "haus strasse baum vogel fraeulein junge freund buch garten schiff wasser feuer "
        "brot kaese schuh tuer fenster schluessel laden mensch dorf wolke blume kueche",
        "geht schreibt liest sucht findet sieht hoert kauft bringt traegt "
        "wirft baut waehlt vergisst versteht verliert",
        "gross klein schoen haesslich alt jung reich schnell langsam schwer leicht dunkel "
        "billig froehlich schwierig seltsam",
    ),
    "Italian": (
        "casa strada albero uccello ragazza ragazzo amico libro giardino nave acqua fuoco "
        "pane formaggio scarpa porta finestra chiave negozio donna villaggio nuvola fiore cucina",
        "cammina scrive legge cerca trova guarda ascolta compra porta regge "
        "lancia costruisce sceglie dimentica capisce perde",
        "grande piccolo bello brutto vecchio giovane ricco veloce lento pesante leggero scuro "
        "economico allegro difficile strano",
    ),
    "Spanish": (
        "casa calle arbol pajaro muchacha muchacho amigo libro huerto barco agua fuego "
        "pan queso zapato puerta ventana llave tienda mujer pueblo nube flor cocina",
        "anda escribe lee busca encuentra mira escucha compra trae lleva "
        "lanza construye escoge olvida entiende pierde",
        "grande pequeno hermoso feo viejo joven rico rapido lento pesado ligero oscuro "
        "barato alegre dificil extrano",
    ),
}
TRAINING, TEST = 2000, 1000
SETTINGS: dict[str, Any] = {
    "hidden_sizes": (64,),
    "bidirectional": True,
    "pooling": "mean",
    "dropout": 0.4,
    "epochs": 12,
    "batch_size": 32,
    "learning_rate": 5e-3,
}


def sentences(count: int, *, unseen: bool, seed: int) -> tuple[list[str], list[str]]:
    """Return sentences and their languages; ``unseen`` of the words that are kept for the test."""
    draw = np.random.default_rng(seed)
    texts, labels = [], []
    for _ in range(count):
        language = str(draw.choice(sorted(WORDS)))
        lists = [words.split() for words in WORDS[language]]
        kept = [[w for n, w in enumerate(words) if (n % 4 == 3) == unseen] for words in lists]
        nouns, verbs, adjectives = kept
        parts = (adjectives, nouns, verbs, nouns)
        texts.append(" ".join(str(draw.choice(part)) for part in parts))
        labels.append(language)
    return texts, labels


def as_sequences(texts: list[str], labels: list[str], features: Characters) -> Sequences:
    """Return texts as sequences of characters."""
    values, names = tuple(map(features, texts)), tuple(map(str, range(len(texts))))
    return Sequences(values, names, tuple(labels), "text", features, tuple(texts))


def rows(run: Run) -> list[Row]:
    """Return the row of the task."""
    seen = sentences(run.some(TRAINING), unseen=False, seed=1)
    features = Characters.of(seen[0])
    train = as_sequences(*seen, features)
    test = as_sequences(*sentences(run.some(TEST), unseen=True, seed=2), features)
    settings = run.few(SETTINGS)
    reached, seconds = run.each(
        lambda seed: SequenceClassifier(**settings, seed=seed).fit(train).score(test)
    )
    name = "language of a generated sentence, by its characters"
    protocol = f"5 languages, {len(train):,} sentences, {len(test):,} of words that were never seen"
    model = SequenceClassifier(**settings)
    return [accuracy(name, protocol, ("documented", ""), reached, seconds, model)]
