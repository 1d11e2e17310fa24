"""``gatework write``: its commands, and the model file that stands where a command could."""

from __future__ import annotations

from gatework.cli.lazy import LazyGroup

command = LazyGroup(
    homes={
        "on": ("write.on", "Go on with a text. `gatework write MODEL` is short for it."),
        "poem": ("write.poem", "Write poems that keep a form."),
        "score": ("write.score", "Say how surprising a text is, token by token."),
        "train": ("write.train", "Learn from texts."),
    },
    otherwise="on",
    options_metavar="",
    subcommand_metavar="COMMAND | MODEL [OPTIONS]",
    help="""Write texts and poems with an LSTM that has learned from others.

    \b
    gatework write train shakespeare.txt --out bard.safetensors
    gatework write bard.safetensors --start "ROMEO:" --length 400
    gatework write score bard.safetensors --file essay.txt
    gatework write poem tang.safetensors --form qijue --acrostic 春夏秋冬
    """,
)
