"""What a benchmark prints: figures, reference, goals and whether they hold."""

from __future__ import annotations

import json

import pytest

from tools.bench.__main__ import MODULES, main
from tools.bench.results import Result, at_least, at_most, percentile


def test_a_result_holds_when_every_goal_does() -> None:
    good = Result("demo", {"ms": 1.23456}, {"ms": 1.0}, [at_most("time", 1.2, 2.0), at_least("rate", 5, 5)])
    document = json.loads(good.as_json())
    assert set(document) == {"name", "figures", "reference", "goals", "holds"}
    assert (document["holds"], document["figures"]["ms"]) == (True, 1.2346)
    bad = Result("demo", {}, {}, [at_most("time", 2.1, 2.0)])
    assert not bad.holds
    assert "MISSED time" in bad.as_text()


def test_a_percentile_is_a_value_of_the_list() -> None:
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.95, 1.0)] == [50.0, 95.0, 100.0]
    assert percentile([7.0], 0.95) == 7.0


def test_the_benchmarks_of_the_plan_exist_and_others_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(MODULES) >= {"completions", "http", "history", "starts", "tasklist", "timers", "footprint"}
    with pytest.raises(SystemExit) as refused:
        main(["nonsense"])
    assert refused.value.code == 2
    assert "nonsense" in capsys.readouterr().err
