"""A model behind HTTP: predictions as the command line gives them, and refusals in place of failures."""

from __future__ import annotations

import json
import re
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from automl_text import __version__
from automl_text.bundle.fast_features import fast_predict
from automl_text.errors import InputError
from automl_text.tables.table import cell_text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from automl_text.bundle.bundle import Bundle
    from automl_text.bundle.fast_features import Predict
    from automl_text.results import FeatureColumn

_MOST_BYTES = 4 * 2**20
_MOST_TEXTS = 1000
_MOST_CHARACTERS = 100_000
_INSTALL = "Run: pip install 'automl-text[serve]'"
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)

_Text = Annotated[str, StringConstraints(max_length=_MOST_CHARACTERS)]
_Cells = dict[str, bool | int | float | _Text | None]


class _Request(BaseModel):
    """One text, or many; exactly one of the two. What stands beside a text follows in the same form."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: _Text | None = None
    texts: Annotated[list[_Text], Field(min_length=1, max_length=_MOST_TEXTS)] | None = None

    features: _Cells | Annotated[list[_Cells], Field(max_length=_MOST_TEXTS)] | None = None

    @model_validator(mode="after")
    def _has_one_of_them(self) -> Self:
        if (self.text is None) == (self.texts is None):
            raise ValueError('give either "text", one string, or "texts", a list of them')
        if self.features is not None and len(self.beside) != (1 if self.texts is None else len(self.texts)):
            raise ValueError(
                'give "features" as an object beside "text", or as a list of one for each of "texts"'
            )
        return self

    @property
    def beside(self) -> list[_Cells]:
        """The cells beside each text; empty where none are given."""
        return [self.features] if isinstance(self.features, dict) else self.features or []


class Prediction(BaseModel):
    """What the model says of one text."""

    prediction: str
    confidence: float
    probabilities: dict[str, float]
    unlike_training: bool | None = None
    """Whether the text is unlike those of training; None where the model's manifest does not tell."""


def _predictions(
    bundle: Bundle, predict: Predict, texts: list[str], beside: list[_Cells]
) -> list[Prediction]:
    """Return one prediction for each text.

    Raises
    ------
    InputError
        If the model reads a column beside the text that is not given, or reads none and is given some.
    """
    labels, columns = bundle.labels, bundle.features
    if beside and not columns:
        raise InputError("This model reads the text alone; leave features out.")
    given = [each for each in columns if beside and all(each.name in cells for cells in beside)]
    cells = {each.name: [_cell(row[each.name], each) for row in beside] for each in given}
    with bundle.asked():
        probability, largest = predict(bundle.rows("features", texts, cells))
    marks = bundle.unlike(probability.max(axis=1), largest)
    return [
        Prediction(
            prediction=labels[int(row.argmax())],
            confidence=float(row.max()),
            probabilities=dict(zip(labels, row.tolist(), strict=True)),
            unlike_training=is_unlike,
        )
        for row, is_unlike in zip(
            probability, [None] * len(texts) if marks is None else marks.tolist(), strict=True
        )
    ]


def _about(bundle: Bundle) -> dict[str, Any]:  # JSON
    """Return what the model is, what was promised of it, and its digest."""
    manifest = bundle.manifest
    known: dict[str, Any] = {"sha256": bundle.sha256, "version": __version__}
    if manifest is None:
        return {**known, "labels": bundle.labels}
    return {
        **known,
        **manifest.model_dump(
            mode="json",
            include={
                "family": True,
                "title": True,
                "labels": True,
                "features": {"__all__": {"name", "kind"}},
                "promise": True,
                "trained_on": {"file_name", "n_rows"},
            },
        ),
    }


def make_app(bundle: Bundle) -> Any:  # a FastAPI, an extra
    """Return the application: /predict, /health, /model, and a page to try a text.

    Raises
    ------
    InputError
        If FastAPI is not installed.
    """
    try:
        from fastapi import FastAPI  # noqa: PLC0415
        from fastapi.concurrency import run_in_threadpool  # noqa: PLC0415
        from fastapi.responses import HTMLResponse  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise InputError(f"serve needs the package {error.name}. {_INSTALL}") from error
    app = FastAPI(title="automl-text", version=__version__, docs_url=None, redoc_url=None)
    page = Path(__file__).with_name("serve.html").read_text(encoding="utf-8")
    model_predict = fast_predict(bundle.estimator)

    @app.post("/predict")
    async def predict(request: _Request) -> list[Prediction]:
        texts = request.texts if request.texts is not None else [request.text or ""]
        whole = [_whole(text) for text in texts]
        return await run_in_threadpool(_predictions, bundle, model_predict, whole, request.beside)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/model")
    async def model() -> dict[str, Any]:
        return _about(bundle)

    @app.get("/", response_class=HTMLResponse)
    async def try_it() -> HTMLResponse:
        return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})

    _refuse_politely(app)
    app.add_middleware(_Limited)
    return app


def _cell(value: object, column: FeatureColumn) -> str:
    """Return a value of JSON as a file of training would have it."""
    written = _whole(cell_text(value))
    return written.replace(".", ",") if isinstance(value, float) and column.decimal == "," else written


def _whole(text: str) -> str:
    """Return ``text`` without halves of characters, which no encoding can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _refuse_politely(app: Any) -> None:
    """Answer wrong input with 422 and a sentence; the input itself is not sent back."""
    from fastapi.exceptions import RequestValidationError  # noqa: PLC0415
    from fastapi.responses import JSONResponse  # noqa: PLC0415

    async def refused(_: Any, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"] if step != "body")
        return JSONResponse(
            status_code=422,
            content={"error": f"{where or 'body'}: {first['msg']}".encode("ascii", "replace").decode()},
        )

    async def wrong(_: Any, error: InputError) -> JSONResponse:
        return JSONResponse(status_code=422, content={"error": str(error)})

    app.add_exception_handler(RequestValidationError, refused)
    app.add_exception_handler(InputError, wrong)


class _Limited:
    """Refuses bodies that are too large, whatever their header claims, and those of no use before they are parsed."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Read the body up to the limit, then hand it on."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        body, message = b"", {"more_body": True}
        while message.get("more_body", False):
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            if len(body) > _MOST_BYTES:
                await _answer(send, 413, f"the body is larger than {_MOST_BYTES // 2**20} MB")
                return
        if (fault := _fault_of(body)) is not None:
            await _answer(send, 422, fault)
            return
        is_given = False

        async def again() -> Any:
            nonlocal is_given
            if is_given:
                return await receive()
            is_given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)


_DEEPEST = 8
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
"""A text of JSON, also one that does not end."""


def _fault_of(body: bytes) -> str | None:
    """Return why ``body`` cannot be a request: not UTF-8, or nested so deeply that parsing it would fail."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return "the body is not UTF-8"
    steps = (1 if sign in "[{" else -1 for sign in _STRING.sub("", text) if sign in "[{]}")
    return "the body is nested too deeply" if max(accumulate(steps), default=0) > _DEEPEST else None


async def _answer(send: Any, status: int, message: str) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps({"error": message}).encode()})


def dockerfile(requirements: str, model: str) -> str:
    """Return a Dockerfile that serves a run's model as a user without rights.

    Parameters
    ----------
    requirements : str
        Lines for pip: what the model needs.
    model : str
        Name of its file.
    """
    pins = " ".join(f'"{line}"' for line in requirements.split())
    return f"""\
FROM python:3.11-slim
RUN apt-get update && apt-get install --yes --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
RUN pip install --no-cache-dir "automl-text[serve]=={__version__}" {pins}
RUN useradd --create-home --shell /usr/sbin/nologin server
COPY {model} {Path(model).with_suffix(".json")} /model/
USER server
ENV OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=3)"]
CMD ["automl-text", "serve", "/model/{model}", "--host", "0.0.0.0", "--port", "8000", "--require-manifest"]
"""
