"""Plain cells in one call each: gradients, and weights that are packed once but never stale."""

import copy
import ctypes
import sys
import threading
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations, parametrize, prune
from torch.utils._python_dispatch import TorchDispatchMode

from gatework import LSTM, State, accelerate
from gatework.cell import CellState
from gatework.errors import ShapeError
from gatework.kernels import native
from tolerances import FLOAT32

pytestmark = pytest.mark.skipif(not native.available(), reason=native.why_not() or "-")

T, B, INPUTS, H = 5, 3, 4, 33


@pytest.fixture(params=["LSTM", "accelerate"])
def face(request) -> nn.Module:
    torch.manual_seed(0)
    if request.param == "LSTM":
        return LSTM(INPUTS, H).eval()
    return accelerate(nn.LSTM(INPUTS, H).eval()).model


@pytest.fixture
def x() -> Tensor:
    return torch.randn(T, B, INPUTS)


class Calls(TorchDispatchMode):
    """The names of our operators that are called."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func.namespace == "gatework":
            self.names.append(func._opname)
        return func(*args, **(kwargs or {}))


def output(face: nn.Module, x: Tensor) -> Tensor:
    with torch.no_grad():
        return face(x)[0]


def by_reference(face: nn.Module, x: Tensor, monkeypatch) -> Tensor:
    with monkeypatch.context() as patch:
        patch.setenv("GATEWORK_KERNEL", "reference")
        return output(face, x)


def recurrent(face: nn.Module) -> Tensor:
    return next(weight for name, weight in face.named_parameters() if "weight_hh" in name)


def in_place(face: nn.Module) -> None:
    with torch.no_grad():
        recurrent(face).mul_(0.5)


def through_data(face: nn.Module) -> None:
    recurrent(face).data.mul_(0.5)


def through_numpy(face: nn.Module) -> None:
    recurrent(face).detach().numpy()[:] *= 0.5


def by_address(face: nn.Module) -> None:
    weight = recurrent(face)
    values = (ctypes.c_float * weight.numel()).from_address(weight.data_ptr())
    values[weight.numel() - 1] += 0.25


def one_bit(face: nn.Module) -> None:
    recurrent(face).detach().view(torch.int32).numpy()[1, 2] ^= 1 << 22


def two_signs(face: nn.Module) -> None:
    values = recurrent(face).detach().numpy()
    values[2, 3:5] *= -1


def rows_exchanged(face: nn.Module) -> None:
    values = recurrent(face).detach().numpy()
    values[[0, 32]] = values[[32, 0]]


def loaded(face: nn.Module) -> None:
    face.load_state_dict({name: 0.5 * value for name, value in face.state_dict().items()})


def an_optimizers_step(face: nn.Module) -> None:
    torch.manual_seed(1)
    optimizer = torch.optim.SGD(face.parameters(), lr=0.5)
    face(torch.randn(T, B, INPUTS))[0].sum().backward()
    optimizer.step()


def another_tensor(face: nn.Module) -> None:
    weight = recurrent(face)
    weight.data = torch.randn_like(weight)


def a_bias(face: nn.Module) -> None:
    with torch.no_grad():
        list(face.parameters())[2].add_(0.5)


def pruned(face: nn.Module) -> None:
    module = face.cell() if isinstance(face, LSTM) else face
    prune.l1_unstructured(module, "weight_hh" if isinstance(face, LSTM) else "weight_hh_l0", 0.5)


CHANGES = (
    in_place,
    through_data,
    through_numpy,
    by_address,
    one_bit,
    two_signs,
    rows_exchanged,
    loaded,
    an_optimizers_step,
    another_tensor,
    a_bias,
    pruned,
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_weights_that_changed_are_never_stale(
    face, x, change: Callable[[nn.Module], None], monkeypatch
) -> None:
    before = output(face, x)
    assert torch.equal(output(face, x), before)
    change(face)
    after = output(face, x)
    assert not torch.equal(after, before)
    expected = by_reference(face, x, monkeypatch)
    torch.testing.assert_close(after, expected, **FLOAT32._asdict())


def test_weights_that_a_call_is_given_are_the_ones_that_run(face, x, monkeypatch) -> None:
    own = output(face, x)
    for scale in (0.5, 2.0, 1.0):
        given = {name: scale * weight for name, weight in face.named_parameters()}
        with torch.no_grad():
            found = torch.func.functional_call(face, given, (x,))[0]
        twin = copy.deepcopy(face)
        twin.load_state_dict(given)
        torch.testing.assert_close(
            found, by_reference(twin, x, monkeypatch), **FLOAT32._asdict(), msg=str(scale)
        )
    assert torch.equal(output(face, x), own)


def test_parametrized_weights_are_made_anew(x, monkeypatch) -> None:
    torch.manual_seed(0)
    lstm = LSTM(INPUTS, H).eval()
    plain = output(lstm, x)
    parametrizations.weight_norm(lstm.cell(), "weight_hh")
    torch.testing.assert_close(output(lstm, x), plain, **FLOAT32._asdict())
    with torch.no_grad():
        lstm.get_parameter("forward_cells.0.parametrizations.weight_hh.original0").mul_(0.5)
    assert not torch.allclose(output(lstm, x), plain)
    expected = by_reference(lstm, x, monkeypatch)
    torch.testing.assert_close(output(lstm, x), expected, **FLOAT32._asdict())
    parametrize.remove_parametrizations(lstm.cell(), "weight_hh")
    torch.testing.assert_close(output(lstm, x), expected, **FLOAT32._asdict())


def test_tied_weights_change_together_and_copies_do_not(face, x) -> None:
    tied = copy.deepcopy(face)
    for module, name in [(m, n) for m in tied.modules() for n in m._parameters]:
        path = next(p for p, m in tied.named_modules() if m is module)
        module._parameters[name] = face.get_submodule(path)._parameters[name]
    apart = copy.deepcopy(face)
    before = output(face, x)
    assert torch.equal(output(tied, x), before)
    assert torch.equal(output(apart, x), before)
    through_data(face)
    assert torch.equal(output(tied, x), output(face, x))
    assert torch.equal(output(apart, x), before)


def test_every_precision_and_instruction_set_has_its_own(face, x, monkeypatch) -> None:
    expected = by_reference(face, x, monkeypatch)
    for target in (*native.targets(), *native.targets()):
        monkeypatch.setenv("GATEWORK_KERNEL", target)
        torch.testing.assert_close(output(face, x), expected, **FLOAT32._asdict())
    monkeypatch.setenv("GATEWORK_KERNEL", "")
    double = output(face.double(), x.double())
    assert double.dtype == torch.float64
    torch.testing.assert_close(output(face.float(), x), double.float(), **FLOAT32._asdict())


def test_threads_that_run_networks_at_once_get_their_own_numbers(x) -> None:
    networks = [LSTM(INPUTS, H).eval() for _ in range(4)]
    shared = networks[0]
    expected = [output(network, x) for network in networks]
    wrong: list[int] = []

    def run(place: int) -> None:
        for turn in range(200):
            if place == 3 and turn % 10 == 0:  # packed anew while the others are at theirs
                networks[3].cell().weight_hh.data.mul_(1.0)
                networks[3].cell().bias.data.add_(0.5).sub_(0.5)
            chosen = shared if turn % 2 else networks[place]
            known = expected[0] if turn % 2 else expected[place]
            if not torch.allclose(output(chosen, x), known, rtol=1e-4, atol=1e-5):
                wrong.append(place)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_more_networks_than_are_kept(x) -> None:
    networks = [LSTM(INPUTS, 2).eval() for _ in range(300)]
    first = [output(network, x) for network in networks]
    again = [output(network, x) for network in networks]
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("options", [{}, {"bias": False}, {"proj_size": 2}])
def test_one_call_a_cell_with_the_bits_of_a_run_with_gradients(
    layers, bidirectional, batch_first, options
) -> None:
    torch.manual_seed(0)
    shape = {"bidirectional": bidirectional, "batch_first": batch_first, **options}
    theirs = nn.LSTM(INPUTS, 9, layers, **shape).eval()
    x = torch.randn(B, T, INPUTS) if batch_first else torch.randn(T, B, INPUTS)
    for face in (LSTM.from_torch(theirs), accelerate(theirs).model):
        wanted, start = face(x)
        again = face(x, start)[0]
        with torch.no_grad(), Calls() as calls:
            y, (h, c) = face(x)
            # A state of its own kind: LSTM's is an object, torch's a pair.
            following = face(x, start)[0]
        assert calls.names == ["lstm_inference"] * (2 * layers * (1 + bidirectional))
        for found, expected in zip((y, h, c, following), (wanted, *start, again), strict=True):
            assert found.shape == expected.shape
            assert torch.equal(found, expected)
            assert not found.requires_grad


@pytest.mark.parametrize("low_memory", [False, True])
@pytest.mark.parametrize(
    "options", [{}, {"bias": False, "batch_first": True}, {"proj_size": 2, "bidirectional": True}]
)
def test_gradients_are_those_of_the_general_way(options, low_memory) -> None:
    torch.manual_seed(0)
    lstm = LSTM(INPUTS, [9, 9], **options)
    lstm.low_memory = low_memory
    x = torch.randn(T, B, INPUTS)

    def gradients(start: State | None, **more: bool) -> list[Tensor]:
        given = x.clone().requires_grad_()
        y, state = lstm(given, start, **more)[:2]
        parts = [*state.to_tensors().values()]
        loss = y.square().sum() + sum(part.sin().sum() for part in parts)
        started = [] if start is None else [*start.to_tensors().values()]
        found = torch.autograd.grad(loss, [given, *started, *lstm.parameters()], create_graph=True)
        twice = torch.autograd.grad(found[0].square().sum(), [given, *lstm.parameters()])
        return [y, *parts, *found, *twice]

    state = lstm(x)[1].detach()
    for part in state.to_tensors().values():
        part.requires_grad_()
    for start in (None, state):
        general = gradients(start, trace=True)
        for found, expected in zip(gradients(start), general, strict=True):
            assert torch.equal(found, expected)


def test_what_has_more_to_do_takes_the_general_way(face, x) -> None:
    class Own(Tensor):
        pass

    with Calls() as calls:
        face(x)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            face(x)
        with torch.no_grad():
            torch.func.vmap(lambda x: face(x)[0], 1)(x.unsqueeze(1))
            face(x.as_subclass(Own))
            if isinstance(face, LSTM):
                face(x, lengths=[5, 2, 1])
                face(x, trace=True)
                dropping = LSTM(INPUTS, H, recurrent_dropout=0.5)
                dropping(x)
    assert set(calls.names) == {"lstm"}


def test_what_is_set_on_a_network_later_has_a_say(x) -> None:
    lstm = LSTM(INPUTS, [H, H])
    states, weights = lstm.initial_state, lstm.cell().run_weights
    later = State([[CellState(h + 1, c) for h, c, *_ in row] for row in states(B).layers])
    started, scaled = copy.deepcopy(lstm), copy.deepcopy(lstm)
    started.initial_state = lambda batch_size: later
    scaled.cell().run_weights = lambda: weights()._replace(weight_hh=lstm.cell().weight_hh * 3)
    for network in (started, scaled):
        assert torch.equal(output(network, x), network(x)[0])
        assert not torch.equal(output(network, x), output(lstm, x))
    lstm.dropout = (0.9, 0.0)
    assert not torch.equal(output(lstm, x), output(lstm, x))  # it is in training


def test_weights_that_go_back_to_what_they_were_are_not_stale(x) -> None:
    lstm = LSTM(INPUTS, 128).eval()
    row = lstm.cell().weight_hh.detach().numpy()[-1]
    before, expected, stop = row.copy(), lstm(x)[0], threading.Event()

    def write() -> None:
        while not stop.is_set():
            row[:] = before + 1
            row[:] = before

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for _ in range(50):
            stop.clear()
            writer = threading.Thread(target=write)
            writer.start()
            for _ in range(3):
                output(lstm, x)
            stop.set()
            writer.join()
            assert torch.equal(output(lstm, x), expected)
    finally:
        stop.set()
        sys.setswitchinterval(interval)


def test_mistakes_are_told_without_gradients_as_with_them(x) -> None:
    lstm = LSTM(INPUTS, H).eval()
    other = LSTM(INPUTS, H + 1).eval()(x)[1]
    for arguments in ((x[..., :3],), (x.double(),), (x, other), (x[:, :2], lstm(x)[1]), ("x",)):
        with pytest.raises(ShapeError) as expected:
            lstm(*arguments)
        with torch.no_grad(), pytest.raises(ShapeError) as found:
            lstm(*arguments)
        assert str(found.value) == str(expected.value)


def test_the_operator_keeps_to_its_schema(x) -> None:
    cell = LSTM(INPUTS, H).cell()
    weights = (cell.weight_ih.detach(), cell.weight_hh.detach(), cell.bias.detach())
    operator = torch.ops.gatework.lstm_inference.default
    arguments = (x, None, None, *weights, None, None, True, 0)
    torch.library.opcheck(operator, arguments, test_utils=("test_schema", "test_faketensor"))
    one_bias = operator(*arguments[:5], None, weights[2], None, True, 0)
    assert all(map(torch.equal, one_bias, operator(*arguments)))
    for place, wrong in ((0, x[0]), (3, weights[0][:-1]), (5, weights[2].double()), (9, 99)):
        with pytest.raises(RuntimeError):
            operator(*arguments[:place], wrong, *arguments[place + 1 :])
