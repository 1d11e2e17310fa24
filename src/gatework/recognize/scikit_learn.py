"""What scikit-learn wants to know of an estimator, to search, to cross-validate and to check."""

from __future__ import annotations

from typing import Any


def tags_of(kind: str | None) -> Any:
    """Return the tags of a "classifier", a "regressor", or of neither."""
    from sklearn.utils import ClassifierTags, InputTags, RegressorTags, Tags, TargetTags

    return Tags(
        estimator_type=kind,
        target_tags=TargetTags(required=True, multi_output=kind == "regressor"),
        classifier_tags=ClassifierTags() if kind == "classifier" else None,
        regressor_tags=RegressorTags() if kind == "regressor" else None,
        input_tags=InputTags(two_d_array=True, three_d_array=True),
    )
