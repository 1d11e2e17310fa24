"""The native operators as torch sees them: tracing, gradients, transforms, threads, processes."""

import copy
import multiprocessing
import threading
import warnings
from typing import Any

import pytest
import torch
from torch import Tensor

from gatework import LSTM
from gatework.cell import LSTMCell
from gatework.kernels import native, native_run, path
from gatework.kernels.arguments import Arguments
from tolerances import EXACT, FLOAT32, FLOAT64, PATIENCE

pytestmark = pytest.mark.skipif(not native.available(), reason=native.why_not() or "-")

VARIANTS: list[dict[str, Any]] = [
    {},
    {"peephole": True, "layer_norm": True, "proj_size": 2},
    {"coupled_gates": True, "bias": False, "zoneout_cell": 0.2},
    {"exponential_gating": True, "layer_norm": True, "zoneout_hidden": 0.1},
]


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def operator_arguments(options: dict[str, Any], save: int, lengths: Tensor | None) -> Arguments:
    cell = LSTM(3, 5, dtype=torch.float64, **options).grid()[0][0]
    assert isinstance(cell, LSTMCell)
    x = torch.randn(4, 2, 3, dtype=torch.float64, requires_grad=True)
    state = cell.initial_state(2, x)
    weights = cell.run_weights()
    return native_run._arguments(cell, x, state, weights, (lengths, True, save, False, 0))


@pytest.mark.parametrize("options", VARIANTS)
@pytest.mark.parametrize("save", [1, 2])
def test_opcheck_passes(options, save) -> None:
    arguments = operator_arguments(options, save, torch.tensor([4, 1]))
    torch.library.opcheck(torch.ops.gatework.lstm.default, tuple(arguments))
    y, _, _, _, _, saved = torch.ops.gatework.lstm(*arguments)
    dy = torch.randn_like(y)
    detached = [v.detach() if isinstance(v, Tensor) else v for v in arguments]
    torch.library.opcheck(
        torch.ops.gatework.lstm_backward.default,
        (dy, None, None, None, None, None, y.detach(), saved.detach(), *detached, True, True),
    )
    x = torch.randn(7)
    torch.library.opcheck(torch.ops.gatework.activation.default, (x, "tanh", 0))


@pytest.mark.parametrize("options", VARIANTS)
@pytest.mark.parametrize("low_memory", [False, True])
def test_gradients_of_gradients(options, low_memory) -> None:
    lstm = LSTM(2, [4, 3], bidirectional=True, dtype=torch.float64, **options).eval()
    lstm.low_memory = low_memory
    names = [name for name, _ in lstm.named_parameters()]

    def function(x: Tensor, *weights: Tensor) -> tuple[Tensor, ...]:
        given = dict(zip(names, weights, strict=True))
        y, state = torch.func.functional_call(lstm, given, (x,), {"lengths": [3, 1]})
        return (y, *state.to_tensors().values())

    x = torch.randn(3, 2, 2, dtype=torch.float64, requires_grad=True)
    inputs = (x, *lstm.parameters())
    assert torch.autograd.gradcheck(function, inputs, fast_mode=True)
    assert torch.autograd.gradgradcheck(function, inputs, fast_mode=True)


def test_low_memory_saves_less_and_gives_the_same_bits() -> None:
    lstm = LSTM(3, 17, layer_norm=True, peephole=True)
    x = torch.randn(9, 4, 3, requires_grad=True)
    found, sizes = [], []
    for low in (False, True):
        lstm.low_memory = low
        kept: dict[int, int] = {}

        def keep(tensor: Tensor, kept: dict[int, int] = kept) -> Tensor:
            kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            y, _ = lstm(x, lengths=[9, 0, 5, 2])
        found.append(torch.autograd.grad(y.square().sum(), [x, *lstm.parameters()]))
        sizes.append(sum(kept.values()))
    assert sizes[1] < 0.4 * sizes[0]
    for whole, again in zip(*found, strict=True):
        torch.testing.assert_close(again, whole, **EXACT._asdict())


@pytest.mark.parametrize(
    ("options", "whole", "low"),
    [
        ({}, 5, 1),
        ({"coupled_gates": True, "peephole": True}, 5, 1),
        ({"exponential_gating": True}, 8, 3),
        ({"layer_norm": True}, 13, 1),
    ],
)
def test_memory_kept_is_as_documented(options, whole, low) -> None:
    """In docs/kernels.md; layer norm adds 2 (K H + 1) for each step and row, here 8 H + 2."""
    T, B, H = 6, 5, 7
    for save, numbers in ((2, whole), (1, low)):
        cell = LSTM(3, H, **options).cell()
        x = torch.zeros(T, B, 3)
        state = cell.initial_state(B, x)
        arguments = native_run._arguments(
            cell, x, state, cell.run_weights(), (None, False, save, False, 0)
        )
        saved = torch.ops.gatework.lstm(*arguments)[5]
        extra = 2 * T * B if save == 2 and "layer_norm" in options else 0
        assert saved.numel() == numbers * T * B * H + extra


@pytest.mark.parametrize("options", VARIANTS)
def test_compiled_whole_with_changing_shapes(options) -> None:
    torch.compiler.reset()
    lstm = LSTM(3, [6, 5], bidirectional=True, **options).eval()
    compiled = torch.compile(lstm, fullgraph=True, dynamic=True, backend="aot_eager")
    for T, B in ((6, 2), (9, 4)):
        x = torch.randn(T, B, 3, requires_grad=True)
        y, state = compiled(x)
        expected, expected_state = lstm(x)
        torch.testing.assert_close(y, expected, **EXACT._asdict())
        assert torch.equal(state.layers[1][1].hidden, expected_state.layers[1][1].hidden)
        gradients = torch.autograd.grad(y.square().sum(), [x, *lstm.parameters()])
        wanted = torch.autograd.grad(expected.square().sum(), [x, *lstm.parameters()])
        for found, want in zip(gradients, wanted, strict=True):
            torch.testing.assert_close(found, want, **FLOAT32._asdict())


def test_lengths_in_a_network_compiled_whole() -> None:
    torch.compiler.reset()
    lstm = LSTM(3, [6, 5], bidirectional=True)
    compiled = torch.compile(lstm, fullgraph=True, backend="aot_eager")
    x = torch.randn(5, 2, 3)
    for lengths in ([5, 2], torch.tensor([0, 4])):
        found, _ = compiled(x, lengths=lengths)
        torch.testing.assert_close(found, lstm(x, lengths=lengths)[0], **EXACT._asdict())


def test_vmap_over_batches_and_over_weights() -> None:
    lstm = LSTM(3, 5, exponential_gating=True)
    x = torch.randn(4, 6, 2, 3)
    batched = torch.func.vmap(lambda part: lstm(part)[0])(x)
    assert torch.equal(batched, torch.stack([lstm(part)[0] for part in x]))

    copies = [copy.deepcopy(lstm) for _ in range(3)]
    for number, network in enumerate(copies):
        network.cell().bias.data += number
    weights, _ = torch.func.stack_module_state(copies)

    def call(given: dict[str, Tensor]) -> Tensor:
        return torch.func.functional_call(lstm, given, (x[0],))[0]

    each = torch.func.vmap(call)(weights)
    torch.testing.assert_close(
        each, torch.stack([network(x[0])[0] for network in copies]), **FLOAT32._asdict()
    )


def test_gradients_for_each_sample() -> None:
    lstm = LSTM(3, 5)
    weights: dict[str, Tensor] = dict(lstm.named_parameters())
    x = torch.randn(4, 6, 3)

    def loss(given: dict[str, Tensor], one: Tensor) -> Tensor:
        return torch.func.functional_call(lstm, given, (one.unsqueeze(1),))[0].square().sum()

    each = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0))(weights, x)
    for row in range(len(x)):
        alone = torch.autograd.grad(loss(weights, x[row]), list(weights.values()))
        for found, want in zip(each.values(), alone, strict=True):
            torch.testing.assert_close(found[row], want, **FLOAT32._asdict())


def test_jacobians_and_hessians_by_transforms() -> None:
    lstm = LSTM(2, 3, dtype=torch.float64)
    x = torch.randn(3, 1, 2, dtype=torch.float64)

    def last(x: Tensor) -> Tensor:
        return lstm(x)[0][-1].sum()

    found = torch.func.jacrev(torch.func.grad(last))(x)
    expected = torch.autograd.functional.hessian(last, x)
    torch.testing.assert_close(found, expected, **FLOAT64._asdict())


@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")
def test_forward_mode_derivatives_take_the_reference(monkeypatch) -> None:
    monkeypatch.setattr(path, "_warned", set())
    lstm = LSTM(3, 5, dtype=torch.float64)
    x, v = torch.randn(2, 4, 2, 3, dtype=torch.float64).unbind()
    jvp: Any = torch.func.jvp
    with pytest.warns(UserWarning, match="no derivatives in forward mode"):
        _, tangent = jvp(lambda z: lstm(z)[0], (x,), (v,))
    step = 1e-6
    numeric = (lstm(x + step * v)[0] - lstm(x - step * v)[0]) / (2 * step)
    torch.testing.assert_close(tangent, numeric, rtol=1e-6, atol=1e-8)
    with torch.no_grad(), torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(x, v)
        again = torch.autograd.forward_ad.unpack_dual(lstm(dual)[0]).tangent
    torch.testing.assert_close(again, tangent, **FLOAT64._asdict())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lengths": torch.tensor([5, 1])}, r"lengths\[0\] is 5"),
        ({"lengths": torch.tensor([-1, 1])}, r"lengths\[0\] is -1"),
        ({"m0": torch.zeros(2, 5, dtype=torch.float64)}, "n0 and m0 go together"),
        ({"input_gain": torch.ones(20, dtype=torch.float64)}, "layer norm needs"),
        ({"cell_shift": torch.ones(5, dtype=torch.float64)}, "layer norm needs"),
        ({"h0": torch.zeros(3, 5, dtype=torch.float64)}, "h0 has a shape"),
        ({"weight_hh": torch.zeros(20, 5)}, "weight_hh has another dtype"),
        ({"target": 9}, "there is no target 9"),
        ({"save": 3}, "save must be 0, 1 or 2"),
        ({"bfloat16": True}, "products of bfloat16 need float32 and a processor"),
    ],
)
def test_the_operator_refuses_what_does_not_fit(change, message) -> None:
    arguments = operator_arguments({}, 0, None)._replace(**change)
    with torch.no_grad(), pytest.raises(RuntimeError, match=message):
        torch.ops.gatework.lstm(*arguments)


def test_weights_on_another_device_are_refused_while_tracing() -> None:
    arguments = operator_arguments({}, 0, None)
    there = arguments._replace(weight_hh=arguments.weight_hh.to("meta"))
    with torch.no_grad(), pytest.raises(RuntimeError, match="weight_hh is on meta, but x is on"):
        torch.ops.gatework.lstm(*there)


def test_autocast_runs_in_float32_where_bfloat16_is_not_multiplied(monkeypatch) -> None:
    monkeypatch.setenv(path.VARIABLE, "base")
    lstm = LSTM(3, 5)
    x = torch.randn(6, 2, 3)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y, _ = lstm(x.bfloat16())
        y.sum().backward()
    assert y.dtype == torch.float32
    torch.testing.assert_close(y, lstm(x.bfloat16().float())[0], **EXACT._asdict())


def everything(lstm: LSTM, x: Tensor) -> list[Tensor]:
    lstm.zero_grad()
    x = x.detach().requires_grad_()
    y, state = lstm(x)
    y.square().sum().backward()
    gradients = [x.grad, *(p.grad for p in lstm.parameters())]
    return [y, *state.to_tensors().values(), *(g.clone() for g in gradients if g is not None)]


@pytest.mark.parametrize("options", VARIANTS)
@pytest.mark.parametrize(("B", "H"), [(1, 160), (3, 130), (40, 33)])
def test_the_same_bits_on_any_number_of_threads(options, B, H) -> None:
    lstm = LSTM(40, H, **options).eval()
    x = torch.randn(60, B, 40)
    before = torch.get_num_threads()
    try:
        found = []
        for threads in (1, 2, 5):
            torch.set_num_threads(threads)
            found.append(everything(lstm, x))
    finally:
        torch.set_num_threads(before)
    for other in found[1:]:
        for one, two in zip(found[0], other, strict=True):
            assert torch.equal(one, two)


@pytest.mark.parametrize("options", VARIANTS)
def test_the_same_bits_whatever_rows_stand_beside(options) -> None:
    lstm = LSTM(3, [19, 8], bidirectional=True, **options).eval()
    x = torch.randn(8, 13, 3)
    together, state = lstm(x)
    for row in (0, 5, 12):
        alone, alone_state = lstm(x[:, [row]])
        assert torch.equal(alone, together[:, [row]])
        assert torch.equal(alone_state.layers[1][0].cell, state.layers[1][0].cell[[row]])
    few, _ = lstm(x[:, 3:9])
    assert torch.equal(few, together[:, 3:9])


@pytest.mark.parametrize("flushed", [False, True])
def test_the_callers_mode_for_denormals_is_restored(flushed) -> None:
    tiny = torch.tensor([1e-40])
    torch.set_flush_denormal(flushed)
    try:
        LSTM(3, 8)(torch.randn(4, 2, 3))[0].sum().backward()
        assert ((tiny * 1.0).item() == 0.0) == flushed
    finally:
        torch.set_flush_denormal(False)


def test_denormals_are_flushed_inside() -> None:
    lstm = LSTM(1, 4)
    for parameter in lstm.parameters():
        parameter.data.zero_()
    lstm.cell().bias.data.fill_(30.0)  # f = i = o = 1, so that h = tanh(c) = c for such a c
    lstm.cell().bias.data[8:12] = 1e-39
    assert (lstm(torch.zeros(1, 1, 1))[0] == 0).all()


def test_concurrent_calls_from_python_threads() -> None:
    lstm = LSTM(3, 33, layer_norm=True)
    inputs = [torch.randn(20, 5, 3) for _ in range(6)]
    expected = [lstm(x)[0] for x in inputs]
    wrong: list[int] = []

    def work(number: int) -> None:
        for _ in range(20):
            y, _ = lstm(inputs[number])
            torch.autograd.grad(y.sum(), list(lstm.parameters()))
            if not torch.equal(y, expected[number]):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def child(lstm: LSTM, x: Tensor, queue: Any, threads: int, gradients: bool) -> None:
    if threads:
        torch.set_num_threads(threads)
    with warnings.catch_warnings(record=True) as caught, torch.set_grad_enabled(gradients):
        warnings.simplefilter("always")
        found = lstm(x)[0].detach().numpy()
    queue.put((found, [str(one.message) for one in caught]))


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
@pytest.mark.parametrize(("threads", "gradients"), [(0, True), (0, False), (1, True)])
def test_a_forked_process_computes_after_its_parent_did(threads: int, gradients: bool) -> None:
    lstm = LSTM(3, 64)
    x = torch.randn(50, 32, 3)
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        expected = lstm(x)[0].detach()
        context = multiprocessing.get_context("fork")
        queue = context.Queue()
        process = context.Process(target=child, args=(lstm, x, queue, threads, gradients))
        process.start()
        found, said = queue.get(timeout=PATIENCE)
        process.join(timeout=PATIENCE)
    finally:
        torch.set_num_threads(before)
    assert torch.equal(torch.from_numpy(found), expected)
    assert len(said) == (not threads)
    assert all("forked from one with 3 threads of torch" in one for one in said)


class Rows(torch.utils.data.Dataset):
    """Outputs of a network, computed wherever a row is asked for."""

    def __init__(self, lstm: LSTM, x: Tensor) -> None:
        self.lstm, self.x = lstm, x

    def __len__(self) -> int:
        return self.x.shape[1]

    def __getitem__(self, row: int) -> Tensor:
        with torch.no_grad():
            return self.lstm(self.x[:, [row]])[0]


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_workers_of_a_data_loader_compute() -> None:
    lstm = LSTM(3, 8)
    x = torch.randn(5, 4, 3)
    loader = torch.utils.data.DataLoader(Rows(lstm, x), batch_size=None, num_workers=2)
    assert torch.equal(torch.cat(list(loader), dim=1), lstm(x)[0])
