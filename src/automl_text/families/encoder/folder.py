"""What an encoder's folder says of itself, as sentence-transformers, model2vec and a bare ONNX export write it.

What cannot be honoured is refused by name; nothing is half read. Of a folder only the files of its `Recipe` are read,
and its digest covers each of them.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from automl_text.errors import InputError
from automl_text.files import read_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

MODEL, TOKENIZER, _WEIGHTS = "model.onnx", "tokenizer.json", "model.safetensors"
MODEL_PLACES = (MODEL, f"onnx/{MODEL}")
"""Where a folder or a repository keeps its model; the first that is there is taken."""
_MAX_TOKENS = 512
"""A longer text is read in pieces: what attention takes grows with the square of this."""
_BARE_TOKENS = 256
"""Where nothing is said."""
_LIMITS = {".json": 2**27, ".safetensors": 2**32, ".onnx": 2**31}
"""Bytes that a file may have, by its ending."""

Pooling = Literal["cls", "max", "mean", "mean_sqrt_len", "weightedmean", "lasttoken"]
_POOLINGS: dict[str, Pooling] = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
"""In the order in which sentence-transformers joins them, where there are several."""
_ACTIVATIONS = ("Identity", "Tanh", "ReLU", "Sigmoid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dense:
    """A layer behind the pooling."""

    weights: str
    """A safetensors file."""
    activation: str
    """One of `_ACTIVATIONS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How texts become vectors; whatever stands here, each vector is scaled to length 1 at the end."""

    kind: Literal["onnx", "static"]
    model: str
    tokenizer: str
    settings: tuple[str, ...] = ()
    """Files that were read to know the rest."""
    pooling: tuple[Pooling, ...] = ("mean",)
    after: tuple[Dense | Literal["normalize"], ...] = ()
    """What follows the pooling, in its order."""
    max_tokens: int = _BARE_TOKENS
    prompt: str = ""
    """What stands before every text."""
    pools_prompt: bool = True
    """Whether the tokens of the prompt have a share in the vector."""
    is_lower: bool = False
    """Whether texts are put into lower case."""

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that is read, the model and the tokenizer first."""
        dense = tuple(each.weights for each in self.after if isinstance(each, Dense))
        return (self.model, self.tokenizer, *dense, *self.settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderFiles:
    """The files of an encoder: those of a folder, or contents that a model brings with it."""

    folder: Path
    content: Mapping[str, bytes] | None = None

    def has(self, name: str) -> bool:
        """Return whether there is such a file; unlike `Path.is_file`, also for a name that is too long."""
        return os.path.isfile(self.folder / name) if self.content is None else name in self.content  # noqa: PTH113

    def read(self, name: str) -> bytes:
        """Return the content of a file.

        Raises
        ------
        InputError
            If it cannot be read, or is larger than any real one.
        """
        if self.content is not None:
            return self.content[name]
        path = self.folder / name
        try:
            size = path.stat().st_size
            if size > _LIMITS.get(path.suffix, 0):
                raise InputError(f"{path}: has {size:,} bytes, more than an encoder's file may have.")
            return read_whole(path)
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}).") from error

    def json(self, name: str) -> Any:  # what a file of settings holds
        """Return what a file of settings holds.

        Raises
        ------
        InputError
            If it is no JSON.
        """
        return parsed(self.read(name), f"{self.folder / name}")


def parsed(content: bytes, place: str) -> Any:  # what JSON holds
    """Return what a JSON file holds.

    Raises
    ------
    InputError
        If it is no JSON.
    """
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: is no JSON. Fetch the encoder again.") from error


class Files(Protocol):
    """Where an encoder's files are read from: a folder, a repository, or a model's inside."""

    @property
    def folder(self) -> Path:
        """What stands before a file's name in a refusal."""

    def has(self, name: str) -> bool:
        """Return whether there is such a file."""

    def json(self, name: str) -> Any:  # what a file of settings holds
        """Return what a file of settings holds."""


def read_recipe(files: Files) -> Recipe:
    """Return how the encoder turns texts into vectors.

    Raises
    ------
    InputError
        If a file is missing, or asks for something that is not done here.
    """
    reader = _Reader(files)
    if files.has("modules.json"):
        return reader.modules()
    model = next((place for place in MODEL_PLACES if files.has(place)), None)
    may_be_static = model is None and files.has(_WEIGHTS) and files.has(TOKENIZER)
    if may_be_static and reader.settings("config.json").get("model_type") == "model2vec":
        return Recipe(kind="static", model=_WEIGHTS, tokenizer=TOKENIZER, settings=tuple(reader.seen))
    missing = (MODEL,) * (model is None) + (TOKENIZER,) * (not files.has(TOKENIZER))
    if missing:
        raise InputError(
            f"The encoder folder {files.folder} lacks {' and '.join(missing)}; it must hold {MODEL} and {TOKENIZER}."
        )
    return reader.transformer(str(model), TOKENIZER, "", "1_Pooling", ())


class _Reader:
    """Reads settings, and remembers which files it read."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.seen: list[str] = []

    def settings(self, name: str) -> dict[str, Any]:
        """Return the object in a file; an empty one where there is none."""
        if not self._files.has(name):
            return {}
        self.seen.append(name)
        content = self._files.json(name)
        if not isinstance(content, dict):
            raise self._refusal(name, "holds no settings")
        return content

    def modules(self) -> Recipe:
        """Return what modules.json says."""
        self.seen.append("modules.json")
        listed = self._files.json("modules.json")
        if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
            raise self._refusal("modules.json", "holds no list of modules")
        modules = [
            (str(each.get("type", "")).rpartition(".")[2], str(each.get("path", ""))) for each in listed
        ]
        kinds, paths = [kind for kind, _ in modules], [path for _, path in modules]
        if not all(_is_inside(path) for path in paths):
            raise self._refusal("modules.json", "names a path outside the folder")
        after = tuple(self._after(kind, path) for kind, path in modules[1 + (kinds[:1] == ["Transformer"]) :])
        if kinds[:1] == ["StaticEmbedding"]:
            model, tokenizer = (self._found(name, paths[0]) for name in (_WEIGHTS, TOKENIZER))
            return Recipe(
                kind="static", model=model, tokenizer=tokenizer, settings=tuple(self.seen), after=after
            )
        if kinds[:2] != ["Transformer", "Pooling"]:
            raise self._refusal(
                "modules.json",
                f"lists {', '.join(kinds) or 'nothing'}; it must begin with "
                "Transformer and Pooling, or with StaticEmbedding",
            )
        model = self._found(MODEL, paths[0])
        return self.transformer(model, self._found(TOKENIZER, paths[0]), paths[0], paths[1], after)

    def transformer(
        self,
        model: str,
        tokenizer: str,
        path: str,
        pooling: str,
        after: tuple[Dense | Literal["normalize"], ...],
    ) -> Recipe:
        """Return the recipe of a transformer, with the settings that stand beside it."""
        said = self.settings(_joined(path, "sentence_bert_config.json"))
        longest = said.get("max_seq_length")
        is_said = isinstance(longest, int) and longest > 2  # noqa: PLR2004  (special tokens alone are two)
        max_tokens = min(int(longest or 0), _MAX_TOKENS) if is_said else _BARE_TOKENS
        modes, pools_prompt = self._pooling(_joined(pooling, "config.json"))
        return Recipe(
            kind="onnx",
            model=model,
            tokenizer=tokenizer,
            pooling=modes,
            after=after,
            max_tokens=max_tokens,
            prompt=self._prompt(),
            pools_prompt=pools_prompt,
            is_lower=bool(said.get("do_lower_case")),
            settings=tuple(self.seen),
        )

    def _pooling(self, name: str) -> tuple[tuple[Pooling, ...], bool]:
        """Return how the vectors of tokens become one."""
        said = self.settings(name)
        asked = {key for key, value in said.items() if key.startswith("pooling_mode_") and value is True}
        if isinstance(said.get("pooling_mode"), str):
            short = {mode: key for key, mode in _POOLINGS.items()}
            asked.add(short.get(said["pooling_mode"], said["pooling_mode"]))
        unknown = sorted(asked - _POOLINGS.keys())
        if unknown:
            raise self._refusal(name, f"asks for {', '.join(unknown)}, which is not done here")
        modes = tuple(mode for key, mode in _POOLINGS.items() if key in asked)
        return modes or ("mean",), said.get("include_prompt") is not False

    def _prompt(self) -> str:
        """Return what stands before a text: the default prompt, or the one for classification."""
        name = "config_sentence_transformers.json"
        said = self.settings(name)
        prompts = said.get("prompts")
        prompts = prompts if isinstance(prompts, dict) else {}
        default = said.get("default_prompt_name")
        is_named = isinstance(default, str) and isinstance(prompts.get(default), str)
        if default is not None and not is_named:
            raise self._refusal(name, f"names the prompt {default!r}, which it does not hold")
        for_classes = next((key for key in prompts if key.lower() == "classification"), None)
        return str(prompts.get(default or for_classes, ""))

    def _after(self, kind: str, path: str) -> Dense | Literal["normalize"]:
        """Return what a module behind the first ones does."""
        if kind == "Normalize":
            return "normalize"
        if kind != "Dense":
            raise self._refusal(
                "modules.json", f"asks for {kind or 'a module without a type'}, which is not done here"
            )
        name = _joined(path, "config.json")
        said = self.settings(name)
        activation = str(said.get("activation_function", "")).rpartition(".")[2]
        others = {said.get(f"module_{end}_name") for end in ("input", "output")} - {
            None,
            "sentence_embedding",
        }
        if activation not in _ACTIVATIONS or others:
            what = f"the values {', '.join(map(str, others))}" if others else f"the activation {activation!r}"
            raise self._refusal(name, f"asks for {what}, which is not done here")
        return Dense(weights=self._found(_WEIGHTS, path, places=(path,)), activation=activation)

    def _found(self, name: str, path: str, places: tuple[str, ...] | None = None) -> str:
        """Return where a file of a module lies: in its own folder, or in the encoder's."""
        onnx = ("onnx",) if name == MODEL else ()
        named = [_joined(place, name) for place in (places or (path, "", *onnx))]
        for place in named:
            if self._files.has(place):
                return place
        raise InputError(
            f"The encoder folder {self._files.folder} lacks {named[0]}, which its modules.json asks for."
        )

    def _refusal(self, name: str, what: str) -> InputError:
        return InputError(f"{self._files.folder / name}: {what}. Choose another encoder.")


def _joined(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def _is_inside(path: str) -> bool:
    """Return whether a path that a file names stays in the folder."""
    return not (path.startswith(("/", "\\")) or ":" in path or ".." in Path(path).parts)


def folder_digest(folder: Path) -> str:
    """Return a sha256 over every file that is read, which names the encoder wherever it lies.

    Raises
    ------
    InputError
        If the folder lacks a file, or asks for something that is not done here.
    """
    files = EncoderFiles(folder=folder.resolve())
    names = read_recipe(files).files
    return _digest(files.folder, names, tuple((files.folder / name).stat().st_mtime_ns for name in names))


@cache
def _digest(folder: Path, names: tuple[str, ...], times: tuple[int, ...]) -> str:  # noqa: ARG001  (a changed file is read again)
    """Hash the files, once for each of their versions."""
    files, digest = EncoderFiles(folder=folder), hashlib.sha256()
    for name in names:
        digest.update(hashlib.sha256(files.read(name)).digest())
    return digest.hexdigest()
