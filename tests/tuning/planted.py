"""A family in a few lines: it counts one word of each text, and which word is its only parameter."""

from dataclasses import dataclass

import numpy as np

from automl_text.families.contract import Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedSettings:
    place: int
    imbalance: str = "none"
    breaks: bool = False


class Planted:
    name = "planted"
    title = "Planted"
    simplicity = 1
    is_reference = False
    requires = ()
    runtime = "light"
    settings = PlantedSettings
    steps = (0,)

    def score(self, sample, settings, *, seed):  # noqa: ARG002
        if settings.breaks:
            raise ValueError("this trial cannot be fitted")
        counts = {}
        for text, code in zip(sample.train_texts, sample.train_codes, strict=True):
            counts.setdefault(text.split()[settings.place], np.zeros(sample.n_classes))[code] += 1
        prior = np.bincount(sample.train_codes, minlength=sample.n_classes) / 1000
        rows = [counts.get(text.split()[settings.place], 0) + prior for text in sample.test_texts]
        logits = np.log(np.asarray(rows, dtype=np.float32) + 0.001)
        return Scores(
            steps=self.steps,
            logits=np.stack([logits] * len(self.steps)),
            training={"macro_f1": (1.0,) * len(self.steps)},
            fit_seconds=0.5,
        )


class PlantedReference(Planted):
    name = "planted-reference"
    is_reference = True


class PlantedElsewhere(Planted):
    name = "planted-elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedNetworkSettings(PlantedSettings):
    embedding: str


class PlantedNetwork(Planted):
    name = "planted-network"
    title = "Planted network"
    settings = PlantedNetworkSettings
    steps = (1, 2)


PLANTED, REFERENCE, OTHER, NETWORK = Planted(), PlantedReference(), PlantedElsewhere(), PlantedNetwork()


def find_planted(name):
    return {family.name: family for family in (PLANTED, REFERENCE, OTHER, NETWORK)}[name]
