"""`RayPool`: a Ray cluster as a `concurrent.futures.Executor`."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from automl_text.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

_RETRIES = 3
"""Times that a task runs again on another node when its own dies."""


class RayPool(Executor):
    """Runs calls as tasks of one processor each; a task whose node dies runs again elsewhere.

    Parameters
    ----------
    address : str
        "auto" for the cluster that this machine belongs to, or ``ray://HOST:10001``.

    Raises
    ------
    InputError
        If the extra ``ray`` is not installed, or no cluster answers.
    """

    def __init__(self, address: str) -> None:
        try:
            import ray  # noqa: PLC0415  (an extra)
        except ImportError as error:
            raise InputError(
                f"--cluster {address} needs a package that is not installed: pip install 'automl-text[ray]'"
            ) from error
        self._ray = ray
        try:
            ray.init(address=address, log_to_driver=False, logging_level="error")
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise InputError(
                f"No Ray cluster answers at {address}: {str(error).splitlines()[0]}. Start one with: ray start --head"
            ) from error
        self._call = ray.remote(num_cpus=1, max_retries=_RETRIES)(_called)
        self._references: dict[Future[Any], Any] = {}

    @property
    def n_workers(self) -> int:
        """Processors of the cluster now."""
        return max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def scatter(self, value: Any) -> Any:  # a ray.ObjectRef
        """Send ``value`` to the cluster once; what is returned stands for it in `submit`."""
        return self._ray.put(value)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Return the future of a call; to cancel it ends the task."""
        reference = self._call.remote(fn, *args, **kwargs)
        future: Future[Any] = reference.future()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002  (as in the base class)
        """Leave the cluster, which goes on; tasks of this session end."""
        self._ray.shutdown()


def _called(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call ``fn``: one remote function serves all, and references among the arguments have become their values."""
    return fn(*args, **kwargs)
