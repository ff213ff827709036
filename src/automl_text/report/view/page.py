"""All sections of the page in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.text import excerpt
from automl_text.report.view.answers import AnswersView, answers_view
from automl_text.report.view.automation import AutomationView, automation_view
from automl_text.report.view.categories import CategoriesView, categories_view
from automl_text.report.view.confusions import ConfusionsView, confusions_view
from automl_text.report.view.differences import DifferencesView, differences_view
from automl_text.report.view.growth import GrowthView, growth_view
from automl_text.report.view.health import HealthView, health_view
from automl_text.report.view.leaderboard import LeaderboardView, leaderboard_view
from automl_text.report.view.learned import LearnedGroup, learned_lede, learned_view
from automl_text.report.view.method import MethodView, method_view
from automl_text.report.view.searching import SearchView, search_view
from automl_text.report.view.verdict import VerdictView, verdict_view

if TYPE_CHECKING:
    from automl_text.results import RunResult


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """The whole page; every string in it is finished."""

    file_name: str
    subtitle: str
    verdict: VerdictView
    automation: AutomationView
    answers: AnswersView
    health: HealthView
    leaderboard: LeaderboardView
    differences: DifferencesView
    categories: CategoriesView | None
    confusions: ConfusionsView
    growth: GrowthView
    learned: tuple[LearnedGroup, ...]
    learned_lede: str
    search: SearchView
    method: MethodView
    version: str


def page_view(result: RunResult) -> PageView:
    """Return everything that the page shows of ``result``."""
    dataset = result.dataset
    learned = learned_view(result)
    return PageView(
        file_name=excerpt(dataset.file_name, 60),
        subtitle=f"{formats.counted(dataset.n_rows, 'text')}, {formats.categories(len(dataset.classes))}",
        verdict=verdict_view(result),
        automation=automation_view(result),
        answers=answers_view(result),
        health=health_view(result),
        leaderboard=leaderboard_view(result),
        differences=differences_view(result),
        categories=categories_view(result),
        confusions=confusions_view(result),
        growth=growth_view(result),
        learned=learned,
        learned_lede=learned_lede(learned),
        search=search_view(result),
        method=method_view(result),
        version=excerpt(result.versions.get("automl-text", ""), 40),
    )
