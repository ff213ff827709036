"""A transformer in an ONNX file: tokens in, a vector for each out, and one for the text as the folder says."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.errors import InputError
from automl_text.families.encoder.folder import Dense
from automl_text.families.encoder.onnx_file import weights_outside
from automl_text.families.encoder.tokens import (
    at_length_1,
    first_line,
    lacks_memory,
    open_tokenizer,
    read_tensors,
    readable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from automl_text.families.encoder.folder import EncoderFiles, Pooling, Recipe

MAX_PIECES = 8
"""Pieces of a long text that are read: attention is dear, and the topic of a document shows early."""
_SECONDS_FOR_A_PIECE = 60.0
"""A model that takes longer hangs."""
_INPUTS = ("input_ids", "attention_mask", "token_type_ids", "position_ids")


class OnnxReader:
    """A transformer, run by ONNX Runtime on one core, each piece of a text alone.

    In a batch the scales of an int8 model can depend on the texts beside it.

    Raises
    ------
    InputError
        If a file is damaged, or asks for something that is not done here.
    """

    def __init__(self, files: EncoderFiles, recipe: Recipe) -> None:
        self._recipe = recipe
        self._place = files.folder / recipe.model
        self._session, self._inputs, ranks = _session(files.read(recipe.model), str(self._place))
        foreign = sorted(set(self._inputs) - set(_INPUTS))
        if foreign:
            raise InputError(
                f"{self._place}: wants {', '.join(foreign)}, which is not known here. Choose another encoder."
            )
        self._output = ranks.index(3) if 3 in ranks else 0  # vectors of tokens, else one of the text  # noqa: PLR2004
        self._tokenizer = open_tokenizer(files, recipe.tokenizer)
        self._tokenizer.enable_truncation(recipe.max_tokens)
        self._after = [
            _layer(files, each) if isinstance(each, Dense) else at_length_1 for each in recipe.after
        ]
        self._n_prompt = len(self._tokenizer.encode(recipe.prompt).ids) - 1 if recipe.prompt else 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector of length 1 per text, shape (n_texts, n_dimensions): the mean over its pieces."""
        return np.stack([self._encode(text) for text in texts])

    def _pieces(self, text: str) -> list[Any]:
        """Return the encodings of a text's pieces, each with the prompt and the special tokens around it."""
        recipe = self._recipe
        shown = readable(text.lower() if recipe.is_lower else text)
        first = self._tokenizer.encode(recipe.prompt + shown)
        if not recipe.prompt or not first.overflowing:
            return [first, *first.overflowing]
        whole = self._tokenizer.encode(shown, add_special_tokens=False)
        ends = [each.offsets[-1][1] for each in (whole, *whole.overflowing)]
        starts = [0, *ends]
        return [
            self._tokenizer.encode(recipe.prompt + shown[start:end])
            for start, end in zip(starts, ends, strict=False)
        ]

    def _encode(self, text: str) -> NDArray[np.float32]:
        pieces = self._pieces(text)[:MAX_PIECES]
        weights = [max(1.0, len(piece.ids)) for piece in pieces]
        vectors = [self._piece(piece) for piece in pieces]
        return at_length_1(np.average(vectors, axis=0, weights=weights)).astype(np.float32)

    def _piece(self, tokens: Any) -> NDArray[np.floating[Any]]:
        """Return the vector of one piece."""
        given = dict(
            zip(
                _INPUTS,
                (tokens.ids, tokens.attention_mask, tokens.type_ids, range(len(tokens.ids))),
                strict=True,
            )
        )
        feed = {name: np.array([given[name]], dtype=np.int64) for name in self._inputs}
        vector = self._run(feed)[self._output][0]
        if vector.ndim > 1:
            skipped = 0 if self._recipe.pools_prompt else min(self._n_prompt, len(vector) - 1)
            vector = _pooled(vector[skipped:], self._recipe.pooling)
            for layer in self._after:
                vector = layer(vector)
        return at_length_1(vector)

    def _run(self, feed: Mapping[str, Any]) -> list[Any]:
        """Run the model, which is stopped where it hangs."""
        import onnxruntime

        options = onnxruntime.RunOptions()
        timer = threading.Timer(_SECONDS_FOR_A_PIECE, lambda: setattr(options, "terminate", True))
        timer.daemon = True
        timer.start()
        try:
            outputs: list[Any] = self._session.run(None, feed, options)
        except Exception as error:  # whatever ONNX Runtime raises
            if not options.terminate:
                raise
            raise InputError(
                f"{self._place}: took more than {_SECONDS_FOR_A_PIECE:.0f} s for one text. Choose another encoder."
            ) from error
        finally:
            timer.cancel()
        return outputs


def _pooled(vectors: NDArray[np.floating[Any]], modes: tuple[Pooling, ...]) -> NDArray[np.floating[Any]]:
    """Return one vector for a text from those of its tokens, shape (n_tokens, n_dimensions); modes are joined."""
    if not len(vectors):
        return np.zeros(
            len(modes) * vectors.shape[1], dtype=vectors.dtype
        )  # no token, not even a special one
    places = np.arange(1, len(vectors) + 1)
    ways: dict[Pooling, Callable[[], NDArray[np.floating[Any]]]] = {
        "cls": lambda: vectors[0],
        "max": lambda: vectors.max(axis=0),
        "mean": lambda: vectors.mean(axis=0),
        "mean_sqrt_len": lambda: vectors.sum(axis=0) / np.sqrt(len(vectors)),
        "weightedmean": lambda: (places @ vectors) / places.sum(),
        "lasttoken": lambda: vectors[-1],
    }
    return np.concatenate([ways[mode]() for mode in modes])


def _session(model: bytes, place: str) -> tuple[Any, list[str], list[int]]:
    """Return an onnxruntime.InferenceSession, the names of its inputs, and how many axes each output has."""
    import onnxruntime

    try:
        _refuse_weights_outside(model, place)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"], enable_fallback=0
        )  # to fall back is announced on stdout, among the results of a command
        ranks = [len(each.shape or ()) for each in session.get_outputs()]
        return session, [each.name for each in session.get_inputs()], ranks
    except InputError:
        raise
    except Exception as error:  # whatever ONNX Runtime raises
        if lacks_memory(error):
            raise
        raise InputError(
            f"{place}: is no model that can be run ({first_line(error)}). Fetch the encoder again."
        ) from error


def _refuse_weights_outside(model: bytes, place: str) -> None:
    if weights_outside(model):
        raise InputError(
            f"{place}: keeps weights in another file, which is not supported. Choose one whose weights are inside."
        )


def _layer(files: EncoderFiles, dense: Dense) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """Return what a dense layer makes of a vector."""
    tensors = read_tensors(files.read(dense.weights), str(files.folder / dense.weights))
    weight, bias = tensors.get("linear.weight"), tensors.get("linear.bias")
    if weight is None or weight.ndim != 2:  # noqa: PLR2004
        raise InputError(f"{files.folder / dense.weights}: holds no linear.weight. Choose another encoder.")
    activate: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
        "Identity": lambda values: values,
        "Tanh": np.tanh,
        "ReLU": lambda values: np.maximum(values, 0),
        "Sigmoid": lambda values: 1 / (1 + np.exp(-values)),
    }
    return lambda vector: activate[dense.activation](weight @ vector + (0 if bias is None else bias))
