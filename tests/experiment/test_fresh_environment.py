"""An exported model in an environment that holds only the packages its requirements name, and what these need."""

import re
import subprocess
import sys
from importlib.metadata import distribution

import joblib
import numpy as np
import pytest

from automl_text.bundle.write import _required_versions
from automl_text.families.contract import RefitPlan
from automl_text.families.registry import load_family
from automl_text.tuning.space import load_space, settings_of

TEXTS = ["card charged twice", "refund my card", "parcel is late", "where is my parcel"] * 6
LABELS = ["billing", "billing", "delivery", "delivery"] * 6

SCRIPT = """
import sys
sys.path[:] = [path for path in sys.path if "site-packages" not in path] + [sys.argv[1]]
import joblib
model = joblib.load(sys.argv[2])
print(*model.predict(["my card", "the parcel"]))
absent = {"automl_text", "tensorflow", "optuna", "pandas"} & set(sys.modules)
assert not absent, absent
"""


def with_what_they_need(names):
    """Return the distributions called ``names`` and all that they require, extras left out."""
    found, waiting = {}, list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = distribution(name)
        required = [line for line in found[name].requires or [] if "extra ==" not in line]
        waiting += [re.match(r"[\w.-]+", line).group() for line in required]
    return found.values()


@pytest.mark.parametrize("name", ["logreg", "linear", "lightgbm"])
def test_the_pickle_predicts_where_only_its_requirements_are_installed(name, tmp_path):
    family = load_family(name)
    space = load_space(name)
    plan = RefitPlan(texts=TEXTS, labels=LABELS, groups=np.arange(24), seed=0, steps=20)
    model = family.refit(plan, settings_of(family, space.default_params))
    joblib.dump(model, tmp_path / "model.pkl")
    packages = _required_versions(model, imported_late=family.requires)
    assert set(packages) <= {"scikit-learn", "lightgbm", "numpy", "scipy", "joblib"}
    site = tmp_path / "site"
    site.mkdir()
    for package in with_what_they_need(packages):
        for top in {file.parts[0] for file in package.files if file.parts[0] not in {"..", "__pycache__"}}:
            if not (site / top).exists():
                (site / top).symlink_to(package.locate_file(top))
    command = [sys.executable, "-I", "-W", "ignore", "-c", SCRIPT, str(site), str(tmp_path / "model.pkl")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  (ours)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["billing", "delivery"]
