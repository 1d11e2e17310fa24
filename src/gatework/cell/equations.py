"""The equations of the cells: the readable reference that every fast path is tested against.

Plain PyTorch, one function a variant, in the dtype of its inputs (float64 where asked).

Notation, used in code and comments alike::

    x  input          (B, I)     i  input gate   (B, H)     c  cell state    (B, H)
    h  hidden state   (B, P)     f  forget gate  (B, H)     n  normaliser    (B, H), sLSTM
    W, R, b  weights and bias    g  candidate    (B, H)     m  stabiliser    (B, H), sLSTM
    p  peephole weights          o  output gate  (B, H)     *  elementwise product

One step is: project the input, project the hidden state, add them (``a``, the pre-activations of
all gates side by side in the order input, forget, candidate, output), then one of
``lstm_gates``, ``coupled_gates`` or ``exponential_gates``, and at last ``zoneout``.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

LAYER_NORM_EPS = 1e-5


class CellState(NamedTuple):
    """What a cell hands from one step to the next.

    Shapes:
        hidden: (B, P). cell: (B, H), None for a plain RNN.
        normaliser, stabiliser: (B, H), None except with exponential gating.
    """

    hidden: Tensor
    cell: Tensor | None = None
    normaliser: Tensor | None = None
    stabiliser: Tensor | None = None


class Gates(NamedTuple):
    """The gates of one step as they were applied, each (B, H)."""

    input_gate: Tensor
    forget_gate: Tensor
    candidate: Tensor
    output_gate: Tensor


class Weights(NamedTuple):
    """The weights of one cell; None for what its options do not use. K gates.

    Shapes:
        weight_ih: (K*H, I). weight_hh: (K*H, P). bias: (K*H). weight_hr: (P, H).
        peephole: (K-1, H), a row for each gate that has one, in gate order.
        input_gain, recurrent_gain: (K*H). cell_gain, cell_shift: (H).
    """

    weight_ih: Tensor
    weight_hh: Tensor
    bias: Tensor | None = None
    weight_hr: Tensor | None = None
    peephole: Tensor | None = None
    input_gain: Tensor | None = None
    recurrent_gain: Tensor | None = None
    cell_gain: Tensor | None = None
    cell_shift: Tensor | None = None


def project_input(x: Tensor, w: Weights) -> Tensor:
    """Return the input's share of all pre-activations: ``W x + b``, or ``LN(W x) + b``.

    Shapes:
        x: (..., I), any number of steps at once. Returns (..., K*H).

    Source: layer normalisation, Ba, Kiros, Hinton 2016, arXiv:1607.06450, supplementary material,
        eq. 20. Its two shifts add up with the bias, so the bias stands for all three.
    """
    a = x @ w.weight_ih.T
    if w.input_gain is not None:
        a = functional.layer_norm(a, a.shape[-1:], w.input_gain, None, LAYER_NORM_EPS)
    return a if w.bias is None else a + w.bias


def project_hidden(h: Tensor, w: Weights, keep: Tensor | None = None) -> Tensor:
    """Return the hidden state's share of all pre-activations: ``R h``, or ``LN(R h)``.

    Shapes:
        h: (B, P). keep: (B, P), recurrent dropout's mask (0, or 1 / (1 - p)), the same at all
        steps. Returns (B, K*H).

    Source: recurrent dropout with one mask, Gal and Ghahramani 2016, arXiv:1512.05287, eq. 7;
        layer normalisation as in project_input.
    """
    a = (h if keep is None else h * keep) @ w.weight_hh.T
    if w.recurrent_gain is not None:
        a = functional.layer_norm(a, a.shape[-1:], w.recurrent_gain, None, LAYER_NORM_EPS)
    return a


def lstm_gates(a: Tensor, s: CellState, w: Weights, keep: Tensor | None) -> tuple[CellState, Gates]:
    """Advance the LSTM by one step.

    Equations:
        i = sigmoid(a_i + p_i * c')        c' is the previous cell state;
        f = sigmoid(a_f + p_f * c')        the p terms are there with peepholes only
        g = tanh(a_g)
        c = f * c' + i * g
        o = sigmoid(a_o + p_o * c)
        h = o * tanh(c)                    see read_out

    Source: Hochreiter and Schmidhuber 1997, doi 10.1162/neco.1997.9.8.1735; forget gate, Gers,
        Schmidhuber, Cummins 2000, doi 10.1162/089976600300015015; peepholes, Gers, Schraudolph,
        Schmidhuber 2002, JMLR 3, pages 115-143.
    """
    a_i, a_f, a_g, a_o = a.chunk(4, dim=-1)
    previous = _cell(s)
    p_i, p_f, p_o = (None, None, None) if w.peephole is None else w.peephole.unbind()
    i = torch.sigmoid(_peep(a_i, p_i, previous))
    f = torch.sigmoid(_peep(a_f, p_f, previous))
    g = _drop(torch.tanh(a_g), keep)
    c = f * previous + i * g
    o = torch.sigmoid(_peep(a_o, p_o, c))
    return CellState(read_out(o, c, w), c), Gates(i, f, g, o)


def coupled_gates(
    a: Tensor, s: CellState, w: Weights, keep: Tensor | None
) -> tuple[CellState, Gates]:
    """Advance the LSTM with coupled input and forget gate (CIFG) by one step.

    Equations:
        as lstm_gates, but f = 1 - i

    Source: Greff et al. 2017, arXiv:1503.04069, variant CIFG (coupled input and forget gate).
    """
    a_i, a_g, a_o = a.chunk(3, dim=-1)
    previous = _cell(s)
    p_i, p_o = (None, None) if w.peephole is None else w.peephole.unbind()
    i = torch.sigmoid(_peep(a_i, p_i, previous))
    f = 1.0 - i
    g = _drop(torch.tanh(a_g), keep)
    c = f * previous + i * g
    o = torch.sigmoid(_peep(a_o, p_o, c))
    return CellState(read_out(o, c, w), c), Gates(i, f, g, o)


def exponential_gates(
    a: Tensor, s: CellState, w: Weights, keep: Tensor | None
) -> tuple[CellState, Gates]:
    """Advance the sLSTM by one step: exponential input gate, normaliser and stabiliser.

    Equations:
        m = max(log sigmoid(a_f) + m', a_i)      only a_i while nothing is stored (n' = 0)
        i = exp(a_i - m)
        f = exp(log sigmoid(a_f) + m' - m)
        g = tanh(a_g)
        c = f * c' + i * g
        n = f * n' + i
        o = sigmoid(a_o)
        h = o * (c / n)                          c and n carry the same factor exp(-m)

    Source: Beck et al. 2024, arXiv:2405.04517, the sLSTM with its stabiliser state and, of the
        two forget gates that the paper allows, the sigmoid.
    """
    a_i, a_f, a_g, a_o = a.chunk(4, dim=-1)
    if s.normaliser is None or s.stabiliser is None:
        raise TypeError("exponential gating needs a state with a normaliser and a stabiliser")
    log_f = functional.logsigmoid(a_f) + s.stabiliser
    log_f = log_f.masked_fill(s.normaliser == 0, -torch.inf)
    m = torch.maximum(log_f, a_i)
    i = torch.exp(a_i - m)
    f = torch.exp(log_f - m)
    g = _drop(torch.tanh(a_g), keep)
    c = f * _cell(s) + i * g
    n = f * s.normaliser + i
    o = torch.sigmoid(a_o)
    return CellState(read_out_relative(o, c, n, w), c, n, m), Gates(i, f, g, o)


def read_out(o: Tensor, c: Tensor, w: Weights) -> Tensor:
    """Return the hidden state that the output gate lets out of the cell.

    Equations:
        h = o * tanh(c),  h = o * tanh(LN(c)) with layer norm,  h = R_h (o * tanh(c)) projected

    Source: layer norm, Ba et al. 2016, arXiv:1607.06450, supplementary material, eq. 22;
        projection, Sak, Senior, Beaufays 2014, arXiv:1402.1128, the recurrent projection layer.
    """
    return _project(o * torch.tanh(_normalise_cell(c, w)), w)


def read_out_relative(o: Tensor, c: Tensor, n: Tensor, w: Weights) -> Tensor:
    """Return the hidden state of an sLSTM: the cell is read relative to its normaliser.

    Equations:
        h = o * (c / n),  h = o * LN(c / n) with layer norm,  h = R_h (o * (c / n)) projected
    """
    return _project(o * _normalise_cell(c / n, w), w)


def zoneout(old: Tensor, new: Tensor, rate: Tensor | float) -> Tensor:
    """Keep some units at their previous value: ``rate * old + (1 - rate) * new``.

    ``rate`` is a mask of zeros and ones while training, and its expectation, the probability,
    afterwards.

    Source: Krueger et al. 2017, arXiv:1606.01305, zoneout on an LSTM's cell and hidden state.
    """
    return rate * old + (1.0 - rate) * new


def rnn_step(a: Tensor, nonlinearity: str) -> CellState:
    """Advance a plain recurrent network by one step: ``h = tanh(a)`` or ``h = relu(a)``.

    Source: Elman 1990, doi 10.1207/s15516709cog1402_1.
    """
    return CellState(torch.tanh(a) if nonlinearity == "tanh" else torch.relu(a))


def _cell(s: CellState) -> Tensor:
    if s.cell is None:
        raise TypeError("an LSTM cell needs a state with a cell")
    return s.cell


def _peep(a: Tensor, p: Tensor | None, c: Tensor) -> Tensor:
    return a if p is None else a + p * c


def _drop(g: Tensor, keep: Tensor | None) -> Tensor:
    # Semeniuta, Severyn, Barth 2016, arXiv:1603.05118, recurrent dropout of the LSTM: only the
    # candidate is dropped, so that what the cell already remembers is never erased.
    return g if keep is None else g * keep


def _normalise_cell(c: Tensor, w: Weights) -> Tensor:
    if w.cell_gain is None:
        return c
    return functional.layer_norm(c, c.shape[-1:], w.cell_gain, w.cell_shift, LAYER_NORM_EPS)


def _project(h: Tensor, w: Weights) -> Tensor:
    return h if w.weight_hr is None else h @ w.weight_hr.T
