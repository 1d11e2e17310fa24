"""accelerate: the numbers of torch before and after, the same weights, and an honest report."""

import copy
import io
import random
import warnings
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import gatework
from gatework.errors import OptionError
from gatework.kernels import native, path
from gatework.network.accelerate import AcceleratedLSTM, accelerate
from tolerances import EXACT, FLOAT32, FLOAT64

CONFIGURATIONS = 150


@pytest.fixture(autouse=True)
def _on_our_path(monkeypatch) -> None:
    # Also where no kernel is built, so that what is compared with torch is never torch.
    monkeypatch.setenv("GATEWORK_KERNEL", "" if native.available() else "reference")


def draw(seed: int) -> tuple[random.Random, nn.LSTM]:
    """Return a random torch.nn.LSTM, and where its randomness goes on."""
    choose = random.Random(seed)
    torch.manual_seed(seed)
    hidden = choose.randint(1, 9)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dropout in a single layer
        module = nn.LSTM(
            choose.randint(1, 7),
            hidden,
            choose.randint(1, 3),
            bias=choose.random() < 0.8,
            batch_first=choose.random() < 0.5,
            dropout=choose.choice([0.0, 0.5]),
            bidirectional=choose.random() < 0.4,
            proj_size=choose.choice([0, 0, choose.randint(0, hidden - 1)]),
            dtype=choose.choice([torch.float32, torch.float64]),
        )
    # Dropout draws in another order, so it is compared in evaluation mode.
    return choose, module.train(module.dropout == 0)


def draw_input(choose: random.Random, module: nn.LSTM):
    """Return a function from leaf tensors to the module's arguments, and the leaf tensors."""
    T, B = choose.randint(1, 9), choose.randint(1, 6)
    form = choose.choice(["batch", "single", "packed"])
    first = module.batch_first
    rows = module.num_layers * (2 if module.bidirectional else 1)
    batch = () if form == "single" else (B,)
    steps = (T,) if form == "single" else ((B, T) if first else (T, B))
    dtype = module.get_parameter("weight_ih_l0").dtype
    x = torch.randn(*steps, module.input_size, dtype=dtype)
    h = torch.randn(rows, *batch, module.proj_size or module.hidden_size, dtype=dtype)
    c = torch.randn(rows, *batch, module.hidden_size, dtype=dtype)
    lengths = [choose.randint(1, T) for _ in range(B)]
    lengths[choose.randrange(B)] = T
    ordered = choose.random() < 0.5
    with_state = choose.random() < 0.5

    def arguments(x, h, c):
        if form == "packed":
            x = pack_padded_sequence(
                x,
                sorted(lengths, reverse=True) if ordered else lengths,
                batch_first=first,
                enforce_sorted=ordered,
            )
        return (x, (h, c)) if with_state else (x,)

    return arguments, (x, h, c)


def outcome(module: nn.LSTM, arguments, leaves) -> dict[str, torch.Tensor | None]:
    """Run forward and backward; return all that came out by name, gradients included."""
    leaves = [leaf.clone().requires_grad_() for leaf in leaves]
    module.zero_grad()
    output, (h_n, c_n) = module(*arguments(*leaves))
    data = output if isinstance(output, torch.Tensor) else output.data
    parts = (data, h_n, c_n)
    # Fixed, uneven weights, so that no gradient cancels.
    together = torch.cat([part.reshape(-1) for part in parts])
    (together @ torch.linspace(-1, 1, len(together), dtype=together.dtype)).backward()
    found = dict(zip(("output", "h_n", "c_n"), parts, strict=True))
    found |= {f"d{name}": leaf.grad for name, leaf in zip("xhc", leaves, strict=True)}
    return found | {f"d{name}": weight.grad for name, weight in module.named_parameters()}


@pytest.mark.parametrize("seed", range(CONFIGURATIONS))
def test_the_numbers_of_torch_before_and_after(seed, monkeypatch) -> None:
    if seed % 5 == 0:
        monkeypatch.setenv("GATEWORK_KERNEL", "reference")
    choose, module = draw(seed)
    arguments, leaves = draw_input(choose, module)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="LSTM with projections")
        expected = outcome(module, arguments, leaves)
    assert accelerate(module).swapped == ("",)
    found = outcome(module, arguments, leaves)
    assert found.keys() == expected.keys()
    double = module.weight_ih_l0.dtype == torch.float64
    tolerance = FLOAT64 if double else FLOAT32
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, **tolerance._asdict(), msg=lambda m: m)


@pytest.mark.parametrize("seed", range(0, CONFIGURATIONS, 15))
def test_shapes_and_kinds_of_what_is_returned_are_those_of_torch(seed) -> None:
    choose, module = draw(seed)
    arguments, leaves = draw_input(choose, module)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="LSTM with projections")
        expected, theirs = module.eval()(*arguments(*leaves))
    found, ours = accelerate(module).model(*arguments(*leaves))
    assert type(found) is type(expected)
    assert type(ours) is type(theirs)
    if isinstance(expected, torch.Tensor):
        assert found.shape == expected.shape
    else:
        for part in ("batch_sizes", "sorted_indices", "unsorted_indices"):
            ours, theirs = getattr(found, part), getattr(expected, part)
            assert (ours is None) == (theirs is None)
            assert ours is None or torch.equal(ours, theirs)


class Nested(nn.Module):
    """LSTMs in every place where a model may hold one."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.LSTM(3, 4, batch_first=True)
        self.blocks = nn.ModuleList([nn.Sequential(nn.LSTM(4, 4)), nn.GRU(4, 4)])
        self.named = nn.ModuleDict({"top": nn.LSTM(4, 2, bidirectional=True)})
        self.shared = self.encoder


def test_finds_every_lstm_wherever_it_is_and_names_what_it_keeps() -> None:
    model = Nested()
    report = gatework.accelerate(model)
    assert report.model is model
    assert report.swapped == ("encoder", "blocks.0.0", "named.top")
    assert report.kept == {"blocks.1": "GRU is not torch.nn.LSTM"}
    assert str(report).splitlines() == [
        "encoder: swapped",
        "blocks.0.0: swapped",
        "named.top: swapped",
        "blocks.1: kept, GRU is not torch.nn.LSTM",
    ]
    assert model.shared is model.encoder
    assert isinstance(model.encoder, nn.LSTM)


def test_a_second_time_changes_nothing() -> None:
    model = Nested()
    first = accelerate(model)
    modules = dict(model.named_modules())
    assert accelerate(model) == first
    assert dict(model.named_modules()) == modules


def test_a_model_without_recurrent_modules_is_told_so() -> None:
    report = accelerate(nn.Linear(2, 3))
    assert (report.swapped, report.kept) == ((), {})
    assert str(report) == "no recurrent module found"
    assert str(accelerate(nn.LSTM(2, 3))) == "the model itself: swapped"


class OwnForward(nn.LSTM):
    """An LSTM that computes something else."""

    def forward(self, input, hx=None):
        return super().forward(input * 2, hx)


class Renamed(nn.LSTM):
    """A subclass that changes nothing."""


def replaced_forward() -> nn.LSTM:
    module = nn.LSTM(2, 3)
    module.forward = lambda input, hx=None: (input, hx)  # type: ignore[method-assign]
    return module


def parametrized() -> nn.Module:
    return nn.utils.parametrizations.weight_norm(nn.LSTM(2, 3), "weight_hh_l0")


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (lambda: OwnForward(2, 3), "OwnForward has a forward of its own"),
        (replaced_forward, "LSTM has a forward of its own"),
        (lambda: Renamed(2, 3), "Renamed is a subclass of torch.nn.LSTM, not that class itself"),
        (parametrized, "ParametrizedLSTM is a subclass of torch.nn.LSTM, not that class itself"),
        (
            lambda: nn.LSTM(2, 3, device="meta"),
            "its weights are float32 on meta, not float32 or float64 on the CPU",
        ),
        (
            lambda: nn.LSTM(2, 3, dtype=torch.bfloat16),
            "its weights are bfloat16 on cpu, not float32 or float64 on the CPU",
        ),
        (lambda: nn.LSTMCell(2, 3), "LSTMCell is not torch.nn.LSTM"),
    ],
)
def test_what_is_kept_and_why(build, reason) -> None:
    module = build()
    kind = type(module)
    report = accelerate(nn.Sequential(module))
    assert report.kept == {"0": reason}
    assert report.swapped == ()
    assert type(module) is kind


def test_where_torch_is_forced_nothing_is_swapped(monkeypatch) -> None:
    monkeypatch.setenv("GATEWORK_KERNEL", "torch")
    report = accelerate(nn.LSTM(2, 3))
    assert report.kept[""].startswith("torch's own operator runs it: ")


def test_takes_nothing_but_a_module() -> None:
    with pytest.raises(OptionError, match=r"takes a torch\.nn\.Module, got list"):
        accelerate([nn.LSTM(2, 3)])  # type: ignore[type-var]


def test_the_state_dict_and_the_weights_stay_the_same_objects() -> None:
    module = nn.LSTM(2, 3, num_layers=2, bidirectional=True, proj_size=2)
    names = list(module.state_dict())
    weights = list(module.parameters())
    accelerate(module)
    assert list(module.state_dict()) == names
    assert all(a is b for a, b in zip(module.parameters(), weights, strict=True))
    other = nn.LSTM(2, 3, num_layers=2, bidirectional=True, proj_size=2)
    module.load_state_dict(other.state_dict())
    x = torch.randn(5, 2, 2)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="LSTM with projections")
        expected = other(x)[0]
    torch.testing.assert_close(module(x)[0], expected, **FLOAT32._asdict())


def train(model: nn.Module, optimizer: torch.optim.Optimizer, x, swap_at: int | None) -> list:
    losses = []
    for step in range(6):
        if step == swap_at:
            accelerate(model)
        optimizer.zero_grad()
        loss = (model(x)[0] - 1.0).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_an_optimizer_made_before_goes_on_training_both_biases() -> None:
    torch.manual_seed(0)
    swapped = nn.LSTM(3, 4, num_layers=2, dtype=torch.float64)
    kept = copy.deepcopy(swapped)
    x = torch.randn(5, 2, 3, dtype=torch.float64)
    losses = train(swapped, torch.optim.Adam(swapped.parameters()), x, swap_at=3)
    expected = train(kept, torch.optim.Adam(kept.parameters()), x, swap_at=None)
    assert losses == pytest.approx(expected, rel=1e-10)
    for name, weight in kept.named_parameters():
        torch.testing.assert_close(swapped.get_parameter(name), weight, **FLOAT64._asdict())


def test_dropout_between_layers_is_drawn_while_training_only() -> None:
    module = accelerate(nn.LSTM(3, 64, num_layers=2, dropout=0.5)).model
    x = torch.randn(4, 2, 3)
    assert not torch.equal(module(x)[0], module(x)[0])
    module.eval()
    assert torch.equal(module(x)[0], module(x)[0])


def test_hooks_go_on_being_called() -> None:
    module = nn.LSTM(2, 3)
    called = []
    module.register_forward_hook(lambda *_: called.append("forward"))
    accelerate(module).model(torch.zeros(2, 1, 2))
    assert called == ["forward"]


def test_copies_and_saved_modules_stay_accelerated_and_independent() -> None:
    module = accelerate(nn.LSTM(2, 3)).model
    buffer = io.BytesIO()
    torch.save(module, buffer)
    buffer.seek(0)
    x = torch.randn(4, 1, 2)
    for twin in (copy.deepcopy(module), torch.load(buffer, weights_only=False)):
        assert type(twin) is AcceleratedLSTM
        torch.testing.assert_close(twin(x)[0], module(x)[0], **EXACT._asdict())
        with torch.no_grad():
            twin.get_parameter("weight_ih_l0").zero_()
        assert not torch.equal(twin(x)[0], module(x)[0])


def test_follows_the_model_to_another_precision() -> None:
    module = accelerate(nn.LSTM(2, 3)).model
    x = torch.randn(4, 1, 2)
    expected = module(x)[0]
    found = module.double()(x.double())[0]
    torch.testing.assert_close(found.float(), expected, **FLOAT32._asdict())
    module.bfloat16()  # torch's own way, since no kernel has it
    for learning in (True, False):
        with torch.set_grad_enabled(learning):
            half = module(x.bfloat16())[0]
        assert half.dtype == torch.bfloat16
        torch.testing.assert_close(half.float(), expected, rtol=0.05, atol=0.02)


def test_undo_gives_torch_its_class_back() -> None:
    model = Nested()
    assert accelerate(model).undo() is model
    assert type(model.encoder) is nn.LSTM
    buffer = io.BytesIO()
    torch.save(model.encoder, buffer)
    assert b"gatework" not in buffer.getvalue()


@pytest.mark.parametrize(
    "arguments",
    [
        (torch.zeros(4, 2, 5),),
        (torch.zeros(4),),
        (torch.zeros(4, 2, 3, dtype=torch.float64),),
        (torch.zeros(0, 2, 3),),
        (torch.zeros(4, 2, 3), (torch.zeros(1, 3, 4), torch.zeros(1, 2, 4))),
        (torch.zeros(4, 2, 3), (torch.zeros(2, 4), torch.zeros(2, 4))),
    ],
)
def test_mistakes_get_the_messages_of_torch(arguments) -> None:
    module = nn.LSTM(3, 4)
    with pytest.raises((RuntimeError, ValueError)) as expected:
        module(*arguments)
    accelerate(module)
    with pytest.raises(expected.type) as found:
        module(*arguments)
    assert str(found.value) == str(expected.value)


@pytest.mark.parametrize("form", ["batch", "single", "packed"])
def test_under_autocast_other_kernels_run_in_the_precision_of_the_weights(
    form, monkeypatch
) -> None:
    monkeypatch.setenv("GATEWORK_KERNEL", "base")  # which multiplies no bfloat16
    torch.manual_seed(0)
    module = accelerate(nn.LSTM(3, 8, num_layers=2)).model
    x = torch.randn(5, 3) if form == "single" else torch.randn(5, 2, 3)
    with torch.no_grad():
        start = module(x)[1]

    def run(dtype: torch.dtype) -> tuple[torch.Tensor, ...]:
        given, state = x.to(dtype), (start[0].to(dtype), start[1].to(dtype))
        if form == "packed":
            given = pack_padded_sequence(given, [4, 5], enforce_sorted=False)
        y, (h, c) = module(given, state)
        y = y if isinstance(y, torch.Tensor) else y.data
        return (y, h, c, *torch.autograd.grad(y.sum() + c.sum(), list(module.parameters())))

    expected = run(torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        found, coarse = run(torch.float32), run(torch.bfloat16)
        with torch.no_grad():
            assert module(x)[0].dtype == torch.float32
    for one, rounded, other in zip(found, coarse, expected, strict=True):
        assert torch.equal(one, other)
        torch.testing.assert_close(rounded, other, rtol=0.1, atol=0.05)


def test_compiled_as_one_graph_for_all_shapes_and_the_docs_say_how() -> None:
    torch.compiler.reset()
    module = accelerate(nn.LSTM(3, 4, batch_first=True)).model
    graphs = []

    def backend(graph, _inputs):
        graphs.append(graph)
        return graph

    # Not monkeypatch: it deletes what it set, and torch hides a deleted option for good.
    with torch._dynamo.config.patch(allow_rnn=True):
        compiled = torch.compile(module, backend=backend, fullgraph=True, dynamic=True)
        for B, T in ((2, 5), (4, 7), (3, 9)):
            x = torch.randn(B, T, 3)
            torch.testing.assert_close(compiled(x)[0], module(x)[0], **FLOAT32._asdict())
    assert len(graphs) == 1
    docs = (Path(__file__).parents[2] / "docs" / "kernels.md").read_text(encoding="utf-8")
    assert "torch._dynamo.config.allow_rnn = True" in docs


def test_pruned_weights_are_the_ones_that_run() -> None:
    from torch.nn.utils import prune

    pruned = nn.LSTM(3, 4)
    prune.random_unstructured(pruned, "weight_hh_l0", 0.5)
    x = torch.randn(5, 2, 3)
    expected = pruned(x)[0]
    torch.testing.assert_close(accelerate(pruned).model(x)[0], expected, **FLOAT32._asdict())


def test_where_no_kernel_is_there_torch_stays_and_the_reason_is_told(monkeypatch) -> None:
    monkeypatch.setenv("GATEWORK_KERNEL", "")
    monkeypatch.setattr(path, "_LOADED", native.Loaded((), "the kernels were not built"))
    report = accelerate(nn.LSTM(2, 3))
    assert report.kept == {"": "torch's own operator runs it: the kernels were not built"}


@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_a_compiled_model_with_a_swapped_network_computes_and_learns() -> None:
    torch.compiler.reset()
    model = nn.Sequential(nn.Linear(3, 3), nn.LSTM(3, 8))
    accelerate(model)
    x = torch.randn(5, 2, 3)
    output = torch.compile(model, backend="aot_eager")(x)[0]
    torch.testing.assert_close(output, model(x)[0])
    output.sum().backward()
    assert all(p.grad is not None for p in model.parameters())
