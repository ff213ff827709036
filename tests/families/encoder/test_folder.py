"""Folders as sentence-transformers, model2vec and a bare export write them, each held to NumPy by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tiny_encoder import TABLE, place_of, write_tiny_encoder

from automl_text.errors import InputError
from automl_text.families.encoder import onnx_reader
from automl_text.families.encoder.folder import EncoderFiles, folder_digest, read_recipe
from automl_text.families.encoder.place import open_encoders

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("onnxruntime")
TRANSFORMER = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}
POOLING = {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}
NORMALIZE = {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}
DENSE = {"idx": 2, "name": "2", "path": "2_Dense", "type": "sentence_transformers.models.Dense"}
TOKENS = TABLE[[1, 2, 3, 2]]
"""What the tiny model makes of "late parcel password parcel"."""
WEIGHT = np.array([[1, 2, 0, 1], [0, -1, 1, 0]], dtype=np.float32)
BIAS = np.array([0.5, -0.25], dtype=np.float32)


def write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def write_tensors(path: Path, **tensors: np.ndarray) -> None:
    """Write a safetensors file: the length of a JSON header, the header, the numbers."""
    kinds, header, body = {"f": "F32", "e": "F16", "l": "I64"}, {}, b""
    for name, tensor in tensors.items():
        raw = tensor.tobytes()
        said = {"dtype": kinds[tensor.dtype.char], "shape": tensor.shape}
        header[name.replace("__", ".")] = {**said, "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    content = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(content).to_bytes(8, "little") + content + body)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_tiny_encoder(tmp_path)
    write_json(tmp_path / "modules.json", [TRANSFORMER, POOLING, NORMALIZE])
    return tmp_path


def vector(folder: Path, text: str = "late parcel password parcel") -> np.ndarray:
    return open_encoders([place_of(folder)])[0].vectors([text])[0]


def at_length_1(vector: Any) -> np.ndarray:
    return np.asarray(vector) / np.linalg.norm(vector)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"pooling_mode_mean_tokens": True}, TOKENS.mean(axis=0)),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, TOKENS[0]),
        ({"pooling_mode_max_tokens": True}, TOKENS.max(axis=0)),
        ({"pooling_mode_lasttoken": True}, TOKENS[-1]),
        ({"pooling_mode_weightedmean_tokens": True}, (TOKENS * [[1], [2], [3], [4]]).sum(axis=0) / 10),
        ({"pooling_mode_mean_sqrt_len_tokens": True}, TOKENS.sum(axis=0) / 2),
        ({"pooling_mode": "cls"}, TOKENS[0]),
        (
            {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True},
            np.concatenate([TOKENS[0], TOKENS.mean(axis=0)]),
        ),
    ],
)
def test_tokens_are_pooled_as_the_folder_says(folder: Path, asked: dict[str, object], expected: np.ndarray):
    write_json(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": 4, **asked})
    np.testing.assert_allclose(vector(folder), at_length_1(expected), rtol=1e-6)


def test_a_text_without_a_token_has_a_vector_of_zeros(folder: Path):
    write_json(folder / "1_Pooling" / "config.json", {"pooling_mode_max_tokens": True})
    np.testing.assert_array_equal(vector(folder, ""), np.zeros(4))


@pytest.mark.parametrize(
    ("activation", "function"), [("torch.nn.modules.activation.Tanh", np.tanh), ("Identity", lambda x: x)]
)
def test_a_dense_layer_stands_behind_the_pooling(folder: Path, activation: str, function: Any):
    write_json(folder / "modules.json", [TRANSFORMER, POOLING, DENSE, NORMALIZE])
    write_json(folder / "2_Dense" / "config.json", {"activation_function": activation})
    write_tensors(folder / "2_Dense" / "model.safetensors", linear__weight=WEIGHT, linear__bias=BIAS)
    expected = function(WEIGHT @ TOKENS.mean(axis=0) + BIAS)
    np.testing.assert_allclose(vector(folder), at_length_1(expected), rtol=1e-6)


def test_the_prompt_for_classification_stands_before_every_text(folder: Path):
    prompts = {"query": "password ", "Classification": "late "}
    write_json(folder / "config_sentence_transformers.json", {"prompts": prompts})
    expected = TABLE[[1, 2]].mean(axis=0)
    np.testing.assert_allclose(vector(folder, "parcel"), at_length_1(expected), rtol=1e-6)


def test_the_default_prompt_wins_over_the_one_for_classification(folder: Path):
    said = {"prompts": {"classification": "late ", "other": "password "}, "default_prompt_name": "other"}
    write_json(folder / "config_sentence_transformers.json", said)
    np.testing.assert_allclose(vector(folder, "parcel"), at_length_1(TABLE[[3, 2]].mean(axis=0)), rtol=1e-6)


def test_a_text_is_put_into_lower_case_where_the_folder_says_so(folder: Path):
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": 128, "do_lower_case": True})
    np.testing.assert_array_equal(vector(folder, "LATE"), TABLE[1])


def test_a_text_longer_than_the_folder_says_is_read_in_pieces_weighed_by_their_tokens(folder: Path):
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": 3})
    first, second = at_length_1(TOKENS[:3].mean(axis=0)), at_length_1(TOKENS[3])
    np.testing.assert_allclose(vector(folder), at_length_1(0.75 * first + 0.25 * second), rtol=1e-5)


def test_every_piece_has_the_prompt(folder: Path):
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": 3})
    write_json(
        folder / "config_sentence_transformers.json",
        {"prompts": {"classification": "late "}},
    )
    words = "parcel password parcel password parcel"
    for texts in (words, words.replace(" ", "  ")):
        found = vector(folder, texts)
        assert found[0] > 0.3  # "late" has a share in each piece


@pytest.mark.parametrize("is_bare", [True, False])
def test_a_static_folder_averages_the_vectors_of_known_tokens(tmp_path: Path, *, is_bare: bool):
    write_tiny_encoder(tmp_path)
    (tmp_path / "model.onnx").unlink()
    if is_bare:
        write_tensors(tmp_path / "model.safetensors", embeddings=TABLE.astype(np.float16))
        write_json(tmp_path / "config.json", {"model_type": "model2vec", "normalize": True})
        known = TABLE[[1, 3]]
    else:
        module = {**TRANSFORMER, "type": "sentence_transformers.models.StaticEmbedding"}
        write_json(tmp_path / "modules.json", [module, NORMALIZE])
        write_tensors(tmp_path / "model.safetensors", embedding__weight=TABLE)
        known = TABLE[[1, 0, 3]]
    found = vector(tmp_path, "late unheard password")
    np.testing.assert_allclose(found, at_length_1(known.mean(axis=0)), rtol=1e-3)


def test_weights_and_a_mapping_of_tokens_are_honoured(tmp_path: Path):
    write_tiny_encoder(tmp_path)
    (tmp_path / "model.onnx").unlink()
    mapping, weights = np.array([0, 1, 1, 2]), np.array([1, 2, 1, 1], dtype=np.float32)
    write_tensors(
        tmp_path / "model.safetensors", embeddings=TABLE[[0, 1, 3]], mapping=mapping, weights=weights
    )
    write_json(tmp_path / "config.json", {"model_type": "model2vec"})
    expected = (2 * TABLE[1] + TABLE[1] + TABLE[3]) / 3
    np.testing.assert_allclose(vector(tmp_path, "late parcel password"), at_length_1(expected), rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("modules.json", [TRANSFORMER, POOLING, {"type": "m.LSTM", "path": "2"}], "asks for LSTM"),
        ("modules.json", [POOLING], "lists Pooling; it must begin with Transformer and Pooling"),
        ("modules.json", [{**TRANSFORMER, "path": "../else"}, POOLING], "names a path outside the folder"),
        ("modules.json", {"a": 1}, "holds no list of modules"),
        ("modules.json", [{**TRANSFORMER, "type": "m.StaticEmbedding"}], r"lacks model\.safetensors"),
        ("1_Pooling/config.json", {"pooling_mode_attention": True}, "asks for pooling_mode_attention"),
        ("1_Pooling/config.json", [], "holds no settings"),
        ("config_sentence_transformers.json", {"default_prompt_name": "q"}, "names the prompt 'q'"),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_name(folder: Path, name: str, content: object, said: str):
    write_json(folder / name, content)
    with pytest.raises(InputError, match=said):
        read_recipe(EncoderFiles(folder=folder))


def test_an_activation_that_is_not_known_is_refused(folder: Path):
    write_json(folder / "modules.json", [TRANSFORMER, POOLING, DENSE])
    write_json(folder / "2_Dense" / "config.json", {"activation_function": "torch.nn.Mish"})
    with pytest.raises(InputError, match="asks for the activation 'Mish', which is not done here"):
        read_recipe(EncoderFiles(folder=folder))


@pytest.mark.parametrize(
    "name",
    ["modules.json", "1_Pooling/config.json", "sentence_bert_config.json", "tokenizer.json", "model.onnx"],
)
def test_the_digest_covers_every_file_that_is_read(folder: Path, name: str):
    write_json(folder / "1_Pooling" / "config.json", {"pooling_mode_mean_tokens": True})
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": 64})
    before = folder_digest(folder)
    (folder / name).write_bytes((folder / name).read_bytes() + b"\n")
    assert folder_digest(folder) != before
    (folder / "README.md").write_text("not read")


def test_a_tokenizer_that_doubles_every_text_is_refused(folder: Path):
    said = json.loads((folder / "tokenizer.json").read_text())
    double = {"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}
    said["normalizer"] = {"type": "Sequence", "normalizers": [double] * 40}
    write_json(folder / "tokenizer.json", said)
    with pytest.raises(InputError, match="would make a text more than 1000 times as long"):
        vector(folder)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_damaged_file_is_one_line(folder: Path, name: str):
    (folder / name).write_bytes(b"{}" if name == "tokenizer.json" else b"\x0a\x7f")
    with pytest.raises(InputError, match=rf"{name}: .*Fetch the encoder again"):
        vector(folder)


def test_weights_in_another_file_are_refused(tmp_path: Path):
    write_tiny_encoder(tmp_path, is_outside=True)
    with pytest.raises(InputError, match="keeps weights in another file"):
        vector(tmp_path)


def test_a_tokenizer_that_cannot_read_a_text_is_one_line(folder: Path):
    said = json.loads((folder / "tokenizer.json").read_text())
    said["model"] |= {"unk_token": "[GONE]"}
    write_json(folder / "tokenizer.json", said)
    with pytest.raises(InputError, match=r"cannot read a text \(WordLevel error: Missing"):
        vector(folder, "unheard")


@pytest.mark.parametrize("default", [["late"], {"late": 1}, 7])
def test_a_prompt_that_is_no_name_is_refused(folder: Path, default: object):
    write_json(folder / "config_sentence_transformers.json", {"prompts": {}, "default_prompt_name": default})
    with pytest.raises(InputError, match="which it does not hold"):
        vector(folder)


def test_a_prompt_that_is_no_text_is_one_line(folder: Path):
    said = {"prompts": {"classification": "\ud800"}}
    write_json(folder / "config_sentence_transformers.json", said)
    with pytest.raises(InputError, match=r"cannot read a text \(TextInputSequence must be str"):
        vector(folder)


def test_a_model_that_gives_no_numbers_is_refused(folder: Path):
    content = (folder / "model.onnx").read_bytes()
    assert TABLE.tobytes() in content
    nowhere = np.full_like(TABLE, np.nan).tobytes()
    (folder / "model.onnx").write_bytes(content.replace(TABLE.tobytes(), nowhere))
    with pytest.raises(InputError, match="gives no numbers for a text"):
        vector(folder)


def test_a_damaged_model_says_nothing_among_the_results_on_stdout(
    folder: Path, capsys: pytest.CaptureFixture[str]
):
    content = bytearray((folder / "model.onnx").read_bytes())
    content[9] = 0xBD  # a letter of a name: no UTF-8 any more
    (folder / "model.onnx").write_bytes(content)
    with pytest.raises(InputError, match="is no model that can be run"):
        vector(folder)
    assert capsys.readouterr().out == ""


def test_a_model_that_takes_too_long_is_ended(folder: Path, monkeypatch: pytest.MonkeyPatch):
    class Hanging:
        """A session that runs until it is told to end, as ONNX Runtime does between two nodes."""

        def run(self, _: None, __: dict[str, Any], options: Any) -> None:
            while not options.terminate:
                pass
            raise RuntimeError("Exiting due to terminate flag being set to true.")

    monkeypatch.setattr(onnx_reader, "_SECONDS_FOR_A_PIECE", 0.01)
    reader = onnx_reader.OnnxReader(EncoderFiles(folder=folder), read_recipe(EncoderFiles(folder=folder)))
    monkeypatch.setattr(reader, "_session", Hanging())
    with pytest.raises(InputError, match="took more than 0 s for one text"):
        reader.encode(["late"])
