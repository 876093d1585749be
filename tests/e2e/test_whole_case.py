"""A problem from report to closure by seven pairs of hands, at a desk and on a phone, in Chinese."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import DESK, PHONE
from tests.e2e.people import Person

Enter = Callable[..., Person]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_case_runs_from_report_to_closure(enter: Enter, picture: Path, size: tuple[int, int]) -> None:
    collector = enter("collector01", PHONE)
    number = collector.report(picture, search="blshlj", words="墙角三袋垃圾")

    acceptor = enter("acceptor01", size)
    acceptor.take(number)
    expect(acceptor.page.locator("main")).to_contain_text("墙角三袋垃圾")
    acceptor.choose("提请立案")
    acceptor.complete()

    leader = enter("shiftleader01", size)
    leader.take(number)
    leader.choose("立案")
    leader.select("立案条件", "")
    leader.complete()

    dispatcher = enter("dispatcher01", size)
    dispatcher.take(number)
    dispatcher.select("主办单位", "环卫所")
    dispatcher.write("派遣意见", "请今天清走")
    dispatcher.complete()

    worker = enter("hw01", size)
    worker.take(number)
    worker.choose("属本单位职责，签收")
    worker.complete()
    worker.take(number)
    worker.write("处置结果", "已清走，地面已冲洗")
    worker.attach(picture)
    worker.complete()

    checker = enter("checker01", size)
    checker.take(number)
    checker.choose("合格")
    checker.complete()

    closer = enter("shiftleader02", size)
    closer.take(number)
    closer.choose("准予结案")
    closer.complete()

    page = collector.case(number)
    expect(page.locator(".gw-casehead")).to_contain_text("已结案")
    for words in ("墙角三袋垃圾", "请今天清走", "已清走，地面已冲洗", "核查合格"):
        expect(page.locator("[data-timeline]")).to_contain_text(words)


def test_the_diagram_and_the_map_are_drawn(enter: Enter, picture: Path) -> None:
    number = enter("collector02", PHONE).report(picture, search="0110", words="")
    page = enter("acceptor02", DESK).case(number)
    page.wait_for_selector("[data-island=diagram][data-ready]")
    current = page.locator("[data-element-id=Task_Accept].is-current")
    expect(current).to_have_count(1)
    expect(page.locator("[data-element-id=Start_Reported].is-done")).to_have_count(1)
    expect(page.locator("[data-element-id=Task_Close].is-coming")).to_have_count(1)
    expect(page.locator(".bjs-powered-by")).to_be_visible()
    page.locator("[data-island=map]").scroll_into_view_if_needed()
    page.wait_for_selector("[data-island=map][data-ready]")
    expect(page.locator(".gm-here")).not_to_have_count(0)


def test_an_open_case_page_renews_itself_when_somebody_acts(enter: Enter, picture: Path) -> None:
    number = enter("collector01", PHONE).report(picture, search="0110", words="")
    watching = enter("shiftleader01", DESK).case(number)
    expect(watching.locator(".gw-live").first).to_contain_text("实时")
    expect(watching.locator(".gw-casehead")).to_contain_text("待受理")
    acceptor = enter("acceptor01", DESK)
    acceptor.take(number)
    acceptor.choose("提请立案")
    acceptor.complete()
    expect(watching.locator(".gw-casehead")).to_contain_text("待立案")


@pytest.mark.parametrize("path", ["/", "/cases", "/cases/{number}", "/tasks/{task}", "/report", "/me"])
def test_no_page_is_wider_than_a_phone(enter: Enter, picture: Path, path: str) -> None:
    person = enter("acceptor03", PHONE)
    number = enter("collector03", PHONE).report(picture, search="0110", words="")
    person.take(number)
    task = person.page.url.rpartition("/")[2]
    person.open(path.format(number=number, task=task))
    person.page.wait_for_load_state("networkidle")
    assert person.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
