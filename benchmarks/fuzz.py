"""Feed damaged files to what reads them: each must be read or refused in plain lines, never with a traceback.

    python benchmarks/fuzz.py --minutes 10 --seed 0                  # data files
    python benchmarks/fuzz.py --minutes 10 --seed 0 --what spaces    # search-space files
    python benchmarks/fuzz.py --minutes 10 --run reports/data        # the journal and the result of a run

Sound files are mutated: bytes flipped, cut out, doubled, moved, and replaced by what is known to hurt. In search-space
files values are exchanged too, and every one that is surely wrong must be named. The first failure is written to a
file and its path printed; exit code 1.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import random
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pyarrow as pa
from pyarrow import parquet

from automl_text.data.loading import load_dataset
from automl_text.engine.journal import Journal
from automl_text.errors import InputError
from automl_text.families.registry import load_family
from automl_text.files import ReadAs
from automl_text.results.result import read_result
from automl_text.tuning.space import read_space, settings_of
from automl_text.tuning.trials import shared_trials

if TYPE_CHECKING:
    from collections.abc import Callable

AnyCase = TypeVar("AnyCase")

ROWS = [
    ("where is my parcel, please", "delivery"),
    ('they said "tomorrow" again', "delivery"),
    ("two\nlines of café", "délivré"),
    ("荷物はどこですか 😀", "délivré"),
    ("charged twice", "NA"),
    ("", "NA"),
]
HURTFUL = [
    b'"', b'""', b"\n", b"\r", b"\r\n", b"\0", b",", b";", b"\t", b"|", b"\xff", b"\xc3", b"\xed\xa0\x80",
    b"\xef\xbb\xbf", b"\xff\xfe",
    b"\x1f\x8b", b"PAR1", b"PK\x03\x04", b"{", b"[", b'{"a":', b"\\u0000", b"\\ud800", b"NaN", b"1e999",
    b"\xe2\x80\xa8", b"sep=,\n", b"\x85", b"\x1a", b"=1+1", b"9" * 5000, b"[" * 3000,
]  # fmt: skip
ENCODINGS = ["utf-8", "utf-16", "latin-1", "utf-7", "idna", "punycode", "hex", "unicode_escape"]
SEPARATORS = [",", "tab", "x", '"', "\n", "\0", "::"]
ENDINGS = [".csv", ".tsv", ".jsonl", ".parquet", ".csv.gz", ""]
SPACES = Path(__file__).parents[1] / "search_spaces"
WRONG = ["{ a = 1 }", "1979-05-27", "[[1]]", "07:32:00"]
"""Values that no key of a parameter may have."""
ODD = [
    "nan", "inf", "-inf", "1e400", "5e-324", "1.7e308", "-1.7e308", "0", "-0.0", "-1", "true", '""', '"\\n"',
    '"x\\u202e"', "[]", "[1, 1]", "[nan, nan]", "[1, 1.0, true]", "0x" + "f" * 5000, "0x" + "f" * 300, "9" * 5000,
    "9" * 400, "9223372036854775808", "[" * 3000 + "]" * 3000, '"float"', '"int"', '"choice"',
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One damaged file and the options that it is read with."""

    content: bytes
    ending: str
    encoding: str | None
    separator: str | None
    quote: str | None


def sound_files() -> list[bytes]:
    """Return small sound files of every format and encoding."""
    texts, labels = zip(*ROWS, strict=True)
    files = []
    for separator in ",;\t|":
        cells = [f'"{text.replace(chr(34), chr(34) * 2)}"{separator}{label}' for text, label in ROWS]
        files.append("\n".join([f"text{separator}category", *cells, ""]).encode())
    plain = files[0].decode()
    files += [plain.encode("utf-16"), plain.encode("utf-8-sig"), plain.encode("cp1252", errors="replace")]
    files.append("".join(json.dumps({"text": t, "category": c}) + "\n" for t, c in ROWS).encode())
    records = [{"text": t, "category": c} for t, c in ROWS]
    forms = (records, {"train": records, "test": records})
    files += [json.dumps(form, indent=indent).encode() for form in forms for indent in (None, 1)]
    files.append(json.dumps({"text": dict(enumerate(texts)), "category": dict(enumerate(labels))}).encode())
    files.append("".join(f"__label__{c} {t}\n" for t, c in ROWS).encode())
    files.append(plain.replace('"', "'").encode("gb18030"))
    stream = io.BytesIO()
    parquet.write_table(pa.table({"text": texts, "category": labels}), stream)
    files.append(stream.getvalue())
    return files + [gzip.compress(content, mtime=0) for content in files[:1] + files[-2:]]


def mutate(content: bytes, rng: random.Random) -> bytes:
    """Return ``content`` with one to six faults."""
    mutated = bytearray(content)
    for _ in range(rng.randint(1, 6)):
        start = rng.randrange(len(mutated) + 1)
        end = min(len(mutated), start + rng.choice([1, 1, 2, 5, 20, 200]))
        kind = rng.randrange(5)
        if kind == 0:
            mutated[start:end] = rng.randbytes(end - start)
        elif kind == 1:
            del mutated[start:end]
        elif kind == 2:  # noqa: PLR2004
            mutated[start:start] = mutated[start:end] * rng.randint(1, 4)
        elif kind == 3:  # noqa: PLR2004
            mutated[start:start] = rng.choice(HURTFUL)
        else:
            mutated[start:end] = rng.choice(HURTFUL)
    return bytes(mutated)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceCase:
    """One damaged search-space file and the keys that an error must name, all of them at once."""

    content: bytes
    wrong: tuple[str, ...] = ()
    ending: str = ".toml"


def draw_space(rng: random.Random, sound: list[bytes]) -> SpaceCase:
    """Return a search space with damaged bytes, or with other values in up to five places."""
    content = rng.choice(sound)
    if rng.randrange(2):
        return SpaceCase(content=mutate(content, rng))
    lines, table, places = content.decode().splitlines(), "", []
    for number, line in enumerate(lines):
        if line.startswith("["):
            table = line.partition("]")[0][1:]
        elif table and "=" in line:
            places.append((number, table, line.partition(" =")[0]))
    if not places:
        return SpaceCase(content=mutate(content, rng))
    values, wrong, changed = (WRONG, [], set()) if rng.randrange(2) else (ODD, [], set())
    for number, table, key in rng.sample(places, rng.randint(1, min(5, len(places)))):
        if table in changed and table != "fixed":
            continue
        changed.add(table)
        lines[number] = f"{key} = {rng.choice(values)}"
        wrong += [f"{table}.{key}"] if values is WRONG else []
    return SpaceCase(content="\n".join(lines).encode(), wrong=tuple(wrong))


def space_fault(case: SpaceCase, folder: Path) -> str | None:
    """Return what is wrong with how a case is treated; None where it can be searched, or all its faults are said."""
    path = folder / "space.toml"
    path.write_bytes(case.content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            space = read_space(path)
            trials = shared_trials(space, 3, seed=0)
            for params in trials:
                settings_of(load_family(space.family), params)
    except InputError as error:
        lines = str(error).split("\n")
        unclear = [line for line in lines if not line.isprintable() or not line.startswith(f"{path}: ")]
        if unclear:
            return f"not a clear line: {unclear[0]!r}"
        unnamed = [key for key in case.wrong if not any(f"{path}: {key}" in line for line in lines)]
        return f"not named: {unnamed}" if unnamed else None
    except Exception as error:  # noqa: BLE001  (whatever else comes out is what this looks for)
        return f"{type(error).__name__}: {error}"[:500]
    return f"accepted in spite of {case.wrong}" if case.wrong else None


def draw(rng: random.Random, sound: list[bytes]) -> Case:
    """Return a damaged file, or two files run together, with options that are mostly left out."""
    content = mutate(rng.choice(sound), rng)
    if not rng.randrange(20):
        content += rng.choice(sound)
    return Case(
        content=content,
        ending=rng.choice(ENDINGS),
        encoding=rng.choice([*[None] * 8, *ENCODINGS]),
        separator=rng.choice([*[None] * 6, *SEPARATORS]),
        quote=rng.choice([*[None] * 6, "C", "none", "'"]),
    )


def fault(case: Case, folder: Path) -> str | None:
    """Return what is wrong with how a case is treated; None where it is read, or refused in one line."""
    path = folder / f"data{case.ending}"
    path.write_bytes(case.content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            load_dataset(
                path, read_as=ReadAs(encoding=case.encoding, separator=case.separator, quote=case.quote)
            )
    except InputError as error:
        line = str(error)
        return None if line.isprintable() and line.startswith(str(path)) else f"not one clear line: {line!r}"
    except Exception as error:  # noqa: BLE001  (whatever else comes out is what this looks for)
        return f"{type(error).__name__}: {error}"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Generic[AnyCase]):
    """What is fed with damaged files."""

    sound: Callable[[], list[bytes]]
    draw: Callable[[random.Random, list[bytes]], AnyCase]
    fault: Callable[[AnyCase, Path], str | None]
    options: Callable[[AnyCase], str]


DATA = Target(
    sound=sound_files,
    draw=draw,
    fault=fault,
    options=lambda case: (
        f" read with encoding={case.encoding!r}, separator={case.separator!r}, quote={case.quote!r}"
    ),
)
SEARCH_SPACES = Target(
    sound=lambda: [path.read_bytes() for path in sorted(SPACES.glob("*.toml"))],
    draw=draw_space,
    fault=space_fault,
    options=lambda case: f" must be refused for {', '.join(case.wrong)}" if case.wrong else "",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCase:
    """One damaged file of a run."""

    content: bytes
    ending: str


def run_files(run: Path) -> Target[RunCase]:
    """Return the journal and the result of ``run``, to be damaged each for itself."""
    names = ("journal.jsonl", "result.json")
    sound = [(run / name).read_bytes() for name in names]
    header = json.loads(sound[0].splitlines()[0])
    del header["format"]

    def draw_file(rng: random.Random, sound: list[bytes]) -> RunCase:
        number = rng.randrange(len(names))
        content = sound[number]
        if not number and rng.randrange(2):  # in one line, so that others cannot hide it
            lines = content.splitlines(keepends=True)
            place = rng.randrange(1, len(lines))
            content = lines[0] + mutate(lines[place], rng) + lines[-1]
        else:
            content = mutate(content, rng)
        return RunCase(content=content, ending=names[number])

    def read(case: RunCase, folder: Path) -> str | None:
        path = folder / case.ending
        path.write_bytes(case.content)
        try:
            if case.ending == names[0]:
                Journal.open(path, header)
            else:
                read_result(folder)
        except InputError as error:
            line = str(error)
            return (
                None if line.startswith(str(path)) and "\n" not in line else f"not one clear line: {line!r}"
            )
        except Exception as error:  # noqa: BLE001  (whatever else comes out is what this looks for)
            return f"{type(error).__name__}: {error}"[:500]
        return None

    return Target(sound=lambda: sound, draw=draw_file, fault=read, options=lambda _: "")


def hunt(target: Target[Any], options: argparse.Namespace) -> int:
    """Feed damaged files until the time is over or a fault is found, and return the exit code."""
    rng, sound = random.Random(options.seed), target.sound()  # noqa: S311  (nothing secret)
    end, n_cases, found = time.monotonic() + 60 * options.minutes, 0, None
    with tempfile.TemporaryDirectory() as folder:
        while not found and time.monotonic() < end:
            case = target.draw(rng, sound)
            found = target.fault(case, Path(folder))
            n_cases += 1
    print(f"seed {options.seed}: {n_cases} damaged files, {'one fault' if found else 'no fault'}")
    if found:
        kept = Path(tempfile.mkdtemp()) / f"fault{case.ending}"
        kept.write_bytes(case.content)
        print(f"{found}\n{kept}{target.options(case)}")
    if options.json:
        options.json.write_text(json.dumps({"n_cases": n_cases, "fault": found}) + "\n", encoding="utf-8")
    return 1 if found else 0


def parser_of(description: str | None) -> argparse.ArgumentParser:
    """Return a parser of what every hunt is told."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser


def main() -> int:
    """Run until the time is over or a fault is found."""
    parser = parser_of(__doc__)
    parser.add_argument("--what", choices=["data", "spaces"], default="data")
    parser.add_argument("--run", type=Path, metavar="FOLDER", help="damage the files of this run instead")
    options = parser.parse_args()
    target: Target[Any] = DATA if options.what == "data" else SEARCH_SPACES
    return hunt(run_files(options.run) if options.run else target, options)


if __name__ == "__main__":
    sys.exit(main())
