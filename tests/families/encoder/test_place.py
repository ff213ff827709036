from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest
from tiny_encoder import place_of, write_tiny_encoder

from automl_text.errors import InputError
from automl_text.families.encoder.folder import folder_digest
from automl_text.families.encoder.place import (
    FOLDER_VARIABLE,
    STORE_VARIABLE,
    USE_VARIABLE,
    EncoderPlace,
    encoders_in_use,
    use_encoders,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name no encoder, and forget at the end what was named."""
    for variable in (FOLDER_VARIABLE, USE_VARIABLE, STORE_VARIABLE):
        monkeypatch.setenv(variable, "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tiny_encoder(tmp_path / "here")


def test_an_encoder_under_the_same_path_is_used(folder: Path):
    place = pickle.loads(pickle.dumps(place_of(folder)))
    assert place.lack() == ""
    use_encoders([place])
    assert encoders_in_use() == (place,)


def test_the_folder_that_the_variable_names_comes_first(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    there = write_tiny_encoder(tmp_path / "there")
    monkeypatch.setenv(FOLDER_VARIABLE, str(there))
    assert EncoderPlace(name="e", folder=str(folder), digest=folder_digest(folder)).find() == str(there)
    assert EncoderPlace(name="e", folder="/nowhere", digest=folder_digest(folder)).find() == str(there)


def test_another_encoder_under_that_path_is_not_taken(folder: Path, tmp_path: Path):
    other = write_tiny_encoder(tmp_path / "other")
    (other / "tokenizer.json").write_text((other / "tokenizer.json").read_text() + "\n")
    place = EncoderPlace(name="e", folder=str(other), digest=folder_digest(folder))
    assert place.lack() == (
        f"lacks the sentence encoder {folder_digest(folder)[:12]}: {other} holds another one (copy its folder there, "
        "or set AUTOML_TEXT_ENCODER where the worker starts)"
    )
    with pytest.raises(InputError, match=r"This machine lacks the sentence encoder .* holds another one"):
        use_encoders([place])


@pytest.mark.parametrize("name", ["nowhere", "a" * 300, "file"])
def test_a_place_without_an_encoder_is_named(name: str, tmp_path: Path):
    (tmp_path / "file").write_text("")
    place = EncoderPlace(name="e", folder=str(tmp_path / name), digest="0" * 64)
    assert f"lacks the sentence encoder 000000000000: {tmp_path / name} holds none" in place.lack()
