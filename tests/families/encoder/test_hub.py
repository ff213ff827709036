"""huggingface_hub is stood in for by a folder of files: no test reaches a network."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest
from tiny_encoder import write_tiny_encoder

from automl_text.errors import InputError
from automl_text.experiment.encoder import encoders_at
from automl_text.families.encoder import hub as hub_module
from automl_text.families.encoder.folder import folder_digest
from automl_text.families.encoder.hub import is_hub_name
from automl_text.families.encoder.place import encoders_in_use

COMMIT = "0123456789abcdef0123456789abcdef01234567"
NAME = "org/mini"


class Hub:
    """The two functions that are used of huggingface_hub, over a folder, and what was asked of them."""

    def __init__(self, repository: Path, cache: Path):
        self.repository, self.cache, self.asked, self.is_down = repository, cache, [], False

    def model_info(self, name, revision=None, timeout=None):
        assert timeout
        self.asked.append(f"{name}@{revision}")
        if self.is_down:
            raise ConnectionError("Name or service not known\nsecond line")
        files = [path for path in self.repository.rglob("*") if path.is_file()]
        names = [path.relative_to(self.repository).as_posix() for path in files]
        return SimpleNamespace(sha=COMMIT, siblings=[SimpleNamespace(rfilename=name) for name in names])

    def hf_hub_download(self, name, filename, *, revision, local_files_only=False):
        from huggingface_hub.errors import LocalEntryNotFoundError  # noqa: PLC0415  (an extra)

        kept = self.cache / name / revision / filename
        if not kept.exists():
            if local_files_only:
                raise LocalEntryNotFoundError("not there")
            self.asked.append(filename)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.repository / filename, kept)
        return str(kept)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    library = pytest.importorskip("huggingface_hub")
    pytest.importorskip("onnxruntime")
    hub = Hub(write_tiny_encoder(tmp_path / "repository", model="onnx/model.onnx"), tmp_path / "cache")
    monkeypatch.setattr(library, "model_info", hub.model_info)
    monkeypatch.setattr(library, "hf_hub_download", hub.hf_hub_download)
    monkeypatch.chdir(tmp_path)
    return hub


def _used(named, notes=None):
    with encoders_at((named,), (notes if notes is not None else []).append) as infos:
        return infos[0], Path(encoders_in_use()[0].folder)


def test_the_current_commit_is_resolved_once_said_and_recorded(hub: Hub):
    notes: list[str] = []
    info, folder = _used(NAME, notes)
    assert hub.asked == [f"{NAME}@None", "onnx/model.onnx", "tokenizer.json"]
    assert (info.name, info.revision) == (NAME, COMMIT)
    assert info.sha256 == folder_digest(hub.repository) == folder_digest(folder)
    assert any(f"Downloading onnx/model.onnx and tokenizer.json of {NAME}@{COMMIT}" in note for note in notes)
    assert notes[-1] == f"Sentence encoder {NAME}@{COMMIT}"


def test_a_pinned_commit_is_downloaded_once_and_then_needs_no_network(hub: Hub):
    first, _ = _used(f"{NAME}@{COMMIT}")
    hub.is_down, asked = True, list(hub.asked)
    assert _used(f"{NAME}@{COMMIT}")[0] == first
    assert hub.asked == asked


def test_a_model_at_the_root_is_taken_before_one_under_onnx(hub: Hub):
    write_tiny_encoder(hub.repository)
    _used(NAME)
    assert "model.onnx" in hub.asked
    assert "onnx/model.onnx" not in hub.asked


def test_a_folder_wins_over_a_repository_of_its_name(hub: Hub, tmp_path: Path):
    write_tiny_encoder(tmp_path / "org" / "mini")
    info, folder = _used(NAME)
    assert (info.name, info.revision, hub.asked) == (NAME, "", [])
    assert folder == (tmp_path / "org" / "mini").resolve()


@pytest.mark.parametrize("named", [(), ("none",)])
def test_nothing_is_asked_of_the_network_without_a_name(hub: Hub, named):
    with encoders_at(named, print):
        assert hub.asked == []


@pytest.mark.parametrize(
    "path", ["mini", "./org/mini", "/no/org/mini", "~/mini", "a/b/c", "org\\mini", "here/mini"]
)
def test_a_path_that_is_not_there_is_no_repository(hub: Hub, path: str, tmp_path: Path):
    (tmp_path / "here").mkdir()
    with pytest.raises(InputError, match=r"The encoder folder .* lacks model\.onnx and tokenizer\.json"):
        _used(path)
    assert hub.asked == []
    assert is_hub_name("here/mini@main")


def test_no_network_is_one_line_with_a_remedy(hub: Hub):
    hub.is_down = True
    with pytest.raises(InputError, match=r"Name or service not known\).*name their folder: --encoder DIR\.$"):
        _used(NAME)


def test_a_network_that_never_answers_is_one_line_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    library = pytest.importorskip("huggingface_hub")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(hub_module, "_SECONDS_TO_ANSWER", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setattr(library.model_info.__self__, "endpoint", address)
        with pytest.raises(InputError, match=r"cannot be had from huggingface.co \(.*timed out\)"):
            _used(NAME)


def test_a_repository_without_an_export_is_refused_before_a_download(hub: Hub):
    (hub.repository / "onnx" / "model.onnx").rename(hub.repository / "onnx" / "model_quantized.onnx")
    with pytest.raises(InputError, match=r"lacks model\.onnx or onnx/model\.onnx, or tokenizer\.json"):
        _used(NAME)
    assert hub.asked == [f"{NAME}@None"]


def test_weights_outside_the_model_are_refused_before_a_download(hub: Hub):
    (hub.repository / "onnx" / "model.onnx_data").write_bytes(b"")
    with pytest.raises(InputError, match=r"keeps weights outside onnx/model\.onnx"):
        _used(NAME)
    assert hub.asked == [f"{NAME}@None"]
