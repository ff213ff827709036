"""Forms of a model other than the pickle: reading them runs no code that the file brings.

``skops`` holds scikit-learn's and LightGBM's models, rebuilt from a list of types that stands here and never in the
file. ``npz`` holds the network as arrays and JSON, rebuilt by our own builder.
"""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from automl_text.data.beside import frame_of, reads_frame
from automl_text.errors import InputError
from automl_text.results import FeatureColumn
from automl_text.results.arrays import read_arrays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from automl_text.families.contract import Estimator, Rows

_TRUSTED_TYPES = (
    "automl_text.families.encoder.features.SentenceFeatures",
    "collections.OrderedDict",
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "numpy.dtype",
)
"""What a skops file may hold beyond the types of scikit-learn and NumPy that skops itself trusts."""

_MOST_TOKENS = 1_000_000
_MOST_BYTES = 2**32
"""Of all that a file packs: a linear model of a million pieces and 100 categories has a fifth of it."""
_INSTALL = "Run: pip install 'automl-text[skops]'"


def encoder_for(kind: str) -> Callable[[Estimator], bytes] | None:
    """Return what turns an estimator into a file of ``kind`` ("skops" or "npz"); None for a pickle."""
    return {"skops": _skops_bytes, "npz": _npz_bytes}.get(kind)


def _skops_bytes(estimator: Estimator) -> bytes:
    """Return a linear model or LightGBM as a skops file.

    Raises
    ------
    InputError
        If the model is of types that we would refuse to read back, or skops is not installed.
    """
    skops = _skops()
    content: bytes = skops.dumps(estimator)
    foreign = sorted(set(skops.get_untrusted_types(data=content)) - set(_TRUSTED_TYPES))
    if foreign:
        raise InputError(
            f"--format skops holds scikit-learn and LightGBM models alone, and this one needs {', '.join(foreign)}. "
            "Use --format npz for an LSTM."
        )
    return content


def _npz_bytes(estimator: Estimator) -> bytes:
    """Return a network as arrays and JSON.

    Raises
    ------
    InputError
        If it is no network.
    """
    if not hasattr(estimator, "to_npz"):
        raise InputError("--format npz holds networks alone. Use --format skops for this family.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.npz"
        estimator.to_npz(path)
        return path.read_bytes()


def read_safe(file: str, content: bytes) -> Estimator:
    """Return the model in a skops or npz file.

    Raises
    ------
    InputError
        If the file is neither, is damaged, or holds a type that is not on our list.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sizes = {member.filename: member.file_size for member in archive.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise InputError(f"{file}: is cut off or damaged. Export it again.") from error
    if sum(sizes.values()) > _MOST_BYTES:
        raise InputError(
            f"{file}: unpacks to more than {_MOST_BYTES >> 30} GiB, which no model of ours does."
        )
    if "schema.json" in sizes:
        return _read_skops(file, content)
    if "about.npy" in sizes:
        return _read_npz(file, content)
    raise InputError(f"{file}: is a zip archive, not a model. Give a run's folder or its best_model.pkl.")


def _read_skops(file: str, content: bytes) -> Estimator:
    skops = _skops()
    try:
        foreign = sorted(set(skops.get_untrusted_types(data=content)) - set(_TRUSTED_TYPES))
        if not foreign:
            for text in _trees_in(zipfile.ZipFile(io.BytesIO(content)).read("schema.json")):
                _check_trees(text)
            model = skops.loads(content, trusted=list(_TRUSTED_TYPES))
            _check_answers(cast("Estimator", model), _checked_words(model))
            return cast("Estimator", model)
    except Exception as error:  # skops raises whatever a damaged tree leads to
        raise InputError(f"{file}: cannot be loaded ({type(error).__name__}). Export it again.") from error
    raise InputError(
        f"{file}: holds {', '.join(foreign)}, which no model of ours does. Nothing of it was run; do not trust it."
    )


def _read_npz(file: str, content: bytes) -> Estimator:
    from automl_text.families.lstm.model import LstmClassifier

    try:
        _check_arrays(read_arrays(content))
        model = LstmClassifier.from_npz(cast("str", io.BytesIO(content)))  # numpy reads an open file as well
        _check_answers(cast("Estimator", model), [str(word) for word in model.vocabulary.words])
    except InputError as error:  # another format: of what it read it knows no name
        raise InputError(f"{file}: {str(error).partition(': ')[2]}") from error
    except Exception as error:  # values that do not fit each other lead to whatever NumPy makes of them
        raise InputError(
            f"{file}: is not a network of ours ({type(error).__name__}). Export it again."
        ) from error
    return cast("Estimator", model)


def _check_arrays(arrays: dict[str, NDArray[Any]]) -> None:
    """Raise ValueError where what the file says of itself cannot be, before anything is made of it."""
    about = json.loads(str(arrays["about"]))
    n_networks = about.get("n_networks", 1)
    if type(n_networks) is not int or not 0 < n_networks <= max(len(arrays) - 1, 1):
        raise ValueError("n_networks")
    if not all(
        np.issubdtype(array.dtype, np.floating) and np.isfinite(array).all()
        for name, array in arrays.items()
        if name != "about"
    ):
        raise ValueError("a weight is no number")
    if not 0 < about.get("max_tokens", 1) <= _MOST_TOKENS or not 0 < about.get("temperature", 1) < np.inf:
        raise ValueError("a setting is out of its range")


def _trees_in(schema: bytes) -> Iterator[str]:
    """Yield each text of a skops file that LightGBM could be given as a model."""
    waiting: list[Any] = [json.loads(schema)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (dict, list)):
            waiting += node.values() if isinstance(node, dict) else node
        elif isinstance(node, str) and "Tree=" in node:
            text = json.loads(node)
            if isinstance(text, str):
                yield text


def _check_trees(text: str) -> None:
    """Raise ValueError unless all trees are whole: LightGBM would end the process, circle or read other memory."""
    content = text.encode()
    head, *blocks = content.split(b"\nTree=")
    about = dict(line.partition(b"=")[::2] for line in head.splitlines())
    place, n_features = len(head) + 1, int(about[b"max_feature_idx"]) + 1
    sizes = [int(size) for size in about[b"tree_sizes"].split()]
    n_classes = int(about[b"num_class"])
    if len(sizes) != len(blocks) or n_classes < 1 or int(about[b"num_tree_per_iteration"]) != n_classes:
        raise ValueError("trees")
    for number, (size, block) in enumerate(zip(sizes, blocks, strict=True)):
        if not content.startswith(b"Tree=%d\n" % number, place):
            raise ValueError("tree_sizes")
        place += size
        lines = block.partition(b"\n\n")[0].splitlines()[1:]
        fields = {
            name: np.array(value.split(), np.float64) for name, _, value in (x.partition(b"=") for x in lines)
        }
        if len(fields) != len(lines):
            raise ValueError("a field that is there twice")
        _check_tree({name.decode(): values for name, values in fields.items()}, n_features)


_ONCE = ("num_leaves", "num_cat", "is_linear", "shrinkage")
_OF_A_LEAF = ("leaf_value", "leaf_weight", "leaf_count")
_OF_A_SPLIT = (
    "split_feature", "split_gain", "threshold", "decision_type", "left_child", "right_child", "internal_value",
    "internal_weight", "internal_count",
)  # fmt: skip


def _check_tree(fields: dict[str, NDArray[np.float64]], n_features: int) -> None:
    """Raise ValueError unless a tree has the fields that ours have, each of its length, and leads downwards."""
    n_leaves = int(fields["num_leaves"][0])
    n_splits = n_leaves - 1
    lengths = (
        dict.fromkeys(_ONCE, 1) | dict.fromkeys(_OF_A_LEAF, n_leaves) | dict.fromkeys(_OF_A_SPLIT, n_splits)
    )
    of_one = (0, 1) if n_leaves == 1 else ()  # a tree without a split leaves out what it does not need
    wrong = [name for name, values in fields.items() if len(values) not in {lengths[name], *of_one}]
    if (
        wrong
        or n_leaves < 1
        or fields["num_cat"][0]
        or fields["is_linear"][0]
        or len(fields["leaf_value"]) != n_leaves
    ):
        raise ValueError("a tree")
    if not n_splits:
        return
    children, own = np.stack([fields["left_child"], fields["right_child"]]), np.arange(n_splits)
    is_down = np.where(children >= 0, (children > own) & (children < n_splits), children >= -n_leaves)
    columns = fields["split_feature"]
    if not (
        is_down.all() and (columns >= 0).all() and (columns < n_features).all() and len(fields["threshold"])
    ):
        raise ValueError("a tree")


def _checked_words(model: Any) -> list[str]:  # scikit-learn has no types
    """Return the words and pieces that a model of scikit-learn knows, or raise ValueError where one has no column."""
    words: list[str] = []
    steps = list(model.get_params(deep=True).values())
    for step in steps:
        for _, fitted, _ in getattr(step, "transformers_", ()):  # its params are those that were never fitted
            steps += [
                fitted,
                *(fitted.get_params(deep=True).values() if hasattr(fitted, "get_params") else ()),
            ]
        known = getattr(step, "vocabulary_", {})
        if sorted(known.values()) != list(range(len(known))):  # outside of the matrix lies other memory
            raise ValueError("a word has no column")
        words += known
    return words


def _rows_of(model: Any, texts: list[str]) -> Rows:  # scikit-learn has no types
    """Return texts as the model is given them: where it reads columns beside the text, with every cell missing."""
    if not reads_frame(model):
        return texts
    text, *beside = (str(name) for name in model.feature_names_in_)
    fitted = model.named_steps["features"].transformers_
    of_words = {name for kind, _, names in fitted if kind == "categorical" for name in names}
    columns = [
        FeatureColumn(
            name=name, kind="category" if name in of_words else "number", n_values=0, n_missing=len(texts)
        )
        for name in beside
    ]
    return frame_of(texts, dict.fromkeys(beside, [""] * len(texts)), columns, text)


def _check_answers(model: Estimator, words: Sequence[str]) -> None:
    """Raise ValueError unless the model gives probabilities for a text without words, and of its first and last."""
    texts = ["", " ".join(words[:20]), " ".join(words[-20:])]
    probability = np.asarray(model.predict_proba(_rows_of(model, texts)))
    labels = [str(label) for label in model.classes_]
    "".join(letter for label in labels for letter in label).encode()  # raises for what is no text
    is_sound = (
        probability.shape == (3, len(labels))
        and len(set(labels)) == len(labels) > 1
        and np.isfinite(probability).all()
        and np.allclose(probability.sum(axis=1), 1, atol=1e-4)
    )
    if not is_sound:
        raise ValueError("it gives no probabilities")


def _skops() -> Any:  # skops has no types
    try:
        import skops.io
    except ModuleNotFoundError as error:
        raise InputError(f"The skops format needs the package skops. {_INSTALL}") from error
    return skops.io
