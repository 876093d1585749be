"""A town served by the real processes (web, worker, ticker on an embedded database), and a headless Chromium.

A machine without Chromium skips these tests and says how to mend it; a CI run never does.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy.orm import Session

import handlers
from bpmn import definitions, transactions
from bpmn.scenarios.folders import files_of
from handlers import catalogue, clocks, shipped
from handlers.org import seed
from tests.crash.service import Service, service
from tests.e2e.people import PASSWORD, Person
from tests.support import databases
from tests.support.waiting import until
from webapp import assets

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SEEN = databases.CHECKOUT / "var" / "e2e"
WENT = pytest.StashKey[dict[str, bool]]()
DESK, PHONE = (1280, 860), (390, 844)


def missing(what: str, mend: str) -> None:
    """Skip with the command that mends it; in CI nothing is skipped."""
    sentence = f"{what} is missing. Mend it with: {mend}"
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or the one that GRIDWHISTLE_CHROMIUM names."""
    path = os.environ.get("GRIDWHISTLE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("Chromium", "apt-get install -y chromium")
    if not assets.is_built():
        missing("the built front end", "make ready")
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def town(database_server: str, database_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The demo town without cases, served by one web process, one worker and one ticker."""
    with ExitStack() as stack:
        database = stack.enter_context(databases.fresh(database_server, database_template))
        handlers.load()
        before = datetime.now(UTC) - timedelta(hours=1)

        def furnish(session: Session) -> None:
            clocks.seed(session, actor=seed.SEED, now=before)
            catalogue.seed(session, actor=seed.SEED, now=before)
            seed.load(session, before, lambda _username: PASSWORD)
            folder = shipped.path("case_handling")
            definitions.deploy(session, folder.name, files_of(folder), actor=seed.SEED, now=before)

        transactions.run(database.factory, furnish)
        running = stack.enter_context(service(database.url, tmp_path_factory.mktemp("e2e")))
        running.web()
        running.start("webapp.cli", "worker")
        running.start("webapp.cli", "ticker")
        until(lambda: _is_healthy(running), within=60)
        yield running


def _is_healthy(running: Service) -> bool:
    return requests.get(f"{running.base}/health", timeout=5).status_code == 200


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember how the test went, so that a failed one leaves pictures of what everybody saw."""
    report = yield
    item.stash.setdefault(WENT, {})[report.when or ""] = report.failed
    return report


@pytest.fixture
def enter(chromium: Browser, town: Service, request: pytest.FixtureRequest) -> Iterator[Callable[..., Person]]:
    """A person who has signed in on a device of their own. Errors of scripts fail the test."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def make(username: str, size: tuple[int, int] = DESK, language: str = "zh") -> Person:
        is_phone = size[0] < 640
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            is_mobile=is_phone,
            has_touch=is_phone,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            geolocation={"longitude": 114.3909, "latitude": 23.0720, "accuracy": 6},
            permissions=["geolocation"],
        )
        opened.append(context)
        context.add_cookies([{"name": "language", "value": language, "url": town.base}])
        page: Page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{username}: {error}"))
        page.set_default_timeout(20_000)
        person = Person(username, page, town.base)
        person.sign_in()
        return person

    yield make
    if request.node.stash.get(WENT, {}).get("call"):
        SEEN.mkdir(parents=True, exist_ok=True)
        for index, context in enumerate(opened):
            context.pages[0].screenshot(path=SEEN / f"{request.node.name}-{index}.png", full_page=True)
        print(f"pictures: {SEEN}")
    for context in opened:
        context.close()
    assert not complaints, complaints


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A photo on the device."""
    from tests.web.stage import jpeg

    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg(size=(1200, 900)))
    return path
