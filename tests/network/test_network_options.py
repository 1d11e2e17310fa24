"""What can be asked of an LSTM, and what is refused."""

import copy

import pytest
import torch
from torch.nn.utils import prune

from gatework import LSTM, RNN
from gatework.errors import OptionError, ShapeError


def test_each_layer_has_its_own_size_and_variant() -> None:
    lstm = LSTM(
        3, [8, 6, 4], proj_size=[0, 2, 0], peephole=[True, False, False], layer_norm=[0 == 1] * 3
    )
    output, state = lstm(torch.zeros(5, 2, 3))
    assert output.shape == (5, 2, 4)
    assert [row[0].hidden.shape[1] for row in state.layers] == [8, 2, 4]
    shapes = {name: tuple(p.shape) for name, p in lstm.named_parameters()}
    assert shapes["forward_cells.0.peephole"] == (3, 8)
    assert "forward_cells.1.peephole" not in shapes
    assert shapes["forward_cells.2.weight_ih"] == (16, 2)


def test_one_number_with_num_layers_is_torchs_spelling() -> None:
    assert LSTM(3, 8, 2).hidden_sizes == (8, 8)
    assert LSTM(3, hidden_size=8, num_layers=2).hidden_sizes == (8, 8)
    assert LSTM(3, 8).hidden_sizes == (8,)


def test_one_bias_vector() -> None:
    names = [name for name, _ in LSTM(3, 8).named_parameters()]
    assert names == [
        "forward_cells.0.weight_ih",
        "forward_cells.0.weight_hh",
        "forward_cells.0.bias",
    ]


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(OptionError) as caught:
        LSTM(
            0,
            [4, 4],
            num_layers=3,
            bias=False,
            dropout=1.5,
            proj_size=[0, 4],
            peephole=True,
            coupled_gates=True,
            exponential_gating=[True, False],
            zoneout_cell=0.1,
            drop_connect=1.0,
            learned_state=1,  # type: ignore[arg-type]
            forget_bias=2.0,
            batch_first="yes",  # type: ignore[arg-type]
        )
    for part in (
        "num_layers is 3 but hidden_sizes names 2 layers",
        "dropout must be a probability from 0 to 1, got 1.5",
        "layer 0: input_size must be a whole number of at least 1, got 0",
        "layer 1: proj_size must be smaller than hidden_size, got 4 and 4",
        "layer 0: exponential_gating and peephole exclude each other",
        "layer 0: exponential_gating and coupled_gates exclude each other",
        "layer 0: exponential_gating and zoneout_cell exclude each other",
        "drop_connect must be a probability, at least 0 and below 1, got 1.0",
        "learned_state must be True or False, got 1",
        "forget_bias needs bias=True",
        "batch_first must be True or False, got 'yes'",
    ):
        assert part in str(caught.value), part


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"hidden_sizes": []}, "hidden_sizes must name 1 to 1024 layers, got 0"),
        ({"hidden_sizes": [4, 0]}, "layer 1: hidden_size must be a whole number of at least 1"),
        ({"hidden_sizes": 4.0}, r"hidden_sizes must be a whole number or a list of them, got 4\.0"),
        ({"hidden_sizes": None}, "hidden_sizes is missing"),
        ({"hidden_sizes": 4, "hidden_size": 4}, "say the same thing"),
        ({"hidden_sizes": 4, "num_layers": 0}, "num_layers must be a whole number from 1"),
        ({"hidden_sizes": [4, 4], "peephole": [True]}, "peephole must be one value or a list of 2"),
        (
            {"hidden_sizes": [4, 4], "dropout": [0.1, 0.1]},
            "dropout must be one value or a list of 1",
        ),
        (
            {"hidden_sizes": 4, "forget_bias": float("nan")},
            "forget_bias must be a number from -1000 to 1000",
        ),
        ({"hidden_sizes": 4, "forget_bias": 10**39}, "forget_bias must be a number from"),
        (
            {"hidden_sizes": [4, 1], "layer_norm": True},
            "layer 1: layer_norm needs a hidden_size of at least 2, got 1: one value has no",
        ),
        ({"hidden_sizes": 4, "proj_size": -1}, "proj_size must be 0 or a positive whole number"),
    ],
)
def test_bad_arguments_are_refused(arguments, message) -> None:
    with pytest.raises(OptionError, match=message):
        LSTM(3, **arguments)


def test_rnn_refuses_all_at_once() -> None:
    with pytest.raises(OptionError, match=r"input_size.*got 0; .*bias.*; nonlinearity must be one"):
        RNN(0, 4, nonlinearity="sin", bias=2)  # type: ignore[arg-type]


def test_dropout_in_a_single_layer_is_said_to_do_nothing() -> None:
    with pytest.warns(UserWarning, match="does nothing in a single layer"):
        LSTM(3, 4, dropout=0.5)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (torch.zeros(4), r"must have the shape \(T, B, I\), or \(T, I\) for a single sequence"),
        (
            torch.zeros(4, 2, 5),
            r"must have 3 features in its last dimension, got shape \(4, 2, 5\)",
        ),
        (
            torch.zeros(4, 2, 3).double(),
            r"the input is torch.float64 but the network's weights are",
        ),
    ],
)
def test_inputs_that_do_not_fit_are_refused(x, message) -> None:
    with pytest.raises(ShapeError, match=message):
        LSTM(3, 4)(x)


def test_an_input_that_is_no_tensor_is_refused() -> None:
    with pytest.raises(ShapeError, match="must be a tensor or a packed sequence, got list"):
        LSTM(3, 4)([[1.0, 2.0, 3.0]])  # type: ignore[call-overload]


def test_a_pruned_network_runs_with_its_pruned_weights() -> None:
    lstm = LSTM(3, 5)
    prune.l1_unstructured(lstm.cell(), "weight_hh", 0.5)
    assert (lstm.cell().run_weights().weight_hh == 0).double().mean() == 0.5
    lstm(torch.randn(4, 2, 3))[0].sum().backward()


def test_a_copied_network_computes_the_same() -> None:
    lstm = LSTM(3, [5, 4], peephole=True, learned_state=True)
    x = torch.randn(4, 2, 3)
    assert torch.equal(copy.deepcopy(lstm)(x)[0], lstm(x)[0])


@pytest.mark.filterwarnings("ignore:this LSTM runs step by step")
@pytest.mark.parametrize("options", [{}, {"layer_norm": True}, {"exponential_gating": True}])
def test_autocast_and_bfloat16_run_forward_and_backward(options) -> None:
    x = torch.randn(4, 2, 3)
    lstm = LSTM(3, [5, 4], **options)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output, state = lstm(x)
        output, _ = lstm(x, state)
    output.float().sum().backward()
    low = LSTM(3, [5, 4], dtype=torch.bfloat16, **options)
    output, _, trace = low(x.bfloat16(), trace=True)
    assert output.dtype == torch.bfloat16
    assert trace.numpy()["layer 0 forward cell"].dtype == "float32"


def test_empty_batches_and_sequences_pass_through() -> None:
    lstm = LSTM(3, [5, 4], bidirectional=True)
    assert lstm(torch.zeros(0, 2, 3))[0].shape == (0, 2, 8)
    assert lstm(torch.zeros(7, 0, 3))[0].shape == (7, 0, 8)
    state = lstm(torch.randn(3, 2, 3))[1]
    after = lstm(torch.zeros(0, 2, 3), state)[1]
    assert torch.equal(after.layers[0][1].cell, state.layers[0][1].cell)


def test_dropout_between_layers_acts_in_its_gap_only() -> None:
    torch.manual_seed(0)
    lstm = LSTM(3, [50, 40, 30], dropout=[0.0, 0.5])
    x = torch.randn(5, 4, 3)
    first, second = (lstm(x, trace=True)[2] for _ in range(2))
    assert torch.equal(first[1].hidden, second[1].hidden)
    assert not torch.equal(first[2].hidden, second[2].hidden)
    lstm.eval()
    assert torch.equal(lstm(x)[0], lstm(x)[0])


def test_same_seed_same_weights() -> None:
    torch.manual_seed(5)
    one = LSTM(3, [5, 4], peephole=True)
    torch.manual_seed(5)
    other = LSTM(3, [5, 4], peephole=True)
    for name, value in one.state_dict().items():
        assert torch.equal(value, other.state_dict()[name])


@pytest.mark.parametrize("network", [LSTM(3, [128, 64, 32]), RNN(3, [8, 4], bidirectional=True)])
def test_summary_counts_every_parameter(network) -> None:
    summary = network.layer_summary()
    assert sum(layer.parameters for layer in summary) == sum(
        p.numel() for p in network.parameters()
    )
    assert [layer.hidden_size for layer in summary] == list(network.hidden_sizes)
    assert summary[1].input_size == summary[0].output_size
    assert summary[-1].output_size == network.output_size


@pytest.mark.parametrize(
    "network",
    [
        LSTM(3, [5, 4], peephole=[True, False], dropout=0.1, forget_bias=[2.0, None]),
        LSTM(3, 5, 2, bidirectional=True, proj_size=2, bias=False, dtype=torch.float64),
        LSTM(3, [5], exponential_gating=True, layer_norm=True, learned_state=True),
        RNN(3, [5, 4], bias=[True, False], bidirectional=True, nonlinearity="relu"),
    ],
)
def test_configuration_rebuilds_the_network(network) -> None:
    import json

    config = json.loads(json.dumps(network.to_config()))
    expected = type(network).expected_tensors(config)
    found = network.state_dict()
    assert {n: (t.dtype, tuple(t.shape)) for n, t in found.items()} == expected
    again = type(network).from_config(config, found)
    assert again.to_config() == config
    x = torch.randn(4, 2, 3, dtype=next(network.parameters()).dtype)
    assert torch.equal(again.eval()(x)[0], network.eval()(x)[0])
    assert all(p.requires_grad for p in again.parameters())


def test_a_configuration_with_other_settings_is_refused() -> None:
    config = LSTM(3, 4).to_config()
    with pytest.raises(OptionError, match="the setting 'gates' is unknown"):
        LSTM.expected_tensors(config | {"gates": 3})
    del config["bias"]
    with pytest.raises(OptionError, match="the setting 'bias' is missing"):
        LSTM.expected_tensors(config)
    with pytest.raises(OptionError, match="dtype must be one of"):
        LSTM.expected_tensors(LSTM(3, 4).to_config() | {"dtype": "int8"})


def test_variational_dropout_drops_the_same_features_at_all_steps() -> None:
    torch.manual_seed(3)
    lstm = LSTM(2, [40, 8], dropout=0.5)
    lstm.variational = True
    dropped = lstm._drop(torch.ones(9, 4, 40), 0.5)
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert torch.equal(dropped, dropped[:1].expand_as(dropped))
    assert not torch.equal(dropped[:, 0], dropped[:, 1])
    lstm.eval()
    x = torch.randn(9, 4, 2)
    assert torch.equal(lstm(x)[0], lstm(x)[0])


@pytest.mark.parametrize("sizes", [(2**62, 3), (3, 2**62), (3, 10**6), (1, [2**21, 2**20])])
def test_a_network_that_no_memory_holds_is_refused_before_any_is_taken(sizes) -> None:
    with pytest.raises(OptionError, match=r"cannot be built: input_size .* weights, more than"):
        LSTM(*sizes)
