"""What a person decides by: which model, how good, how sure, what not to trust, what next.

Every form of the report leads with it: page, Markdown, JSON, terminal, notebook. A figure has one source here, so that
two forms cannot disagree.
"""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from automl_text.report import formats
from automl_text.report.elements import family_title
from automl_text.results import TEXT_ALONE, Procedure
from automl_text.wording import counted, excerpt, listed, mid_sentence, printable, short_label

if TYPE_CHECKING:
    from automl_text.results import Comparison, Insight, Interval, RunResult, ThresholdRow

_TITLES = {
    "no_signal": "No model can be recommended",
    "all_failed": "No model could be fitted",
    "only_references": "Only references were fitted",
}
_WHY_NOT = {
    "no_signal": "No signal: labels cannot be told from shuffled ones",
    "all_failed": "The run failed",
    "only_references": "Nothing to choose: references are there to compare with",
}
_TOLERATED = 0.1
"""A model that errs more often than this where it is surest decides nothing alone."""
_NEARLY_ALL = 0.995
"""A share that rounds to all texts."""
_MOST_LABELS = 4
_MOST_CHARACTERS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class _Command:
    """A command that a reader may want next, and what it is for."""

    purpose: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """The facts, and the sentences that are made of them."""

    title: str
    certainty: str
    family: str | None
    headline: str
    """What was found where nothing is recommended; empty otherwise."""
    n_classes: int
    n_measurable: int
    """Classes that are not too rare to be judged: macro-F1 is of these."""
    accuracy: float | None
    accuracy_interval: Interval | None
    alone: ThresholdRow | None
    """The confidence from which the model may decide; None where it should decide nothing."""
    never_alone: tuple[str, ...]
    macro_f1: float | None
    is_expected: bool
    """Whether the macro-F1 is that of new texts, and not as measured."""
    interval: Interval | None
    interval_reason: str
    chance: float | None
    vectors: str
    """What the sentence vectors of a pretrained encoder brought; empty where that was not measured."""
    beside: str
    """What the columns beside the text brought; empty where there are none."""
    commands: tuple[_Command, ...]
    next_steps: tuple[str, ...]

    @property
    def right(self) -> tuple[str, str]:
        """How many texts get the right category: the figure, and what it is a figure of."""
        if self.accuracy is None:
            return "", ""
        low, high = (round(100 * end) for end in self.accuracy_interval or (0.0, 0.0))
        span = f" (95 % interval {low} to {high})" if self.accuracy_interval else ""
        return f"{round(100 * self.accuracy)} of 100", f"new texts get the right category{span}"

    @property
    def decides(self) -> tuple[str, str]:
        """What may be left to the model: the share of texts, and at what price."""
        row = self.alone
        if row is None or row.error is None:
            return "No text", "should be decided without a person: even where it is surest, it errs too often"
        span = f" ({formats.percent_interval(row.error_interval)})" if row.error_interval else ""
        price = f"it errs in {formats.percent(row.error)} of those{span}"
        if row.coverage > _NEARLY_ALL:
            return "Every text", f"can be decided by it alone; {price}"
        sure = f"where it is at least {row.threshold:g} sure"
        return formats.percent(row.coverage), (
            f"of texts it can decide alone, {sure}; {price}, and a person reads the rest"
        )

    @property
    def unsafe(self) -> tuple[str, str]:
        """Categories that no confidence is shown to make safe, by error or for want of texts: how many, and which."""
        if not self.never_alone:
            return "No category", "errs in over 1 of 10 texts once it is sure enough"
        if len(self.never_alone) == self.n_classes:
            return (
                f"All {self.n_classes}",
                "categories may, as far as their texts tell, err in over 1 of 10 at any confidence",
            )
        names = listed(tuple(short_label(label) for label in self.never_alone), _MOST_LABELS)
        return (
            f"{len(self.never_alone)} of {self.n_classes}",
            f"categories may, as far as their texts tell, err in over 1 of 10 at any confidence: {names}",
        )

    @property
    def promise(self) -> tuple[str, str]:
        """The macro-F1 to expect, and between which ends."""
        if self.macro_f1 is None:
            return "", ""
        kind = "macro-F1 expected on new texts" if self.is_expected else "macro-F1 as measured"
        if self.n_measurable < self.n_classes:
            kind += f", over {self.n_measurable} of {self.n_classes} categories: the others cannot be judged"
        span = (
            f"95 % interval {formats.interval(self.interval)}"
            if self.interval
            else f"no interval: {self.interval_reason}".rstrip(": ")
        )
        guess = "" if self.chance is None else f"; guessing gets {formats.score(self.chance)}"
        return formats.score(self.macro_f1), f"{kind} ({span}{guess}, perfect is 1)"

    @property
    def sentences(self) -> tuple[str, ...]:
        """The facts as sentences, in the order in which a person decides by them."""
        if self.family is None:
            return (self.headline, *self.next_steps)
        stated = (self.right, self.decides, self.unsafe, self.promise)
        brought = (each for each in (self.beside, self.vectors) if each)
        return *(f"{figure} {words}." for figure, words in stated if figure), *brought


def briefing(result: RunResult) -> Briefing:
    """Return what every form of the report leads with."""
    recommended, verdict, insight = result.recommended, result.verdict, result.insight
    promised = result.procedure if recommended else Procedure()
    chance = result.shown.metric("macro_f1") if result.shown else None
    return Briefing(
        title=f"Use {mid_sentence(family_title(result, recommended))}"
        if recommended
        else _TITLES[verdict.code],
        certainty=_certainty(result),
        family=recommended,
        headline="" if recommended else _headline(verdict.headline),
        n_classes=len(result.dataset.classes),
        n_measurable=sum(each.is_measurable for each in result.dataset.classes),
        accuracy=promised.accuracy,
        accuracy_interval=promised.accuracy_interval,
        alone=_advised(insight) if recommended else None,
        never_alone=insight.never_safe,
        macro_f1=promised.promised_macro_f1,
        is_expected=promised.expected_macro_f1 is not None,
        interval=promised.interval,
        interval_reason=excerpt(promised.interval_reason),
        chance=chance.chance_random if chance else None,
        vectors=_vectors(result),
        beside=_beside(result, recommended) if recommended else "",
        commands=_commands(result),
        next_steps=()
        if recommended
        else tuple(excerpt(line, _MOST_CHARACTERS) for line in verdict.next_steps),
    )


def facts(result: RunResult) -> dict[str, Any]:
    """Return the briefing as plain values for a program, with how every other family compares."""
    stated = asdict(briefing(result))
    stated["alone"] = None if stated["alone"] is None else stated["alone"].model_dump(mode="json")
    lead = result.recommended
    rivals = [each.seen_from(lead) for each in result.comparisons if lead and lead in {each.a, each.b}]
    return {**stated, "against": [each.model_dump(mode="json") for each in rivals]}


def _headline(headline: str) -> str:
    """Return what was found, without the words that stand above it as title."""
    rest = excerpt(headline, _MOST_CHARACTERS).removeprefix("No model is recommended: ")
    return f"{rest[:1].upper()}{rest[1:]}"


def _certainty(result: RunResult) -> str:
    verdict = result.verdict
    if result.recommended is None:
        return _WHY_NOT.get(verdict.code, "")
    rivals = [row for row in result.leaderboard if not row.is_reference and row.macro_f1 is not None]
    if len(rivals) == 1:
        return "Nothing to compare it with: no other family was measured"
    if verdict.confidence == "clear":
        return "Clear: no other family that was tried does better"
    others = listed(tuple(mid_sentence(family_title(result, family)) for family in verdict.ties))
    if verdict.confidence == "leaning":
        return f"Probably the best of {len(rivals)} families; {others or 'another'} cannot be ruled out"
    return f"A close call: {others or 'another'} may be just as good"


def _advised(insight: Insight) -> ThresholdRow | None:
    """Return the row that the verdict advises; without one that which errs least, if it errs seldom enough."""
    usable = [row for row in insight.thresholds if row.error is not None and row.n_decided]
    advised = next((row for row in usable if row.threshold == insight.advised_threshold), None)
    least = min(usable, key=lambda row: (row.error or 0.0, -row.coverage), default=None)
    return advised or (least if least and (least.error or 0.0) <= _TOLERATED else None)


def _vectors(result: RunResult) -> str:
    """Return what sentence vectors brought: the best family with them against the best one without."""
    gain = result.encoder_gain
    if gain is None:
        return ""
    names = [short_label(each.short_name or each.name) for each in result.config.encoders]
    known = f"What {'the encoders' if len(names) > 1 else 'the encoder'} {listed(names)}".rstrip()
    known = "What the bundled encoder" if names == ["bundled"] else known
    a, b = (mid_sentence(family_title(result, family)) for family in (gain.a, gain.b))
    return (
        f"{known} {'know' if len(names) > 1 else 'knows'} of language brought {gained(gain, result.config.rope)}: "
        f"{a} against {b}, the best family without it."
    )


def _beside(result: RunResult, recommended: str) -> str:
    """Return what the columns beside the text brought the recommended family, against itself on the text alone."""
    names = listed(tuple(short_label(each.name) for each in result.dataset.features))
    if not names:
        return ""
    title, gain = mid_sentence(family_title(result, recommended)), result.beside_gain
    if gain is not None:
        brought = gained(gain, result.config.rope)
        return f"Beside the text {names} brought {brought}: {title} against itself on the text alone."
    notes = next(each.notes for each in result.evaluations if each.family == recommended)
    if TEXT_ALONE in notes:
        return f"{title[:1].upper()}{title[1:]} reads the text alone, without {names}."
    return f"What {names} brought beside the text was not measured."


def gained(gain: Comparison, rope: float) -> str:
    """Return a gain in macro-F1 with its interval, and in words where it is none that can be told."""
    low, high = gain.interval
    told = ""
    if gain.verdict not in {"better", "worse"}:
        told = ", which cannot be told from no difference on these rows"
        if low > 0 or high < 0:
            told = f", which may be no more than the {rope:g} up to which two count as level"
    span = formats.signed_interval(gain.interval)
    return f"{formats.signed(gain.difference)} macro-F1 (95 % interval {span}){told}"


def _run_folder(result: RunResult) -> str:
    """Return the folder of the run as a shell takes it."""
    model = result.timing.model
    folder = model.folder if model else ""
    return shlex.quote(folder or f"reports/{PurePosixPath(result.dataset.file_name).name.split('.')[0]}")


def _commands(result: RunResult) -> tuple[_Command, ...]:
    """Return what to run next; none where there is no model."""
    model = result.timing.model
    if model is None:
        return ()
    row = _advised(result.insight)
    least = f" --min-confidence {row.threshold:g}" if row and row.coverage <= _NEARLY_ALL else ""
    held = "" if model.family == result.recommended else f" (the file holds {model.family})"
    predict = f"automl-text predict {_run_folder(result)} new.csv -o labelled.csv{least}"
    commands = [_Command(purpose=f"Label new texts{held}", line=printable(predict))]
    if result.verdict.first_command:
        commands.append(_Command(purpose="Likely to help most", line=result.verdict.first_command))
    if result.insight.suspects:
        review = f"automl-text suspects {_run_folder(result)} -o review.csv"
        commands.append(_Command(purpose="Review doubtful labels", line=printable(review)))
    if result.insight.label_next:
        pool = f"automl-text next {_run_folder(result)} pool.csv -n 50 -o to_label.csv"
        commands.append(_Command(purpose="Pick what to label next", line=printable(pool)))
    return tuple(commands)


def rows_words(result: RunResult) -> str:
    """Return ``500 texts, 18 categories``."""
    dataset = result.dataset
    return f"{counted(dataset.n_rows, 'text')}, {formats.classes(len(dataset.classes))}"
