from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from automl_text.bundle.fast_features import fast_predict
from automl_text.families.contract import RefitPlan, Sample
from automl_text.families.plain_code import ScriptInput, plain_code
from automl_text.families.registry import load_family
from automl_text.tuning.space import load_space, settings_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CASES = [
    ("logreg", {}),
    ("logreg", {"imbalance": "none", "pieces": "words"}),
    ("logreg", {"imbalance": "tempered", "imbalance_strength": 0.5}),
    ("logreg", {"imbalance": "logit_adjustment"}),
    ("logreg", {"imbalance": "oversample", "pieces": "characters_across"}),
    ("linear", {"classifier": "svm"}),
    ("linear", {"classifier": "ridge", "min_df": 2, "max_features": 30}),
    ("encoder", {}),
    ("encoder", {"columns": "vectors", "imbalance": "none"}),
    ("lightgbm", {"rounds": 6}),
    ("lightgbm", {"rounds": 6, "n_svd": 4, "imbalance": "logit_adjustment"}),
]


@pytest.mark.usefixtures("bundled_encoder")
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize(("name", "changes"), CASES)
def test_the_script_predicts_as_the_exported_model(
    name: str, changes: dict[str, Any], n_classes: int, tmp_path: Path, make_sample: Callable[..., Sample]
):
    sample, family = make_sample(n_classes), load_family(name)
    settings = settings_of(family, {**load_space(name).default_params, **changes})
    labels = [f"label {code}" for code in sample.train_codes]
    path = tmp_path / "data.csv"
    pd.DataFrame({"text": sample.train_texts, "category": labels}).to_csv(path, index=False)
    plan = RefitPlan(
        texts=sample.train_texts, labels=labels, groups=sample.train_groups, seed=7, steps=5, temperature=1.4
    )
    script = plain_code(
        settings,
        ScriptInput(
            file_name=str(path),
            text_columns=("text",),
            label_column="category",
            seed=7,
            steps=5,
            temperature=1.4,
            unlike_logit_below=0.1,
        ),
    )
    assert "automl_text" not in script
    assert 15 <= len(script.splitlines()) <= 52
    namespace: dict[str, Any] = {}
    exec(script, namespace)  # noqa: S102  (a script of ours)
    probabilities = namespace["predict_proba"](sample.test_texts)
    np.testing.assert_allclose(
        probabilities, family.refit(plan, settings).predict_proba(sample.test_texts), atol=5e-3
    )
    if name != "lightgbm":
        largest = fast_predict(family.refit(plan, settings))(sample.test_texts)[1]
        is_near = np.abs(largest - 0.1) < 0.02  # the script's own fit may differ by so much
        assert np.all((namespace["unlike_training"](sample.test_texts) == (largest < 0.1)) | is_near)


def test_several_text_columns_are_joined():
    settings = settings_of(load_family("logreg"), load_space("logreg").default_params)
    given = ScriptInput(file_name="data.csv", text_columns=("a", "b"), label_column="c", seed=0)
    assert "data[['a', 'b']].agg('\\n'.join, axis=1)" in plain_code(settings, given)


def test_a_family_without_settings_has_no_script():
    given = ScriptInput(file_name="data.csv", text_columns=("a",), label_column="c", seed=0)
    assert plain_code(load_family("majority").settings(), given) == ""


def test_an_encoder_in_a_folder_has_no_script(tiny_encoder: Path):
    assert tiny_encoder.is_dir()
    given = ScriptInput(file_name="data.csv", text_columns=("a",), label_column="c", seed=0)
    assert plain_code(settings_of(load_family("encoder"), load_space("encoder").default_params), given) == ""
