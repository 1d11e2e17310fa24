"""The recipe for a new variant of the cell, in native/README.md: every step is done for each one.

What variants there are the description of the cell tells. The tables below say by which names the
kernels know them; an option without a name, or one that a place of the recipe does not know, fails
here with the number of the step that was missed.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from gatework.cell import CellOptions
from gatework.cell.description import LSTM_CELL, CellKind, CellPart

ROOT = Path(__file__).parents[2]
NATIVE, PACKAGE, TESTS = "native/", "src/gatework/", "tests/"

IN_SHAPE = {
    "proj_size": "projection",
    "bias": "bias",
    "peephole": "peephole",
    "layer_norm": "layer_norm",
    "coupled_gates": "coupled",
    "exponential_gating": "exponential",
}
"""What a kernel decides by: options, and the members of Shape."""

IN_MASKS = {
    "recurrent_dropout": "hidden",
    "candidate_dropout": "candidate",
    "zoneout_cell": "zoneout_cell",
    "zoneout_hidden": "zoneout_hidden",
}
"""What a run draws masks for: options, and the members of Masks."""

BEFORE_A_RUN = {"drop_connect", "learned_state", "forget_bias"}
"""Options that change weights and states before a kernel sees them."""

STATES = {"hidden": "h0", "cell": "c0", "normaliser": "n0", "stabiliser": "m0"}
"""Parts of the state, and the members of Forward."""


class Names(NamedTuple):
    """What places must know: by the names of the options, and by those of the kernels."""

    options: set[str]
    weights: set[str]
    gradients: set[str]
    gates: set[str]
    states: set[str]
    native_states: set[str]
    shape: set[str]
    masks: set[str]
    told: set[str]  # members of Shape that no weight tells, so that the runtime hands them over


class Place(NamedTuple):
    """Where a step of the recipe is done: a text, and which names must be words in it."""

    step: int
    files: str
    part: str  # what the text begins with: it ends before two blank lines
    names: tuple[str, ...]
    ends: str = r"\n\n\n"


PLACES = [
    Place(1, PACKAGE + "cell/equations.py", "class Weights", ("weights",)),
    Place(1, PACKAGE + "cell/equations.py", "class Gates", ("gates",)),
    Place(1, PACKAGE + "cell/equations.py", "class CellState", ("states",)),
    Place(2, PACKAGE + "cell/options.py", "class CellOptions", ("options",)),
    Place(2, PACKAGE + "cell/description.py", "LSTM_CELL", ("weights", "gates", "states"), r"\n\)"),
    Place(3, NATIVE + "kernels.h", "struct Weights", ("weights",), "};"),
    Place(3, NATIVE + "kernels.h", "struct Shape", ("shape",), "};"),
    Place(3, NATIVE + "kernels.h", "struct Masks", ("masks",), "};"),
    Place(3, NATIVE + "kernels.h", "struct Forward", ("native_states",), "};"),
    Place(3, NATIVE + "kernels.h", "struct Backward", ("gradients",), "};"),
    Place(3, NATIVE + "packing.cpp", "", ("weights",), "$"),
    Place(4, NATIVE + "forward*", "", ("shape", "masks"), "$"),
    Place(5, NATIVE + "backward*", "", ("gradients", "told", "masks"), "$"),
    Place(6, NATIVE + "torch_*.[ch]*", "", ("weights", "shape", "masks", "native_states"), "$"),
    Place(6, PACKAGE + "kernels/arguments.py", "class Arguments", ("weights", "native_states")),
    Place(6, NATIVE + "runtime*.[ch]*", "", ("weights", "shape"), "$"),
    Place(6, PACKAGE + "_runtime.pyi", "    def add_cell", ("weights", "told"), "None: *\n"),
    Place(6, PACKAGE + "runtime/packing.py", "def _settings", ("told",)),
    Place(7, TESTS + "contracts/test_contracts_kernels.py", "ALONE", ("options",), r"\n\]"),
    Place(7, NATIVE + "check_reference.h", "class Plain", ("weights", "told"), "$"),
    Place(7, NATIVE + "check_problem.h", "", ("weights", "shape"), "$"),
]


def names_of(kind: CellKind, options: type[CellOptions], shape: Mapping[str, str]) -> Names:
    """Return what every place must know of a kind of cell."""
    weights = {part.name for part in kind.weights}
    telling = {name for part in kind.weights for name in part.when}
    states = {part.name for part in kind.state}
    return Names(
        set(options.defaults()) - {"forget_bias"},
        weights,
        {f"d{weight}" for weight in weights},
        {part.name for part in kind.gates},
        states,
        {STATES.get(state, f"{state}0") for state in states},
        set(shape.values()),
        set(IN_MASKS.values()),
        {member for option, member in shape.items() if option not in telling},
    )


def texts() -> dict[Place, str]:
    """Return the text of every place."""
    found = {}
    for place in PLACES:
        files = sorted(ROOT.glob(place.files))
        text = "\n".join(file.read_text(encoding="utf-8") for file in files)
        part = re.search(f"{place.part}.*?(?:{place.ends})", text + "\n\n\n", re.DOTALL)
        found[place] = part[0] if part else ""
    return found


def missed(names: Names, found: Mapping[Place, str]) -> list[str]:
    """Return what lacks where, with the number of the step."""
    lacking = []
    for place, text in found.items():
        # A mask is called hidden in Masks, hidden_mask in the operators.
        words = {word.removesuffix("_mask") for word in re.findall(r"\w+", text)}
        wanted = set().union(*(getattr(names, kind) for kind in place.names))
        lacking += [
            f"step {place.step}: {place.files} {place.part} lacks {name}".replace("  ", " ")
            for name in sorted(wanted - words)
        ]
    return lacking


LSTM_NAMES = names_of(LSTM_CELL, CellOptions, IN_SHAPE)


def test_every_option_has_a_name_in_the_kernels_or_acts_before_them() -> None:
    assert {*IN_SHAPE, *IN_MASKS, *BEFORE_A_RUN} == set(CellOptions.defaults())
    parts = (*LSTM_CELL.gates, *LSTM_CELL.weights, *LSTM_CELL.state, *LSTM_CELL.learned)
    assert {name for part in parts for name in (*part.when, part.unless)} - {""} <= set(
        CellOptions.defaults()
    )


def test_every_variant_went_through_every_step() -> None:
    assert missed(LSTM_NAMES, texts()) == []


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.files} {place.part}")
def test_a_place_that_was_left_out_is_told_with_its_step(place) -> None:
    lacking = missed(LSTM_NAMES, {**texts(), place: ""})
    assert lacking
    assert all(line.startswith(f"step {place.step}: {place.files}") for line in lacking)


def test_a_variant_that_is_described_alone_is_missed_in_every_other_step() -> None:
    """The recipe followed on paper: multiplicative integration, a gain for the product of both."""
    mixed = CellPart("product_gain", ("K*H",), ("multiplicative",))
    kind = replace(LSTM_CELL, weights=(*LSTM_CELL.weights, mixed))
    names = names_of(kind, CellOptions, IN_SHAPE | {"multiplicative": "multiplicative"})
    lacking = missed(names._replace(options=names.options | {"multiplicative"}), texts())
    assert {line.partition(":")[0] for line in lacking} == {f"step {n}" for n in range(1, 8)}
    assert "step 3: native/kernels.h struct Weights lacks product_gain" in lacking
    assert "step 7: tests/contracts/test_contracts_kernels.py ALONE lacks multiplicative" in lacking


def test_the_recipe_names_every_place_in_its_step() -> None:
    readme = (ROOT / "native/README.md").read_text(encoding="utf-8")
    recipe = readme.partition("## A new variant of the cell")[2].partition("\n## ")[0]
    steps = dict(enumerate(re.split(r"\n\d\. ", recipe)))
    for place in PLACES:
        name = re.split(r"[*.]", place.files.rpartition("/")[2])[0]
        assert name in steps[place.step], f"step {place.step} does not name {place.files}"


@pytest.mark.parametrize("option", [{}, *({name: True} for name in CellOptions.switches)])
def test_the_runtimes_state_is_as_large_as_described(option) -> None:
    module = pytest.importorskip("gatework._runtime", reason="the native module is not built")
    options = CellOptions(3, 5, 2, **option)
    network = module.Network32("base")
    network.add_member()
    weights = {
        part.name: np.zeros(options.shapes()[part.name], np.float32)
        for part in LSTM_CELL.weights
        if part.there(options)
    }
    switches = {IN_SHAPE[name]: True for name in option if IN_SHAPE.get(name) in LSTM_NAMES.told}
    network.add_cell(**weights, **switches)
    assert network.state_size == sum(options.state_sizes().values())
