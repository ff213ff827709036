"""Words of a text, the vocabulary of the training rows, and texts as padded rows of word numbers."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.families.tfidf import EMOTICON, KNOWN_BY, SYMBOL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PADDING = 0
UNKNOWN = 1
N_RESERVED = 2

# Scripts written without blanks give one token per character: kana, Chinese characters, Thai to Myanmar, Khmer.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Words are what lies between blanks and punctuation. ``\w+`` would cut words of Hindi or Tamil at each vowel sign.
_BETWEEN = r"\s!-/:-@\[-`{-~\u00a1\u00ab\u00b7\u00bb\u00bf\u0964\u0965\u2010-\u206f\u3000-\u303f"
_WORD = f"[^{_BETWEEN}{_UNSPACED}{SYMBOL[1:-1]}]+"
# What joins or colours emoji is no word by itself.
_JOINERS = "[\u200b-\u200f\ufe00-\ufe0f]"
_LETTERS = f"(?!{_JOINERS}){_WORD}(?:['\u2019]{_WORD})*{KNOWN_BY}?"
_TOKEN = re.compile(f"{_LETTERS}|[{_UNSPACED}]|{SYMBOL}|{EMOTICON}|(?<!\\w)[#@]{_LETTERS}")

_FILTERED = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " "))


def _tokenize(text: str) -> list[str]:
    """Return the lower-case words of a text, and single characters for scripts without blanks.

    What stands beside letters (C++, #sale), emoticons and symbols count as in the TF-IDF of the other families.

    >>> tokenize("Don't panic: C++ is 5\u20ac :)")
    ["don't", 'panic', 'c++', 'is', '5', '\u20ac', ':)']
    """
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words that a network knows; word ``words[i]`` has number ``i + 2``."""

    words: tuple[str, ...]
    """By falling frequency, equal ones alphabetically."""
    max_tokens: int
    """Longer texts are cut behind this many tokens."""

    @property
    def size(self) -> int:
        """Number of embedding rows: the words, padding and unknown."""
        return len(self.words) + N_RESERVED

    @classmethod
    def learn(
        cls,
        texts: Sequence[str],
        *,
        min_count: int,
        max_words: int,
        length_percentile: float,
        max_tokens: int,
    ) -> Vocabulary:
        """Return the length that these (training) texts ask for, and the words that stand before it.

        Parameters
        ----------
        min_count : int
            Rarer words are unknown.
        length_percentile : float in (0, 100]
            Texts are cut at this percentile of the lengths.
        max_tokens : int
            Upper bound of that length.
        """
        tokens = [_tokenize(text) for text in texts]
        lengths = [len(row) for row in tokens] or [1]
        percentile = int(np.ceil(np.percentile(lengths, length_percentile)))
        longest = max(1, min(max_tokens, percentile))
        counts = Counter(word for row in tokens for word in row[:longest])
        ranked = sorted((word for word in counts if counts[word] >= min_count), key=lambda w: (-counts[w], w))
        return cls(words=tuple(ranked[:max_words]), max_tokens=longest)

    def unseen(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Return the words of ``texts`` that it does not know, each once, in alphabetical order."""
        known = set(self.words)
        found = {word for text in texts for word in _tokenize(text)[: self.max_tokens]}
        return tuple(sorted(found - known))

    def extended(self, words: Sequence[str]) -> Vocabulary:
        """Return a vocabulary that knows ``words`` as well, numbered behind the others."""
        return Vocabulary(words=(*self.words, *words), max_tokens=self.max_tokens)

    def encode(self, texts: Sequence[str]) -> TokenRows:
        """Return the texts as word numbers; a text without any word becomes one unknown word."""
        number = {word: index for index, word in enumerate(self.words, start=N_RESERVED)}
        rows = [
            [number.get(word, UNKNOWN) for word in _tokenize(text)[: self.max_tokens]] or [UNKNOWN]
            for text in texts
        ]
        lengths = np.array([len(row) for row in rows], dtype=np.int32)
        numbers = np.full((len(rows), int(lengths.max(initial=1))), PADDING, dtype=np.int32)
        numbers[np.arange(numbers.shape[1]) < lengths[:, None]] = [n for row in rows for n in row]
        return TokenRows(numbers=numbers, lengths=lengths)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TokenRows:
    """Texts as word numbers."""

    numbers: NDArray[np.int32]
    """Int32, shape (n_texts, longest). Padded with 0 behind each text."""
    lengths: NDArray[np.int32]
    """Int32, shape (n_texts,). Tokens of each text, at least 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedVocabulary:
    """The words that the network knows; word ``words[i]`` has number ``i + 2``.

    There is no masking: the padding before a text is itself a learned word. It has number 1, so that 0, which
    the plain Keras model masks, never occurs.
    """

    words: tuple[str, ...]
    """By falling frequency, equal ones by first occurrence."""
    max_tokens: int
    """Every text is padded in front, or cut in front, to so many tokens."""

    @property
    def size(self) -> int:
        """Number of embedding rows."""
        return len(self.words) + N_RESERVED

    @classmethod
    def learn(cls, texts: Sequence[str], *, max_words: int, longest: int) -> PostedVocabulary:
        """Return the most frequent words of (training) texts, and the length of the longest one.

        Parameters
        ----------
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
