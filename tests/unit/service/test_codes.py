import pytest

from litopys.service.codes import check_edrpou, check_eic, check_rnokpp


@pytest.mark.parametrize(
    ("check", "code", "expected"),
    [
        (check_edrpou, "99000011", "valid"),
        (check_edrpou, "99000012", "failing"),
        (check_edrpou, "00000000", "placeholder"),
        (check_edrpou, " 99000011", "failing"),
        (check_edrpou, "1111", "failing"),
        (check_rnokpp, "9900012346", "valid"),
        (check_rnokpp, "9900012347", "failing"),
        (check_rnokpp, "99000123460", "failing"),
        (check_rnokpp, "", "failing"),
        (check_rnokpp, "0000000000", "placeholder"),
        (check_eic, "10Y1001C--00003F", "valid"),
        (check_eic, "10Y1001C--00003G", "failing"),
        (check_eic, "10y1001c--00003f", "failing"),
        (check_eic, "", "failing"),
    ],
)
def test_codes_are_judged_as_they_stand(check, code, expected):
    assert check(code) == expected
