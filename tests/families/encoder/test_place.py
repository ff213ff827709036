from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest
from tiny_encoder import write_tiny_encoder

from automl_text.errors import InputError
from automl_text.families.encoder.folder import FOLDER_VARIABLE, encoder_folder, folder_digest
from automl_text.families.encoder.place import EncoderPlace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name no encoder, and forget at the end what was named."""
    monkeypatch.setenv(FOLDER_VARIABLE, "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tiny_encoder(tmp_path / "here")


def test_an_encoder_under_the_same_path_is_used(folder: Path):
    place = pickle.loads(pickle.dumps(EncoderPlace(folder=str(folder), digest=folder_digest(folder))))
    assert place.lack() == ""
    place.use()
    assert encoder_folder() == folder


def test_the_folder_that_the_variable_names_comes_first(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    there = write_tiny_encoder(tmp_path / "there")
    monkeypatch.setenv(FOLDER_VARIABLE, str(there))
    assert EncoderPlace(folder=str(folder), digest=folder_digest(folder)).find() == there
    assert EncoderPlace(folder="/nowhere", digest=folder_digest(folder)).find() == there


def test_another_encoder_under_that_path_is_not_taken(folder: Path, tmp_path: Path):
    other = write_tiny_encoder(tmp_path / "other")
    (other / "tokenizer.json").write_text((other / "tokenizer.json").read_text() + "\n")
    place = EncoderPlace(folder=str(other), digest=folder_digest(folder))
    assert place.lack() == (
        f"lacks the sentence encoder {folder_digest(folder)[:12]}: {other} holds another one (copy its folder there, "
        "or set AUTOML_TEXT_ENCODER where the worker starts)"
    )
    with pytest.raises(InputError, match=r"This machine lacks the sentence encoder .* holds another one"):
        place.use()


@pytest.mark.parametrize("name", ["nowhere", "a" * 300, "file"])
def test_a_place_without_an_encoder_is_named(name: str, tmp_path: Path):
    (tmp_path / "file").write_text("")
    place = EncoderPlace(folder=str(tmp_path / name), digest="0" * 64)
    assert f"lacks the sentence encoder 000000000000: {tmp_path / name} holds none" in place.lack()
