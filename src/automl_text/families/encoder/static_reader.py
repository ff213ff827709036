"""A table of vectors, one for each token, averaged over the text: model2vec's format, and sentence-transformers'."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from automl_text.errors import InputError
from automl_text.families.encoder.tokens import at_length_1, open_tokenizer, read_tensors, readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from automl_text.families.encoder.folder import EncoderFiles, Recipe


class StaticReader:
    """A vector for each token, averaged over the text, as model2vec writes it and sentence-transformers calls it."""

    def __init__(self, files: EncoderFiles, recipe: Recipe) -> None:
        place = files.folder / recipe.model
        tensors = read_tensors(files.read(recipe.model), str(place))
        table = tensors.get("embeddings", tensors.get("embedding.weight"))
        if table is None or table.ndim != 2:  # noqa: PLR2004
            raise InputError(f"{place}: holds no table of embeddings. Choose another encoder.")
        self._table = table.astype(np.float32)
        self._weights, self._row_of = tensors.get("weights"), tensors.get("mapping")
        self._tokenizer = open_tokenizer(files, recipe.tokenizer)
        self._tokenizer.no_truncation()
        unknown = json.loads(self._tokenizer.to_str())["model"].get("unk_token")
        self._unknown = self._tokenizer.token_to_id(unknown) if unknown and "embeddings" in tensors else None
        n_known = len(self._table) if self._row_of is None else len(self._row_of)
        if self._tokenizer.get_vocab_size() > n_known:
            raise InputError(
                f"{place}: has fewer rows than its tokenizer has tokens. Fetch the encoder again."
            )

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector of length 1 per text, shape (n_texts, n_dimensions); zeros where no token is known."""
        return np.stack([self._encode(text) for text in texts])

    def _encode(self, text: str) -> NDArray[np.float32]:
        ids = np.array(self._tokenizer.encode(readable(text), add_special_tokens=False).ids, dtype=np.int64)
        ids = ids[ids != self._unknown] if self._unknown is not None else ids
        if not len(ids):
            return np.zeros(self._table.shape[1], dtype=np.float32)
        rows = self._table[ids if self._row_of is None else self._row_of[ids]]
        rows = rows if self._weights is None else rows * self._weights[ids, np.newaxis]
        return at_length_1(rows.mean(axis=0)).astype(np.float32)
