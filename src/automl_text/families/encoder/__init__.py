"""Sentence encoders: where they lie, what turns texts into vectors, and the family that learns on these."""

from automl_text.families.encoder.family import FAMILY, sentence_vectors
from automl_text.families.encoder.features import SentenceFeatures

__all__ = [
    "FAMILY",
    "SentenceFeatures",  # models exported before this was a folder name the class here
    "sentence_vectors",
]
