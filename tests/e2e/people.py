"""What a person does in the browser: sign in, find a case in their list, claim it, fill in the form, send it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

PASSWORD = "river-lamp-0231"


@dataclass
class Person:
    """Somebody at a device."""

    username: str
    page: Page
    base: str

    def sign_in(self) -> None:
        self.page.goto(f"{self.base}/login")
        self.page.fill("input[name=username]", self.username)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("main button[type=submit].btn-primary")
        self.page.wait_for_url(f"{self.base}/")

    def open(self, path: str) -> None:
        self.page.goto(f"{self.base}{path}")

    def report(self, photo: Path, *, search: str, words: str, send: str = "提交") -> str:
        """Report by the phone flow: photo, category, place, check, send. Returns the case number."""
        page = self.page
        self.open("/report")
        page.wait_for_selector("[data-island=report][data-ready]", state="attached")
        page.set_input_files("[data-shoot]", photo)
        page.click("text=下一步")
        page.fill("[data-search]", search)
        page.click("[data-results] .gw-pick >> nth=0")
        page.click(".gw-pf .btn-primary")
        expect(page.locator("[data-placeinfo]")).to_contain_text("河南岸街道")
        page.fill("[data-address]", "祠堂巷口")
        page.click("[data-placefoot] .btn >> nth=0")
        page.fill("[data-text]", words)
        page.click(f"[data-do=send]:has-text('{send}')")
        delivered = page.locator("a.gw-pick[href^='/cases/']").first
        expect(delivered).to_be_visible()
        return (delivered.get_attribute("href") or "").rpartition("/")[2]

    def take(self, number: str) -> None:
        """Claim the case's task in the list and open it."""
        page = self.page
        self.open(f"/?q={number}")
        row = page.locator(f"[data-number='{number}']")
        expect(row).to_be_visible()
        row.locator("[data-act]").click()
        expect(row.locator("a[data-act]")).to_be_visible()
        row.locator("a[data-act]").click()
        page.wait_for_url("**/tasks/*")
        page.wait_for_selector("[data-island=form][data-ready]")

    def choose(self, label: str) -> None:
        """Tick one option of a radio group."""
        option = self.page.locator(".fjs-inline-label", has_text=label).first
        option.click()
        expect(option.locator("input")).to_be_checked()

    def select(self, label: str, typed: str) -> None:
        """Choose in a searchable list: type, take the first that is offered."""
        field = self._field(label)
        field.locator("input").click()
        field.locator("input").fill(typed)
        field.locator(".fjs-dropdownlist-item").first.click()

    def write(self, label: str, text: str) -> None:
        self._field(label).locator("textarea, input").first.fill(text)

    def attach(self, photo: Path) -> None:
        """Add a photo to the form; it travels at once."""
        with self.page.expect_response("**/photos") as uploaded:
            self.page.set_input_files(".fjs-container input[type=file]", photo)
        assert uploaded.value.status == 201

    def complete(self) -> None:
        """Send the form; back in the list a word says so."""
        self.page.click("[data-send]")
        self.page.wait_for_url(f"{self.base}/")
        expect(self.page.locator(".gw-toast")).to_contain_text("已办")

    def case(self, number: str) -> Page:
        self.open(f"/cases/{number}")
        return self.page

    def _field(self, label: str) -> Locator:
        return self.page.locator(".fjs-form-field", has_text=label).first
