"""The language model: its loss, its dropout, its heads, against plain torch."""

import pytest
import torch
from torch.nn import functional

from gatework.network import LSTM
from gatework.write.network import LanguageNetwork, Rates


def network(**options) -> LanguageNetwork:
    torch.manual_seed(0)
    lstm = LSTM(16, [12, 16], batch_first=True, dtype=torch.float64)
    return LanguageNetwork(30, 16, lstm, **options).double()


TOKENS = torch.arange(24).reshape(2, 12) % 30
TARGETS = (TOKENS + 1) % 30


@pytest.mark.parametrize("options", [{}, {"tied": True}, {"cutoffs": (6, 15)}])
def test_the_loss_is_minus_the_mean_log_probability(options) -> None:
    model = network(**options).eval()
    output, _ = model(TOKENS)
    logs = model.log_probabilities(output)
    assert torch.allclose(logs.exp().sum(-1), torch.ones(2, 12, dtype=torch.float64))
    expected = -logs.gather(-1, TARGETS.unsqueeze(-1)).mean()
    assert torch.allclose(model.loss(output, TARGETS), expected)


def test_padding_is_no_part_of_the_loss_of_documents() -> None:
    model = network().eval()
    lengths = torch.tensor([12, 5])
    output, _ = model(TOKENS, None, lengths)
    found = model.loss_of_documents(output, TARGETS, lengths)
    logs = model.log_probabilities(output).gather(-1, TARGETS.unsqueeze(-1)).squeeze(-1)
    expected = -(logs[0].sum() + logs[1, :5].sum()) / 17
    assert torch.allclose(found, expected)


def test_tied_weights_are_one_tensor_and_both_uses_reach_its_gradient() -> None:
    model = network(tied=True)
    assert "head.weight" not in dict(model.named_parameters())
    output, _ = model(TOKENS[:, :1])
    model.loss(output, TARGETS[:, :1]).backward()
    assert model.embedding.weight.grad is not None
    assert (model.embedding.weight.grad.abs().sum(1) > 0).all()  # the head's use reaches all


def test_dropout_of_the_output_has_one_mask_for_all_steps() -> None:
    model = network(rates=Rates(output=0.5)).train()
    dropped = model._drop(torch.ones(3, 7, 16, dtype=torch.float64), 0.5)
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))
    assert set(dropped.unique().tolist()) == {0.0, 2.0}


def test_embedding_dropout_takes_tokens_away_wherever_they_come() -> None:
    model = network(rates=Rates(embedding=0.5)).train()
    seen = []
    model.lstm.register_forward_pre_hook(lambda module, given: seen.append(given[0].detach()))
    model(torch.tensor([[3, 4, 3, 5, 4, 3]]))
    x = seen[0][0]
    assert torch.equal(x[0], x[2])
    assert torch.equal(x[0], x[5])
    assert torch.equal(x[1], x[4])
    whole = functional.embedding(torch.tensor([3, 4, 5]), model.embedding.weight)
    for row, full in zip((x[0], x[1], x[3]), whole, strict=True):
        assert torch.allclose(row, 2 * full) or not row.any()


def test_the_penalties_are_those_of_the_paper_and_act_while_training_only() -> None:
    plain, held = network(), network(rates=Rates(activation=2.0, change=3.0))
    output, _ = held(TOKENS)
    change = (output[:, 1:] - output[:, :-1]).square().mean()
    expected = plain.train().loss(output, TARGETS) + 2 * output.square().mean() + 3 * change
    assert torch.allclose(held.train().loss(output, TARGETS), expected)
    assert torch.allclose(held.eval().loss(output, TARGETS), plain.loss(output, TARGETS))


def test_the_change_over_padding_is_not_penalised() -> None:
    model = network(rates=Rates(change=1.0)).train()
    plain = network().train()
    lengths = torch.tensor([12, 5])
    output, _ = plain(TOKENS, None, lengths)
    change = (output[:, 1:] - output[:, :-1]).square()
    expected = torch.cat([change[0], change[1, :4]]).mean()
    found = model.loss_of_documents(output, TARGETS, lengths) - plain.loss_of_documents(
        output, TARGETS, lengths
    )
    assert torch.allclose(found, expected)
