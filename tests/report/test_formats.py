import pytest

from automl_text.report import formats


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "\u2013"), (0.714, "0.71"), (-0.03, "\u22120.03"), (1.0, "1.00"), (0.0, "0.00")],
)
def test_a_score_has_two_decimals(value, shown):
    assert formats.score(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(0.0124, "+0.012"), (-0.5, "\u22120.500"), (-0.0001, "0.000")])
def test_a_difference_carries_its_sign_unless_it_rounds_to_zero(value, shown):
    assert formats.signed(value) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0, "0 %"), (0.014, "1.4 %"), (0.05, "5 %"), (0.355, "36 %"), (1.0, "100 %"), (None, "\u2013")],
)
def test_small_shares_keep_a_decimal(share, shown):
    assert formats.percent(share) == shown


@pytest.mark.parametrize(("value", "shown"), [(0.9999, ">99 %"), (0.0001, "<1 %"), (0.5, "50 %")])
def test_a_probability_is_never_certain(value, shown):
    assert formats.short_probability(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.00002, "20 µs"),
        (0.08, "80 ms"),
        (1.0, "1.0 s"),
        (42.0, "42 s"),
        (512.0, "9 min"),
        (9000.0, "2.5 h"),
    ],
)
def test_a_duration_has_the_unit_that_suits_it(value, shown):
    assert formats.seconds(value) == shown


def test_one_is_singular():
    assert formats.classes(1) == "1 category"
