"""Records a real search as a picture for README: the live view halfway, then the summary.

Run as ``python scripts/make_terminal_picture.py examples/support_tickets.csv docs/terminal.svg``.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from automl_text.cli.say import PICTURE_WIDTH, svg
from automl_text.cli.summary import summary
from automl_text.cli.view import LiveView
from automl_text.experiment.request import SearchRequest
from automl_text.experiment.run import run_search

if TYPE_CHECKING:
    from rich.console import RenderableType

    from automl_text.experiment.observer import Progress

MOMENT = 0.6
"""Share of the fits after which the view is kept."""


class Recorder(LiveView):
    """The live view, kept as it was at `MOMENT`."""

    def __init__(self) -> None:
        super().__init__(Console(file=io.StringIO(), width=PICTURE_WIDTH))
        self.kept: RenderableType = ""

    def finished(self, progress: Progress) -> None:
        """See `Observer`."""
        super().finished(progress)
        if self.stage_name == "search" and self.n_done <= MOMENT * self.n_planned:
            self.kept = self.render()


def main() -> None:
    """Search, and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--families", default="", help="a,b; all of them when left out")
    options = parser.parse_args()
    families = tuple(name for name in options.families.split(",") if name)
    recorder = Recorder()
    with tempfile.TemporaryDirectory() as place:
        request = SearchRequest(
            data=options.data,
            preset=options.preset,
            families=families,
            references="majority",
            output=Path(place),
            mode="overwrite",
        )
        output = run_search(request, recorder)
    folder = Path("reports") / options.data.stem
    timing = output.result.timing
    model = timing.model and timing.model.model_copy(update={"folder": str(folder)})
    result = output.result.model_copy(update={"timing": timing.model_copy(update={"model": model})})
    shown = summary(result, folder)
    options.picture.write_text(svg(recorder.kept, "", shown), encoding="utf-8")


if __name__ == "__main__":
    main()
