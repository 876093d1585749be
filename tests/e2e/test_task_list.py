"""The task list under the hands: keys, undo, bulk claim, live changes, a lost network; at desk and phone width."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import DESK, PHONE
from tests.e2e.people import Person

Enter = Callable[..., Person]
_streets = count(1)


@pytest.fixture
def street(enter: Enter) -> tuple[str, list[str]]:
    """A place of its own with three fresh cases: (the place to search for, the numbers by due moment)."""
    collector, place = enter("collector01"), f"演达路 {next(_streets)}00 号旁"
    numbers = []
    for words in ("一", "二", "三"):
        body = {"category_code": "0110", "lon": 114.4107, "lat": 23.0808, "address": place, "description": words}
        answer = collector.page.context.request.post(f"{collector.base}/api/v1/cases", data=body)
        assert answer.status == 201, answer.text()
        numbers.append(answer.json()["number"])
    return place, numbers


def test_claiming_and_taking_back_by_keys(enter: Enter, street: tuple[str, list[str]]) -> None:
    place, numbers = street
    acceptor = enter("acceptor01", DESK)
    page = acceptor.page
    page.keyboard.press("/")
    page.keyboard.type(place)
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-task]")).to_have_count(3)
    page.keyboard.press("j")
    expect(page.locator("tr.is-cursor")).to_have_attribute("data-number", numbers[1])
    page.keyboard.press("c")
    second = page.locator(f"tr[data-number='{numbers[1]}']")
    expect(second).to_contain_text("受理员 01（我）")
    expect(page.locator(".gw-toast")).to_contain_text("撤销")
    assert "/?" in page.url, "nobody left the list"
    page.keyboard.press("z")
    expect(second).to_contain_text("待领取")
    expect(page.locator(".gw-toast")).to_contain_text("已撤销")


def test_claiming_several_tells_honestly_who_was_faster(enter: Enter, street: tuple[str, list[str]]) -> None:
    place, numbers = street
    slow, quick = enter("acceptor01", DESK), enter("acceptor02", DESK)
    for person in (slow, quick):
        person.open(f"/?q={place}")
        expect(person.page.locator("tr[data-task]")).to_have_count(3)
    page = slow.page
    page.click("[data-select-all]")
    expect(page.locator("[data-bulk-count]")).to_have_text("已选 3 件")
    quick.page.locator(f"tr[data-number='{numbers[0]}'] [data-act]").click()
    taken = page.locator(f"tr[data-number='{numbers[0]}']")
    expect(taken).to_contain_text("受理员 02")  # heard over the live stream, nobody reloaded
    expect(taken).to_have_class(re.compile("is-taken"))
    expect(page.locator("[data-bulk-count]")).to_have_text("已选 2 件")
    expect(page.locator("[data-bulk-note]")).to_contain_text("已移出所选")
    page.keyboard.press("c")
    expect(page.locator(".gw-toast")).to_contain_text("2 件中领取了 2 件")
    for number in numbers[1:]:
        expect(page.locator(f"tr[data-number='{number}']")).to_contain_text("受理员 01（我）")


def test_without_a_network_the_list_stays_and_claiming_waits(enter: Enter, street: tuple[str, list[str]]) -> None:
    place, numbers = street
    page = enter("acceptor03", DESK).page
    page.goto(f"{page.url}?q={place}")
    expect(page.locator("[data-live-word]")).to_have_text("实时")
    page.context.set_offline(True)
    page.keyboard.press("r")
    expect(page.locator("[data-offline]")).to_be_visible()
    expect(page.locator("[data-live-word]")).to_have_text("离线")
    button = page.locator(f"tr[data-number='{numbers[0]}'] [data-act]")
    expect(button).to_be_disabled()
    page.context.set_offline(False)
    expect(page.locator("[data-offline]")).to_be_hidden()
    expect(button).to_be_enabled()


def test_the_phone_shows_the_same_rows_with_buttons_for_a_thumb(enter: Enter, street: tuple[str, list[str]]) -> None:
    place, numbers = street
    acceptor = enter("acceptor04", PHONE)
    acceptor.open(f"/?q={place}")
    page = acceptor.page
    button = page.locator(f"tr[data-number='{numbers[0]}'] [data-act]")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], "nothing hangs over the side"
    button.tap()
    expect(page.locator(f"tr[data-number='{numbers[0]}'] [data-act]")).to_have_text("处理")


def test_the_list_works_without_scripts(enter: Enter, chromium: Browser, street: tuple[str, list[str]]) -> None:
    place, numbers = street
    acceptor = enter("acceptor02", DESK)
    state = acceptor.page.context.storage_state()
    context = chromium.new_context(java_script_enabled=False, storage_state=state)
    page = context.new_page()
    page.goto(f"{acceptor.base}/?q={place}")
    page.locator(f"tr[data-number='{numbers[0]}'] [data-act]").click()
    expect(page.locator(".gw-toast")).to_contain_text("已领取")
    expect(page.locator(f"tr[data-number='{numbers[0]}']")).to_contain_text("受理员 02（我）")
    context.close()
