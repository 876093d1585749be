"""What goes wrong between people and networks: nothing typed is lost, nothing is sent twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import DESK, PHONE
from tests.e2e.people import Person

Enter = Callable[..., Person]


def test_a_report_without_a_network_waits_and_arrives_once(enter: Enter, picture: Path) -> None:
    collector = enter("officer01-1", PHONE)
    page, context = collector.page, collector.page.context
    collector.open("/report")
    page.wait_for_selector("[data-island=report][data-offline=ready]", state="attached")
    page.set_input_files("[data-shoot]", picture)
    page.click("text=下一步")
    page.fill("[data-search]", "0110")
    page.click("[data-results] .gw-pick >> nth=0")
    page.click(".gw-pf .btn-primary")
    expect(page.locator("[data-placeinfo]")).to_contain_text("河南岸街道")
    context.set_offline(True)
    page.click("[data-placefoot] .btn >> nth=0")
    expect(page.locator(".gw-net")).to_contain_text("没有网络")
    page.fill("[data-text]", "离线写的话")
    page.click("[data-do=send]")
    expect(page.locator(".gw-q-item")).to_contain_text("等网络")
    page.reload()
    expect(page.locator(".gw-cam__b--r")).to_contain_text("1")
    context.set_offline(False)
    page.click(".gw-cam__b--r")
    expect(page.locator("a.gw-pick[href^='/cases/']")).to_have_count(1)
    expect(page.locator(".gw-q-item")).to_have_count(0)
    number = (page.locator("a.gw-pick").get_attribute("href") or "").rpartition("/")[2]
    expect(collector.case(number).locator("[data-timeline]")).to_contain_text("离线写的话")


def test_a_broken_photo_is_refused_at_once_and_a_double_click_reports_once(
    enter: Enter, picture: Path, tmp_path: Path
) -> None:
    collector = enter("collector03", PHONE)
    page = collector.page
    broken = tmp_path / "script.png"
    broken.write_bytes(b"#!/bin/sh\necho x\n")
    collector.open("/report")
    page.wait_for_selector("[data-island=report][data-ready]")
    page.set_input_files("[data-shoot]", broken)
    expect(page.locator(".gw-rp__bad")).to_contain_text("「script.png」打不开")
    expect(page.locator("[data-do=go][data-to=category]")).to_be_disabled()
    page.set_input_files("[data-shoot]", picture)
    expect(page.locator(".gw-rp__bad")).to_have_count(0)
    page.click("text=下一步")
    page.fill("[data-search]", "0110")
    page.click("[data-results] .gw-pick >> nth=0")
    page.click(".gw-pf .btn-primary")
    page.click("[data-placefoot] .btn >> nth=0")
    page.evaluate("const send = document.querySelector('[data-do=send]'); send.click(); send.click()")
    expect(page.locator("a.gw-pick[href^='/cases/']")).to_have_count(1)
    expect(page.locator(".gw-q-item")).to_have_count(0)
    page.reload()
    page.click(".gw-cam__b--r")
    expect(page.locator("a.gw-pick[href^='/cases/']")).to_have_count(1)


def test_losing_a_race_keeps_the_typed_words_and_names_the_winner(enter: Enter, picture: Path) -> None:
    number = enter("collector01", PHONE).report(picture, search="0110", words="")
    slow, quick = enter("acceptor01", DESK), enter("acceptor02", DESK)
    slow.open(f"/cases/{number}")
    slow.page.click(".gw-actions a.btn-primary")
    slow.page.wait_for_selector("[data-island=form][data-ready]")
    slow.choose("提请作废")
    slow.write("理由或核实要求", "慢慢写好的理由")
    quick.take(number)
    slow.page.click("[data-send]")
    refusal = slow.page.locator("[data-refusal]")
    expect(refusal).to_contain_text("受理员 02")
    expect(refusal).to_contain_text("没有提交")
    expect(slow._field("理由或核实要求").locator("textarea")).to_have_value("慢慢写好的理由")


def test_a_draft_is_there_on_another_device(enter: Enter, picture: Path) -> None:
    number = enter("collector02", PHONE).report(picture, search="0110", words="")
    desk = enter("acceptor04", DESK)
    desk.take(number)
    desk.choose("不予受理")
    with desk.page.expect_response("**/draft") as saved:
        desk.write("理由或核实要求", "在电脑上写了一半")
    assert saved.value.ok
    path = desk.page.url.removeprefix(desk.base)
    phone = enter("acceptor04", PHONE)
    phone.open(path)
    phone.page.wait_for_selector("[data-island=form][data-ready]")
    expect(phone._field("理由或核实要求").locator("textarea")).to_have_value("在电脑上写了一半")


def test_a_field_left_empty_is_told_at_the_field_in_chinese(enter: Enter, picture: Path) -> None:
    number = enter("collector03", PHONE).report(picture, search="0110", words="")
    acceptor = enter("acceptor03", DESK)
    acceptor.take(number)
    acceptor.choose("不予受理")
    acceptor.page.click("[data-send]")
    expect(acceptor.page.locator(".fjs-form-field-error").first).to_have_text("此项必填。")
