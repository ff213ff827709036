"""Feed damaged files to the reader: every one must be read or refused with one line, never with a traceback.

    python benchmarks/fuzz.py --minutes 10 --seed 0

Sound files of every format are mutated: bytes flipped, cut out, doubled, moved, and replaced by what is known to hurt.
The first failure is written to a file and its path printed; exit code 1.
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

import pyarrow as pa
from pyarrow import parquet

from automl_text.data.loading import load_dataset
from automl_text.errors import InputError

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One damaged file and the options that it is read with."""

    content: bytes
    ending: str
    encoding: str | None
    separator: str | None


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


def draw(rng: random.Random, sound: list[bytes]) -> Case:
    """Return a damaged file, or two files run together, with options that are mostly left out."""
    content = mutate(rng.choice(sound), rng)
    if not rng.randrange(20):
        content += rng.choice(sound)
    return Case(
        content=content,
        ending=rng.choice(ENDINGS),
        encoding=rng.choice([None] * 8 + ENCODINGS),
        separator=rng.choice([None] * 6 + SEPARATORS),
    )


def fault(case: Case, folder: Path) -> str | None:
    """Return what is wrong with how a case is treated; None where it is read, or refused in one line."""
    path = folder / f"data{case.ending}"
    path.write_bytes(case.content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            load_dataset(path, encoding=case.encoding, separator=case.separator)
    except InputError as error:
        line = str(error)
        return None if line.isprintable() and line.startswith(str(path)) else f"not one clear line: {line!r}"
    except Exception as error:  # noqa: BLE001  (whatever else comes out is what this looks for)
        return f"{type(error).__name__}: {error}"
    return None


def main() -> int:
    """Run until the time is over or a fault is found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    rng, sound = random.Random(options.seed), sound_files()  # noqa: S311  (nothing secret)
    end, n_cases, found = time.monotonic() + 60 * options.minutes, 0, None
    with tempfile.TemporaryDirectory() as folder:
        while not found and time.monotonic() < end:
            case = draw(rng, sound)
            found = fault(case, Path(folder))
            n_cases += 1
    print(f"seed {options.seed}: {n_cases} damaged files, {'one fault' if found else 'no fault'}")
    if found:
        kept = Path(tempfile.mkdtemp()) / f"fault{case.ending}"
        kept.write_bytes(case.content)
        print(f"{found}\n{kept} read with encoding={case.encoding!r}, separator={case.separator!r}")
    if options.json:
        options.json.write_text(json.dumps({"n_cases": n_cases, "fault": found}) + "\n", encoding="utf-8")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
