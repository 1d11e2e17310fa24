"""The variants of the cell that are measured and checked, by name."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

VARIANTS: MappingProxyType[str, dict[str, Any]] = MappingProxyType(
    {
        "peephole": {"peephole": True},
        "layer norm": {"layer_norm": True},
        "coupled gates": {"coupled_gates": True},
        "exponential gating": {"exponential_gating": True},
        "recurrent dropout": {"recurrent_dropout": 0.25},
        "candidate dropout": {"candidate_dropout": 0.25},
        "cell zoneout": {"zoneout_cell": 0.1},
        "hidden zoneout": {"zoneout_hidden": 0.1},
        "DropConnect": {"drop_connect": 0.5},
        "peephole, layer norm, zoneout": {
            "peephole": True,
            "layer_norm": True,
            "zoneout_cell": 0.1,
            "zoneout_hidden": 0.1,
        },
        "coupled gates, peephole, recurrent dropout": {
            "coupled_gates": True,
            "peephole": True,
            "recurrent_dropout": 0.25,
        },
        "exponential gating, layer norm": {"exponential_gating": True, "layer_norm": True},
    }
)
"""Options of gatework.LSTM; projection, whose size depends on H, is added by ``options``."""

PROJECTION = "projection"

NAMES = (*VARIANTS, PROJECTION)


def options(name: str, hidden: int) -> dict[str, Any]:
    """Return the options of the variant ``name`` for a layer of ``hidden`` cells.

    Example:
        >>> options("projection", 64)
        {'proj_size': 32}
    """
    return {"proj_size": max(1, hidden // 2)} if name == PROJECTION else dict(VARIANTS[name])
