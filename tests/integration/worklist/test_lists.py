"""The task list's queries: order, pages, filters, numbers, and who sees which tasks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from bpmn.errors import InvalidInputError, NotFoundError
from handlers import worklist
from handlers.worklist import Cursor, Filters, Page, Scope, sources
from tests.integration.worklist.conftest import Open
from tests.support.databases import TestDatabase
from tests.support.towns import NOW, STREET, statements_of, viewer

DISPATCHERS = f"dispatcher@{STREET}"
ACCEPTORS = f"acceptor@{STREET}"


def numbers(page: Page) -> list[str]:
    return [row.business_key for row in page.rows]


def listed(town: Session, scope: Scope = "queue", who: str = "dispatcher01", **more: object) -> Page:
    return worklist.page(town, scope, viewer=viewer(town, who), now=NOW, **more)  # type: ignore[arg-type]


def test_what_is_due_first_stands_first_and_what_stands_still_last(town: Session, open_task: Open) -> None:
    open_task("HZ-late", due=timedelta(hours=3), groups=[DISPATCHERS])
    open_task("HZ-paused", due=None, groups=[DISPATCHERS])
    open_task("HZ-over", due=-timedelta(minutes=5), groups=[DISPATCHERS])
    open_task("HZ-other-queue", due=timedelta(0), groups=[ACCEPTORS])
    assert numbers(listed(town)) == ["HZ-over", "HZ-late", "HZ-paused"]


def test_pages_show_every_task_once_even_when_it_waits_in_two_of_my_queues(town: Session, open_task: Open) -> None:
    for index in range(7):
        # Some share their due moment: the id decides.
        open_task(f"HZ-{index}", due=timedelta(minutes=index // 3), groups=[DISPATCHERS, ACCEPTORS])
    both = viewer(town, "dispatcher01")
    both = type(both)(
        **{name: getattr(both, name) for name in both.__slots__} | {"groups": frozenset({DISPATCHERS, ACCEPTORS})}
    )
    seen, after = [], None
    for _ in range(10):
        page = worklist.page(town, "queue", viewer=both, now=NOW, after=after, limit=2)
        seen += numbers(page)
        after = page.next and Cursor.decode(page.next.encode())
        if after is None:
            break
    assert seen == [f"HZ-{index}" for index in range(7)]


def test_my_list_has_what_i_hold_and_nothing_else(town: Session, open_task: Open) -> None:
    me, other = viewer(town, "dispatcher01").person_id, viewer(town, "dispatcher02").person_id
    open_task("HZ-mine", due=timedelta(hours=1), groups=[DISPATCHERS], assignee=me)
    open_task("HZ-theirs", due=timedelta(hours=1), groups=[DISPATCHERS], assignee=other)
    open_task("HZ-free", due=timedelta(hours=1), groups=[DISPATCHERS])
    assert numbers(listed(town, "mine")) == ["HZ-mine"]
    assert numbers(listed(town, filters=Filters(holder="free"))) == ["HZ-free"]
    assert numbers(listed(town, filters=Filters(holder="others"))) == ["HZ-theirs"]
    [row] = listed(town, filters=Filters(holder="others")).rows
    assert row.assignee_name == "派遣员 02"


def test_the_whole_list_shows_only_tasks_of_cases_that_i_may_see(town: Session, open_task: Open) -> None:
    open_task("HZ-here", due=timedelta(hours=1), groups=[ACCEPTORS])
    open_task("HZ-elsewhere", due=timedelta(hours=1), groups=[ACCEPTORS], street_code="441302003")
    assert numbers(listed(town, "all")) == ["HZ-here"]
    assert numbers(listed(town, "all", "cg01")) == []
    assert numbers(listed(town, "all", "volunteer01-1")) == []


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(state="over"), ["HZ-1"]),
        (Filters(state="soon"), ["HZ-2"]),
        (Filters(state="paused"), ["HZ-4"]),
        (Filters(steps=("Task_Close",)), ["HZ-3"]),
        (Filters(communities=(f"{STREET}002",)), ["HZ-2"]),
        (Filters(categories=("0503",)), ["HZ-3", "HZ-4"]),
        (Filters(text="启明苑"), ["HZ-3"]),
        (Filters(text="z-2"), ["HZ-2"]),
        (Filters(text="%"), []),
        (Filters(text="启明苑", state="over"), []),
    ],
)
def test_filters_narrow_the_list(town: Session, open_task: Open, filters: Filters, found: list[str]) -> None:
    open_task("HZ-1", due=-timedelta(minutes=1), groups=[DISPATCHERS], warned=True)
    open_task("HZ-2", due=timedelta(minutes=5), groups=[DISPATCHERS], warned=True, community_code=f"{STREET}002")
    here = {"groups": [DISPATCHERS], "category_code": "0503"}
    open_task("HZ-3", due=timedelta(hours=2), element_id="Task_Close", address="启明苑北门", **here)
    open_task("HZ-4", due=None, **here)
    assert numbers(listed(town, filters=filters)) == found


def test_a_search_that_stops_early_says_so_and_goes_on_from_there(
    town: Session, open_task: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "WINDOW", 3)
    for index in range(20):
        open_task(f"HZ-{index:02d}", due=timedelta(minutes=index), groups=[DISPATCHERS])
    wanted = Filters(text="HZ-19")
    page, pages = listed(town, filters=wanted), 1
    while page.next is not None:
        assert page.is_partial
        page, pages = listed(town, filters=wanted, after=page.next), pages + 1
    assert numbers(page) == ["HZ-19"]
    assert pages == 3


def test_the_numbers_beside_the_views_are_those_of_the_lists(town: Session, open_task: Open) -> None:
    me = viewer(town, "dispatcher01")
    open_task("HZ-1", due=-timedelta(minutes=1), groups=[DISPATCHERS], assignee=me.person_id)
    open_task("HZ-2", due=timedelta(minutes=5), groups=[DISPATCHERS], warned=True)
    open_task("HZ-3", due=None, groups=[DISPATCHERS])
    open_task("HZ-4", due=timedelta(hours=1), groups=[ACCEPTORS])
    own = worklist.own(town, viewer=me, now=NOW, scope="queue")
    assert (own.mine, own.queue, own.over, own.soon, own.paused) == (1, 3, 1, 1, 1)
    assert worklist.own(town, viewer=me, now=NOW, scope="mine").soon == 0
    seen = worklist.seen(town, viewer=me, now=NOW)
    assert (seen.all, seen.over, seen.soon, seen.paused, seen.is_a_part) == (4, 1, 1, 1, False)
    facets = worklist.facets(town, "queue", viewer=me, now=NOW)
    assert facets.steps == {"Task_Dispatch": ("派遣", "派遣", 3)}


def test_a_plain_page_costs_one_statement(town: Session, town_database: TestDatabase, open_task: Open) -> None:
    open_task("HZ-1", due=timedelta(hours=1), groups=[DISPATCHERS])
    me = viewer(town, "dispatcher01")
    with statements_of(town_database.engine) as sent:
        worklist.page(town, "queue", viewer=me, now=NOW)
    assert len(sent) == 1


def test_one_row_is_found_for_those_who_may_know_of_it(town: Session, open_task: Open) -> None:
    task = open_task("HZ-1", due=timedelta(hours=1), groups=[DISPATCHERS])
    assert worklist.row_of(town, task.id, viewer(town, "dispatcher01")).business_key == "HZ-1"
    with pytest.raises(NotFoundError):
        worklist.row_of(town, task.id, viewer(town, "volunteer01-1"))
    with pytest.raises(NotFoundError):
        worklist.row_of(town, task.id + 1, viewer(town, "dispatcher01"))


@pytest.mark.parametrize("text", ["", "x", "MjAyNi0xMS0yMnwx", "////", "🦊", "MjAyNi0xMS0yMlQwMDowMDowMHwt"])
def test_a_page_position_that_was_tampered_with_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        Cursor.decode(text)
