"""Dynamic evaluation: it learns from what repeats itself and leaves the network as it was."""

import math

import pytest
import torch
from torch import nn

from gatework.errors import DataError, OptionError, TrainingError
from gatework.network import LSTM
from gatework.write.scoring.dynamic import (
    DynamicEvaluation,
    gradient_squares,
    score_dynamically,
)
from gatework.write.scoring.judged import judged
from gatework.write.vocabulary import Vocabulary
from tolerances import FLOAT32

TEXT = "the rain in spain stays in the plain; " * 12
TRAINED_ON = "a text of other words, that says no more than this. "
VOCABULARY = Vocabulary.of([TEXT, TRAINED_ON])


class Plain(nn.Module):
    """A small network; its dropout shows whether it is in evaluation mode."""

    def __init__(self, lstm):
        super().__init__()
        size = len(VOCABULARY)
        self.embedding = nn.Embedding(size, 8)
        self.lstm = lstm
        self.dropout = nn.Dropout(0.5)
        self.head = nn.Linear(16, size)
        self.unused = nn.Parameter(torch.full((3,), 1 / 3))

    def forward(self, tokens, state=None):
        output, state = self.lstm(self.embedding(tokens), state)
        return self.head(self.dropout(output)), state


class Headless(Plain):
    def forward(self, tokens, state=None):
        return self.lstm(self.embedding(tokens), state)


class Steep(Plain):
    """The farther its weights are, the faster they go."""

    def forward(self, tokens, state=None):
        scores, state = super().forward(tokens, state)
        return scores * self.unused.sum() ** 9, state


@pytest.fixture(params=["torch", "gatework"])
def network(request):
    torch.manual_seed(1)
    if request.param == "torch":
        return Plain(nn.LSTM(8, 16, batch_first=True))
    return Plain(LSTM(8, 16, batch_first=True))


def plain_logs(network, text):
    network.eval()
    tokens = torch.from_numpy(VOCABULARY.encode(text))
    read = torch.cat([torch.zeros(1, dtype=torch.int64), tokens[:-1]])
    with torch.no_grad():
        logs = network(read[None])[0][0].log_softmax(-1)
    network.train()
    return judged(logs.numpy(), tokens.numpy()).logs


def weights(network):
    return {name: one.detach().clone() for name, one in network.named_parameters()}


def same(before, after):
    return all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("chunk", [1, 7, 5000])
def test_without_a_learning_rate_it_is_plain_scoring(network, chunk):
    settings = DynamicEvaluation(learning_rate=0, chunk=chunk)
    found = score_dynamically(network, VOCABULARY, TEXT, settings)
    assert found.judged.logs == pytest.approx(
        plain_logs(network, TEXT), rel=FLOAT32.rtol, abs=FLOAT32.atol
    )
    assert found.text == TEXT


def test_it_lowers_the_perplexity_of_a_text_that_repeats_itself(network):
    squares = gradient_squares(network, VOCABULARY, TRAINED_ON * 4)
    plain = score_dynamically(network, VOCABULARY, TEXT, DynamicEvaluation(learning_rate=0))
    sgd = score_dynamically(network, VOCABULARY, TEXT, DynamicEvaluation(1.0, 0.001))
    rms = score_dynamically(
        network, VOCABULARY, TEXT, DynamicEvaluation(0.02, 0.001), squares=squares
    )
    assert plain.total.perplexity > 0.8 * len(VOCABULARY)
    assert sgd.total.perplexity < 0.8 * plain.total.perplexity
    assert rms.total.perplexity < 0.8 * plain.total.perplexity
    # The first chunk is judged before anything is learned.
    for learned in (sgd, rms):
        assert learned.bits[:20] == pytest.approx(plain.bits[:20], rel=1e-5)


@pytest.mark.parametrize("rms", [False, True])
def test_the_weights_move_as_the_equations_say(rms):
    torch.manual_seed(2)
    network = Plain(nn.LSTM(8, 16, batch_first=True)).double()
    rate, decay, epsilon, chunk = 0.05, 0.3, 0.01, 6
    text = TEXT[: 3 * chunk]
    squares = gradient_squares(network, VOCABULARY, TRAINED_ON, chunk=chunk) if rms else None
    found = score_dynamically(
        network,
        VOCABULARY,
        text,
        DynamicEvaluation(rate, decay, chunk, epsilon),
        squares=squares,
    )
    network.eval()
    before = weights(network)
    everything = torch.cat([one.flatten() for one in (squares or before).values()])
    tokens = torch.from_numpy(VOCABULARY.encode(text))
    read = torch.cat([torch.zeros(1, dtype=torch.int64), tokens[:-1]])
    state, logs = None, []
    for at in range(0, len(tokens), chunk):
        network.zero_grad()
        scores, state = network(read[None, at : at + chunk], state)
        state = tuple(one.detach() for one in state)
        taken = -scores[0].log_softmax(-1)[torch.arange(chunk), tokens[at : at + chunk]]
        logs += (-taken).tolist()
        taken.mean().backward()
        with torch.no_grad():
            for name, weight in network.named_parameters():
                if weight.grad is None:
                    continue
                step, back = rate * weight.grad, torch.full_like(weight, decay)
                if squares:
                    root = squares[name].sqrt()
                    step = step / (root + epsilon)
                    back = (decay * root / everything.sqrt().mean()).clamp(max=1)
                weight += back * (before[name] - weight) - step
    assert found.judged.logs == pytest.approx(logs, rel=FLOAT32.rtol, abs=FLOAT32.atol)


def test_mean_squared_gradients_are_that():
    torch.manual_seed(3)
    network = Plain(nn.LSTM(8, 16, batch_first=True)).double()
    found = gradient_squares(network, VOCABULARY, TRAINED_ON[:10], chunk=5)
    network.eval()
    tokens = torch.from_numpy(VOCABULARY.encode(TRAINED_ON[:10]))
    read = torch.cat([torch.zeros(1, dtype=torch.int64), tokens[:-1]])
    state, sums = None, []
    for at in (0, 5):
        network.zero_grad()
        scores, state = network(read[None, at : at + 5], state)
        state = tuple(one.detach() for one in state)
        nn.functional.cross_entropy(scores[0], tokens[at : at + 5]).backward()
        grad = network.head.weight.grad
        assert grad is not None
        sums.append(grad.square())
    expected = (sums[0] + sums[1]) / 2
    assert found["head.weight"].numpy() == pytest.approx(expected.numpy(), rel=1e-4, abs=1e-12)
    assert found["unused"].tolist() == [0, 0, 0]
    assert set(found) == {name for name, _ in network.named_parameters()}


def test_the_network_is_left_as_it_was(network):
    network.lstm.eval()
    before = weights(network)
    score_dynamically(network, VOCABULARY, TEXT, DynamicEvaluation(0.5))
    gradient_squares(network, VOCABULARY, TRAINED_ON)
    assert same(before, weights(network))
    assert (network.training, network.lstm.training, network.dropout.training) == (
        True,
        False,
        True,
    )
    assert all(one.grad is None for one in network.parameters())


def test_weights_that_run_away_are_told_and_put_back(network):
    steep = Steep(network.lstm)
    before = weights(steep)
    settings = DynamicEvaluation(learning_rate=100.0, decay=0)
    with pytest.raises(TrainingError, match=r"ran away before token [\d,]+: the loss is") as told:
        score_dynamically(steep, VOCABULARY, TEXT, settings)
    assert "hint: learning_rate=10" in str(told.value)
    assert same(before, weights(steep))


def test_a_network_whose_head_stands_apart(network):
    apart = Headless(network.lstm)
    apart.load_state_dict(network.state_dict())
    settings = DynamicEvaluation(0.5, chunk=11)
    together = score_dynamically(network, VOCABULARY, TEXT, settings, with_end=True)
    found = score_dynamically(
        apart,
        VOCABULARY,
        TEXT,
        settings,
        head=lambda output: apart.head(output).log_softmax(-1),
        with_end=True,
    )
    assert found.bits == pytest.approx(together.bits, rel=FLOAT32.rtol, abs=FLOAT32.atol)
    assert len(found) == len(TEXT) + 1
    assert found.judged.tokens[-1] == 0


def test_squares_of_another_network_are_refused(network):
    squares = gradient_squares(network, VOCABULARY, TRAINED_ON)
    del squares["head.bias"]
    with pytest.raises(OptionError, match=r"squares must be .* head.bias is \(\d+,\), got none"):
        score_dynamically(network, VOCABULARY, TEXT, squares=squares)
    with pytest.raises(DataError, match="the text for the mean squared gradients is empty"):
        gradient_squares(network, VOCABULARY, "")


def test_an_empty_text_has_no_figures(network):
    found = score_dynamically(network, VOCABULARY, "")
    assert len(found) == 0
    assert math.isnan(found.total.perplexity)


def test_all_wrong_settings_are_named_at_once():
    with pytest.raises(OptionError) as caught:
        DynamicEvaluation(learning_rate=-1, decay=2, chunk=0, epsilon=float("nan"))
    for part in (
        "learning_rate must be a number from 0 to 100, got -1",
        "decay must be a number from 0 to 1, got 2",
        "epsilon must be a number from 1e-12 to 1, got nan",
        "chunk must be a whole number of at least 1, got 0",
    ):
        assert part in str(caught.value)
