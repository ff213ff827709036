"""Feed damaged models and encoders to what reads them: each must work, or be refused in one line.

    python benchmarks/fuzz_models.py --minutes 10 --seed 0 model.npz model.skops     # as `export --format` writes them
    python benchmarks/fuzz_models.py --minutes 10 --seed 0 encoder-folder            # as `--encoder` takes it

What a file holds is damaged, not only its bytes: members of an archive are taken out, changed and packed again with the
right checksums; values in JSON are exchanged, shapes and numbers of arrays too. Whatever is read must label texts.
"""

from __future__ import annotations

import io
import json
import resource
import shutil
import signal
import sys
import warnings
import zipfile
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.bundle.load import LoadChecks, load_bundle
from automl_text.bundle.predict import predict_file
from automl_text.errors import InputError
from automl_text.families.encoder.folder import folder_digest
from automl_text.families.encoder.place import EncoderPlace, open_encoders
from fuzz import Target, hunt, mutate, parser_of

if TYPE_CHECKING:
    import random

TEXTS = "text\nwhere is my parcel\n\nlate late late\nThe INVOICE of 荷物 😀\npassword reset please\n"
ODD: list[object] = [
    None, True, False, 0, -1, 1, 2**31, 2**63, 10**12, 10**30, 0.5, -0.5, 1e308, float("nan"), float("inf"), "", "a",
    "\ud800", "../x", "os.system", "builtins", [], [[]], {}, {"a": 1}, [0] * 1000, "int64", "float32", "object",
]  # fmt: skip
MOST_BYTES = 12 << 30
"""Of memory: whatever claims more than this machine has must be refused before it is believed."""
MOST_SECONDS = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A damaged model, or one damaged file of an encoder's folder."""

    content: bytes
    ending: str
    name: str = ""


def damaged(content: bytes, name: str, rng: random.Random) -> bytes:
    """Return ``content`` with faults that its form does not give away."""
    if content.startswith(b"PK\x03\x04") and rng.randrange(8):
        return _archive(content, rng)
    if name.endswith(".json") and rng.randrange(4):
        return _json(content, rng)
    if name.endswith(".npy") and rng.randrange(4):
        return _array(content, rng)
    return mutate(content, rng)


def _archive(content: bytes, rng: random.Random) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except zipfile.BadZipFile:  # it is damaged already
        return mutate(content, rng)
    for _ in range(rng.randint(1, 3)):
        name = rng.choice(list(members))
        kind = rng.randrange(12)
        if kind == 0 and len(members) > 1:
            del members[name]
        elif kind == 1:
            members[name] = members[rng.choice(list(members))]
        else:
            members[name] = damaged(members[name], name, rng)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return packed.getvalue()


def _json(content: bytes, rng: random.Random) -> bytes:
    try:
        tree = json.loads(content)
    except (ValueError, RecursionError):
        return mutate(content, rng)
    for _ in range(rng.randint(1, 4)):
        places = [place for place in _places(tree) if place[0]]
        if places:
            holder, key = rng.choice(places)
            other = rng.choice(places)
            if not rng.randrange(6):
                del holder[key]
            else:
                holder[key] = rng.choice(
                    [
                        deepcopy(rng.choice(ODD)),
                        deepcopy(rng.choice(ODD)),
                        deepcopy(other[0].get(other[1], 0)) if isinstance(other[0], dict) else 1,
                    ]
                )
    try:
        return json.dumps(tree).encode(errors="surrogatepass")
    except (ValueError, RecursionError):  # a value was put into itself
        return mutate(content, rng)


def _places(tree: Any, depth: int = 0) -> list[tuple[Any, Any]]:
    """Return every place of a tree of JSON as a container and its key."""
    keys = (
        list(tree)
        if isinstance(tree, dict)
        else list(range(min(len(tree), 50)))
        if isinstance(tree, list)
        else []
    )
    below = [place for key in keys for place in _places(tree[key], depth + 1)] if depth < 100 else []  # noqa: PLR2004
    return [(tree, key) for key in keys] + below


def _array(content: bytes, rng: random.Random) -> bytes:
    try:
        array = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    except Exception:  # noqa: BLE001  (it is damaged already)
        return mutate(content, rng)
    kind = rng.randrange(6)
    if kind == 0:
        array = array.reshape(-1)[: max(array.size - rng.randint(1, 3), 0)]
    elif kind == 1:
        array = array.T if array.ndim > 1 else array.reshape(1, -1)
    elif kind == 2:  # noqa: PLR2004
        with suppress(ValueError):
            array = array.astype(rng.choice(["int64", "float16", "float64", "U8", "bool", "complex64"]))
    elif array.size and array.dtype.kind == "U":
        if array.dtype.itemsize < 10_000:  # noqa: PLR2004
            text = str(array.reshape(-1)[0])
            with suppress(ValueError):
                array = np.array(_json(text.encode(), rng).decode(errors="replace"))
    elif array.size:
        array = np.array(array)
        values = (
            [-1, 0, 1e30, np.nan, np.inf, 2**31 - 1] if array.dtype.kind == "f" else [-1, 0, 2**31 - 1, 10**6]
        )
        with np.errstate(all="ignore"):
            array.reshape(-1)[rng.randrange(array.size)] = np.array(rng.choice(values)).astype(array.dtype)
    packed = io.BytesIO()
    np.lib.format.write_array(packed, array, allow_pickle=False)
    return packed.getvalue()


def models(paths: list[Path]) -> Target[Case]:
    """Return exported models, each to be damaged and then asked for predictions."""

    def draw(rng: random.Random, sound: list[bytes]) -> Case:
        number = rng.randrange(len(sound))
        return Case(content=damaged(sound[number], paths[number].name, rng), ending=paths[number].suffix)

    def fault(case: Case, folder: Path) -> str | None:
        path, data = folder / f"model{case.ending}", folder / "new.csv"
        path.write_bytes(case.content)
        data.write_text(TEXTS, encoding="utf-8")

        def use() -> None:
            bundle = load_bundle(path, LoadChecks(only_safe=True), warn=lambda _: None)
            predict_file(bundle, str(data), str(folder / "labelled.csv"))

        return complaint(use, path, data)

    return Target(
        sound=lambda: [path.read_bytes() for path in paths], draw=draw, fault=fault, options=lambda _: ""
    )


def encoders(folders: list[Path]) -> Target[Case]:
    """Return the folders of encoders, in each of which one file is damaged."""
    files = [
        (number, path)
        for number, folder in enumerate(folders)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]

    def draw(rng: random.Random, sound: list[bytes]) -> Case:
        place = rng.randrange(len(files))
        number, path = files[place]
        return Case(
            content=damaged(sound[place], path.name, rng),
            ending=str(number),
            name=str(path.relative_to(folders[number])),
        )

    def fault(case: Case, folder: Path) -> str | None:
        place = folder / "encoder"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(folders[int(case.ending)], place)
        (place / case.name).write_bytes(case.content)

        def use() -> None:
            there = EncoderPlace(name="damaged", folder=str(place), digest=folder_digest(place))
            vectors = open_encoders([there])[0].vectors(TEXTS.splitlines())
            if not np.isfinite(vectors).all():
                raise ArithmeticError("a vector without numbers")

        return complaint(use, place)

    return Target(
        sound=lambda: [path.read_bytes() for _, path in files],
        draw=draw,
        fault=fault,
        options=lambda case: f" is {case.name}",
    )


def complaint(use: Any, *paths: Path) -> str | None:
    """Return what is wrong with how something is treated; None where it works, or is refused in one line."""
    signal.alarm(MOST_SECONDS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            use()
    except InputError as error:
        line = str(error)
        is_named = any(str(path) in line for path in paths) or "encoder" in line
        return None if "\n" not in line and is_named else f"not one clear line: {line!r}"
    except BaseException as error:  # noqa: BLE001  (whatever else comes out is what this looks for)
        return f"{type(error).__name__}: {error}"[:500]
    finally:
        signal.alarm(0)
    return None


def _late(*_: object) -> None:
    raise TimeoutError(f"it took more than {MOST_SECONDS} s")


def main() -> int:
    """Run until the time is over or a fault is found."""
    parser = parser_of(__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    signal.signal(signal.SIGALRM, _late)
    make = encoders if options.paths[0].is_dir() else models
    return hunt(make(options.paths), options)


if __name__ == "__main__":
    sys.exit(main())
