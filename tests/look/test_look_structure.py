"""The network's diagram shows the sizes, the order and the counts of the real layers."""

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import pytest
from drawings import at, drawn, of_class, of_tag, texts

from gatework.cell.summary import LayerSummary
from gatework.errors import OptionError
from gatework.look import structure_diagram
from gatework.look.network.structure import _LEAST_WIDTH


def diagram(layers, width=920.0):
    return drawn(structure_diagram(layers, width=width))


def blocks(root):
    return of_class(root, "layer")


def test_three_layers_are_a_stack_as_wide_as_their_sizes(make_layers):
    root = diagram(make_layers((128, 96, 64)))
    first, second, third, head = blocks(root)
    widths = [at(block, "width") for block in (first, second, third)]
    assert widths == pytest.approx([widths[0], widths[0] * 96 / 128, widths[0] * 64 / 128])
    tops = [at(block, "y") for block in (first, second, third, head)]
    assert tops == sorted(tops)
    dots = of_class(root, "unit")
    assert len(dots) == (128 + 96 + 64) / 4
    assert len(of_class(root, "loop")) == 3


def test_names_sizes_shapes_and_counts_are_told(make_layers):
    told = texts(diagram(make_layers((128, 64, 32))))
    assert [name for name in told if name.startswith("LSTM")] == ["LSTM 1", "LSTM 2", "LSTM 3"]
    assert [size for size in told if size.endswith("units")] == [
        "128 units",
        "64 units",
        "32 units",
    ]
    assert [size for size in told if size.endswith(("1 feature", " features"))] == [
        "input: 1 feature",
        "1 feature",
        "128 features",
        "64 features",
        "32 features",
        "1 feature",
        "output: 1 feature",
    ]
    assert {"66,560 parameters", "49,408 parameters", "12,416 parameters"} <= set(told)
    assert told.count("dropout 10%") == 2
    assert any("128,417 parameters in all" in line for line in told)


@pytest.mark.parametrize(
    "names", [("walks", "runs", "stands"), ("output 0", "output 1", "output 2")]
)
def test_what_a_model_tells_apart_is_named_below_its_output(make_layers, names):
    *recurrent, head = make_layers((8,))
    layers = [*recurrent, replace(head, output_size=3)]
    model = SimpleNamespace(layer_summary=lambda: layers, result_names=lambda: names)
    assert ("walks, runs, stands" in texts(diagram(model))) == ("walks" in names)
    model.layer_summary = lambda: [*recurrent, replace(head, output_size=774)]
    assert "walks, runs, stands" not in texts(diagram(model))  # these are others


def test_both_directions_and_options_are_told(make_layers):
    root = diagram(make_layers((8,), directions=2, options=("peephole", "layer norm")))
    told = texts(root)
    assert "peephole, layer norm" in told
    assert "8 units × 2" in told
    assert "reads both directions, 16 features leave" in told
    assert len(of_class(root, "loop")) == 2


@pytest.mark.parametrize("width", [380.0, 920.0])
@pytest.mark.parametrize(
    ("sizes", "options"),
    [((1,), ()), ((4096, 1), ("peephole",)), ((64,) * 12, tuple(f"option {k}" for k in range(9)))],
)
def test_blocks_stay_on_the_paper_and_off_each_other(make_layers, sizes, options, width):
    picture = structure_diagram(make_layers(sizes, options=options), width=width)
    root = drawn(picture)
    rects = of_tag(root, "rect")
    for rect in rects:
        left, wide = at(rect, "x"), at(rect, "width")
        assert left >= 0
        assert left + wide <= width
        assert wide >= min(_LEAST_WIDTH, 60)
    spans = [(at(r, "y"), at(r, "y") + at(r, "height")) for r in rects]
    assert all(b[0] >= a[1] for a, b in pairwise(spans))
    assert all(at(node, "y") <= picture.height for node in of_tag(root, "text"))


def test_a_layer_beside_the_others_reads_the_input(make_layers):
    lstm, head = make_layers((8,))
    beside = LayerSummary("Convolutions beside", "linear", 1, 16, 16, 1, 90, beside=True)
    layers = [lstm, beside, replace(head, input_size=24)]
    root = drawn(structure_diagram(layers, width=380))
    past = [node.get("d") or "" for node in of_tag(root, "path") if node.get("class") == "flow"][1]
    note = next(node for node in of_tag(root, "text") if node.text == "90 parameters")
    assert float(past.split("V")[1].split("H")[0]) > at(note, "y") + 3, "it joins below the note"
    picture = structure_diagram(layers)
    ways = [node.get("d") for node in of_tag(drawn(picture), "path") if node.get("class") == "flow"]
    assert len(ways) == 2, "from the input to it, and past it"
    assert "beside these, from the input: Convolutions beside" in picture.description


def test_no_layer_is_no_network():
    with pytest.raises(OptionError, match="layers must hold at least one layer"):
        structure_diagram([])
