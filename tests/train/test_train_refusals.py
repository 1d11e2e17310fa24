"""Arguments that are refused, all at once, before any work."""

import pytest
import torch
from torch import nn

from gatework.errors import OptionError, ShapeError
from gatework.train import MaskedLoss, ShuffledBatches, Trainer
from training import Network, flat, network, series, shuffled, trainer


def test_all_bad_arguments_are_named_at_once() -> None:
    with pytest.raises(OptionError) as caught:
        Trainer(
            network().requires_grad_(False),
            "mse",  # type: ignore[arg-type]
            epochs=0,
            optimizer="adan",
            learning_rate=-1.0,
            weight_decay=float("nan"),
            clip_norm=0.0,
            schedule="cosin",
            patience=0,
            seed=1.5,  # type: ignore[arg-type]
            checkpoint_every=5,
        )
    for part in (
        "epochs must be a whole number of at least 1, got 0",
        "optimizer must be a function or one of adam, adamw, sgd, rmsprop, got 'adan' (did you "
        "mean 'adam",
        "learning_rate must be a positive number, got -1.0",
        "weight_decay must be a number of at least 0, got nan",
        "clip_norm must be a positive number or None, got 0.0",
        "schedule must be a function or one of constant, cosine, step, exponential, plateau, "
        "one-cycle, got 'cosin' (did you mean 'cosine'?)",
        "patience must be a whole number of at least 1",
        "seed must be a whole number, got 1.5",
        "checkpoint_every needs a checkpoint path",
        "loss must be a function, got str",
        "the model has no parameters to train",
    ):
        assert part in str(caught.value), part


def test_numbers_given_as_text_are_refused() -> None:
    with pytest.raises(OptionError, match=r"got '0\.1'; clip_norm .* got 'one'"):
        trainer(network(), learning_rate="0.1", clip_norm="one")
    with pytest.raises(OptionError, match=r"optimizer must be .* got 3"):
        trainer(network(), optimizer=3)


def test_what_fit_is_given_is_checked() -> None:
    with pytest.raises(OptionError, match="patience needs validation"):
        trainer(network(), patience=3).fit(shuffled())
    with pytest.raises(OptionError) as caught:
        trainer(network()).fit(series(), 3)  # type: ignore[arg-type]
    assert "batches must be ShuffledBatches or alike, got Tensor" in str(caught.value)
    assert "validation must be batches or a function of the model, got int" in str(caught.value)


def refused(model: nn.Module, batches: ShuffledBatches, error, message: str, loss=None) -> None:
    before = flat(model).clone()
    with pytest.raises(error, match=message):
        trainer(model, loss).fit(batches)
    assert torch.equal(flat(model), before)


def test_targets_that_would_be_stretched_to_the_prediction_are_refused() -> None:
    x = series()
    batches = ShuffledBatches(x, x.squeeze(-1), batch_size=4)
    message = r"shape \(4, 20, 1\) but the targets have \(4, 20\); MSELoss compares them"
    refused(network(), batches, ShapeError, message)
    lengths = torch.full((8,), 20)
    batches = ShuffledBatches(x, x.squeeze(-1), batch_size=4, lengths=lengths)
    masked = MaskedLoss(nn.MSELoss(reduction="none"))
    refused(network(), batches, ShapeError, message, masked)


def test_a_loss_that_would_count_the_padding_is_refused() -> None:
    x = series()
    batches = ShuffledBatches(x, x, batch_size=4, lengths=torch.full((8,), 5))
    refused(network(), batches, OptionError, "the loss takes no lengths and would count the padd")


def test_a_loss_that_is_no_single_number_is_refused() -> None:
    each = nn.MSELoss(reduction="none")
    refused(network(), shuffled(), ShapeError, r"must return one number .*got \(4, 19, 1\)", each)
    refused(network(), shuffled(), ShapeError, "got float", lambda p, y: 1.0)
    message = "does not depend on the weights"
    refused(network(), shuffled(), OptionError, message, lambda p, y: torch.ones(()))


def test_a_masked_loss_needs_a_loss_of_every_step() -> None:
    with pytest.raises(OptionError, match="got one with reduction='mean'") as caught:
        MaskedLoss(nn.MSELoss())
    assert str(caught.value.hint) == 'MaskedLoss(MSELoss(reduction="none"))'


def test_a_model_that_returns_no_pair_is_refused() -> None:
    class Alone(Network):
        def forward(self, x, state=None, lengths=None):
            return super().forward(x)[0]

    torch.manual_seed(0)
    message = r"must return the pair \(prediction, state\), got Tensor"
    refused(Alone(), shuffled(batch_size=2), OptionError, message)
