"""`automl-text serve`."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from automl_text.cli.options import Model, spelt_out
from automl_text.cli.output import OverwriteOutput, refuse_loss
from automl_text.cli.say import note, out, warn
from automl_text.errors import InputError

if TYPE_CHECKING:
    from automl_text.bundle.load import LoadChecks

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@spelt_out
def serve(
    model: Model,
    *,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen; this machine alone.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", help="0 takes a free one.")] = 8000,
    dockerfile: Annotated[
        Path | None,
        typer.Option("--dockerfile", metavar="FILE", help="Write a Dockerfile and serve nothing."),
    ] = None,
    overwrite: OverwriteOutput = False,
    checks: LoadChecks,
) -> None:
    """Answer predictions over HTTP: /predict, /health, /model, and a page to try a text."""
    from automl_text.bundle.load import load_bundle
    from automl_text.loop.serve import make_app

    if not 0 <= port < 2**16:
        raise InputError(f"--port {port}: a port lies between 0 and 65535.")
    if dockerfile is not None:
        refuse_loss([dockerfile], read=[], overwrite=overwrite)
    bundle = load_bundle(model, checks, warn=warn)
    if dockerfile is not None:
        _write_dockerfile(dockerfile, bundle.path)
        return
    app = make_app(bundle)
    if host not in _LOOPBACK:
        warn(
            f"{host} is open to other machines, and nobody has to log in. Put a proxy with access control before it."
        )
    _run(app, host, port)


def _run(app: Any, host: str, port: int) -> None:  # a FastAPI
    try:
        import uvicorn
    except ModuleNotFoundError as error:
        raise InputError("serve needs the package uvicorn. Run: pip install 'automl-text[serve]'") from error
    try:
        listening = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
    except OSError as error:
        raise InputError(
            f"{host}:{port} cannot be listened to ({error.strerror or error}). Choose another with --host and --port."
        ) from error
    with listening:
        place = listening.getsockname()
        note(f"listening on http://{place[0]}:{place[1]}; Ctrl-C ends it.")
        config = uvicorn.Config(app, log_level="warning", limit_concurrency=64, timeout_keep_alive=5)
        uvicorn.Server(config).run(sockets=[listening])


def _write_dockerfile(path: Path, model: Path) -> None:
    from automl_text.files import write_whole
    from automl_text.loop.serve import dockerfile

    pins = model.with_suffix(".requirements.txt")
    if not pins.is_file():
        raise InputError(f"{pins}: is missing, and says what the model needs. Copy it from the run.")
    write_whole(path, dockerfile(pins.read_text(encoding="utf-8"), model.name))
    out(f"written  {path}")
    out(f"build    docker build -t classifier -f {path} {model.parent}")
    out("run      docker run --read-only -p 127.0.0.1:8000:8000 classifier")
