"""Texts as the question's network saw them: what Keras's Tokenizer and pad_sequences did, in a few lines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.families.lstm_tokens import N_RESERVED, UNKNOWN, TokenRows

if TYPE_CHECKING:
    from collections.abc import Sequence

_FILTERED = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " "))


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedVocabulary:
    """The words that the network knows; word ``words[i]`` has number ``i + 2``.

    There is no masking: the padding before a text is itself a learned word. It has number 1, so that 0, which
    the plain Keras model masks, never occurs.

    Attributes
    ----------
    words : tuple of str
        By falling frequency, equal ones by first occurrence.
    max_tokens : int
        Every text is padded in front, or cut in front, to so many tokens.
    """

    words: tuple[str, ...]
    max_tokens: int

    @property
    def size(self) -> int:
        """Number of embedding rows."""
        return len(self.words) + N_RESERVED

    @classmethod
    def learn(cls, texts: Sequence[str], *, max_words: int, longest: int) -> PostedVocabulary:
        """Return the most frequent words of (training) texts, and the length of the longest one.

        Parameters
        ----------
        texts : sequence of str
        max_words : int
        longest : int
            Upper bound of the length.
        """
        tokens = [_split(text) for text in texts]
        counts = Counter(word for row in tokens for word in row)
        words = tuple(word for word, _ in counts.most_common(max_words))
        return cls(words=words, max_tokens=max(1, min(longest, max(map(len, tokens), default=1))))

    def encode(self, texts: Sequence[str]) -> TokenRows:
        """Return the texts as word numbers; unknown words vanish, as in Keras's Tokenizer."""
        number = {word: index for index, word in enumerate(self.words, start=N_RESERVED)}
        numbers = np.full((len(texts), self.max_tokens), UNKNOWN, dtype=np.int32)
        for row, text in zip(numbers, texts, strict=True):
            known = [number[word] for word in _split(text) if word in number][-self.max_tokens :]
            row[self.max_tokens - len(known) :] = known
        return TokenRows(numbers=numbers, lengths=np.full(len(texts), self.max_tokens, dtype=np.int32))


def _split(text: str) -> list[str]:
    return [word for word in text.lower().translate(_FILTERED).split(" ") if word]
