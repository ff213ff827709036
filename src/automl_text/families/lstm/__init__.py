"""The LSTM house: the tuned network, and beside it the one of the question, as it was posted."""

from automl_text.families.lstm.family import FAMILY as FAMILY
