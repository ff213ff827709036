"""With rows in time order every choice looks at the past of what it is judged by, and nothing else."""

from dataclasses import replace

import numpy as np
from sklearn.metrics import f1_score

from automl_text.data.dataset import Partition
from automl_text.experiment.prepare import _samples_in_time
from automl_text.tuning.plan import UnitMaker

NOISE = {"place": 0, "imbalance": "none", "breaks": False}
CLASS_WORD = {"place": 1, "imbalance": "balanced", "breaks": False}
BLOCKS = Partition(fold_of_row=np.arange(120) // 15, n_folds=8, first_judged=3)


def in_time(plan):
    return replace(
        plan, partitions=(BLOCKS,), maker=UnitMaker.of(plan.dataset, (BLOCKS,), run_seed=0), with_curve=False
    )


def test_every_chooser_looks_at_splits_that_lie_wholly_in_its_past(dataset, make_plan):
    over_all, *inside = in_time(make_plan(dataset, [NOISE])).choosers
    assert [split.test for chooser in inside for split in chooser.outer] == [(3,), (4,), (5,), (6,), (7,)]
    for chooser in inside:
        (judged_by,) = chooser.outer
        assert judged_by.train == tuple(range(judged_by.test[0]))
        assert [fold for _, fold in chooser.judged] == list(range(1, judged_by.test[0]))
        assert all(
            split.test == (fold,) and split.train == tuple(range(fold)) for split, fold in chooser.judged
        )
    assert [fold for _, fold in over_all.judged] == list(range(1, 8))


def test_the_evidence_is_of_the_judged_rows_and_its_score_is_theirs(dataset, make_plan, search):
    evidence, ran = search(in_time(make_plan(dataset, [NOISE, CLASS_WORD])))
    family, codes = evidence.families[0], dataset.codes[45:]
    assert len({unit.key for unit in ran}) == len(ran) == 2 * 7
    assert evidence.dataset.lines.tolist() == dataset.lines[45:].tolist()
    assert [choice.trial for choice in family.choices] == [1] * 5
    predicted = family.outer_logits[0].argmax(axis=-1)
    assert evidence.truth.macro_f1(predicted) == f1_score(codes, predicted, average="macro") > 0.8
    assert (family.inner_predicted[0, 0] >= 0).sum() == 30  # the first choice saw two blocks
    assert (family.inner_predicted[0, 0, 45:] == -1).all()


def test_a_choice_never_looks_at_rows_of_a_group_that_it_is_judged_by(dataset, make_plan, search):
    groups = np.arange(120)
    groups[50] = groups[20]  # blocks 3 and 1
    plan = in_time(make_plan(replace(dataset, groups=groups), [NOISE, CLASS_WORD]))
    seen = search(plan)[0].families[0].inner_predicted[0] >= 0
    assert not seen[0, 20]
    assert seen[1, 20]


def test_on_large_data_a_choice_is_made_on_a_sample_of_its_past_judged_by_its_last_block(
    dataset, make_plan, search
):
    plan = in_time(make_plan(dataset, [NOISE, CLASS_WORD]))
    samples = _samples_in_time(dataset, BLOCKS, seed=0)
    plan = replace(
        plan, samples=samples, maker=UnitMaker.of(dataset, (*plan.partitions, *samples), run_seed=0)
    )
    over_all, *inside = plan.choosers
    for (holdout, judging), end in zip(over_all.judged, (8, 3, 4, 5, 6, 7), strict=True):
        sample = plan.all_partitions[holdout.partition]
        assert set(BLOCKS.fold_of_row[sample.rows((judging,))]) == {end - 1}
        assert set(BLOCKS.fold_of_row[sample.rows(holdout.train)]) == set(range(end - 1))
    assert [chooser.judged for chooser in inside] == [(judged,) for judged in over_all.judged[1:]]
    family = search(plan)[0].families[0]
    assert [choice.trial for choice in family.choices] == [1] * 5
    assert family.final_params == CLASS_WORD
