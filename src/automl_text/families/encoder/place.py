"""Which sentence encoder is meant, and where it may lie on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from automl_text.errors import InputError
from automl_text.families.encoder.folder import FOLDER_VARIABLE, encoder_folder, folder_digest, lacking


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderPlace:
    """An encoder by its digest, with the folder it lay in on the machine where this was made.

    Elsewhere it is looked for in the folder that AUTOML_TEXT_ENCODER names there, then under the same path.

    Attributes
    ----------
    folder : str
    digest : str
        sha256; no other encoder is accepted.
    """

    folder: str
    digest: str

    @property
    def places(self) -> list[Path]:
        """Folders to look in on this machine."""
        named = encoder_folder()
        return list(dict.fromkeys([*([named] if named else []), Path(self.folder)]))

    def find(self) -> Path | None:
        """Return the first place that holds this encoder, if any."""
        return next((place for place in self.places if _digest(place) == self.digest), None)

    def lack(self) -> str:
        """Return that this machine lacks the encoder, as a phrase after its name; an empty string where it does not."""
        if self.find():
            return ""
        looked = " and ".join(
            f"{place} {'holds another one' if _digest(place) else 'holds none'}" for place in self.places
        )
        return (
            f"lacks the sentence encoder {self.digest[:12]}: {looked} (copy its folder there, or set "
            f"{FOLDER_VARIABLE} where the worker starts)"
        )

    def use(self) -> None:
        """Make it the encoder of this process; its vectors are kept in this process alone.

        Raises
        ------
        InputError
            If it is not on this machine.
        """
        found = self.find()
        if found is None:
            raise InputError(f"This machine {self.lack()}.")
        os.environ[FOLDER_VARIABLE] = str(found)


def _digest(place: Path) -> str:
    """Return the digest of the encoder in ``place``; an empty string where none can be read."""
    try:
        return "" if lacking(place) else folder_digest(place)
    except OSError:
        return ""
