import os

import pytest

from automl_text.engine import cores
from automl_text.engine.cores import cores_available


@pytest.fixture
def group(tmp_path, monkeypatch):
    """Four allowed cores, and files of control groups that a test fills."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3})
    for name in ("_CGROUP_V2", "_CGROUP_V1_QUOTA", "_CGROUP_V1_PERIOD"):
        monkeypatch.setattr(cores, name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ("max 100000", 4),
        ("200000 100000", 2),
        ("250000 100000", 2),
        ("50000 100000", 1),
        ("800000 100000", 4),
    ],
)
def test_a_containers_quota_is_respected(group, quota, expected):
    (group / "_CGROUP_V2").write_text(quota + "\n")
    assert cores_available() == expected


@pytest.mark.parametrize(("quota", "expected"), [("-1", 4), ("300000", 3)])
def test_so_is_that_of_an_older_kernel(group, quota, expected):
    (group / "_CGROUP_V1_QUOTA").write_text(quota + "\n")
    (group / "_CGROUP_V1_PERIOD").write_text("100000\n")
    assert cores_available() == expected


@pytest.mark.parametrize("content", [None, "", "what\n"])
def test_without_a_readable_quota_the_affinity_counts(group, content):
    if content is not None:
        (group / "_CGROUP_V2").write_text(content)
    assert cores_available() == 4
