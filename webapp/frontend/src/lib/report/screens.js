// The five screens as HTML. No state of their own: what they show comes in, what is pressed leaves as data-do="...".
import { escapeHtml as e, icon } from "../icons.js";
import { say } from "../text.js";

const back = (to) => `<button class="gw-tap" data-do="go" data-to="${to}" aria-label="${say("返回", "Back")}">${icon("chevron-left", "24")}</button>`;

function head(title, step, to) {
  const dots = [1, 2, 3, 4].map((n) => `<i${n <= step ? ' class="on"' : ""}></i>`).join("");
  return `<div class="gw-ph">${back(to)}<h2 class="gw-ph__t">${e(title)}</h2><span class="gw-s gw-dim gw-ph__n">${step} / 4</span></div>
<div class="gw-prog" role="img" aria-label="${say("第 {n} 步，共 4 步", "Step {n} of 4", { n: step })}">${dots}</div>`;
}

function net(state) {
  if (state.online) return "";
  return `<div class="gw-net">${icon("cloud-off", "20")}<span>${say("没有网络。提交后存在本机，联网自动上传。", "No network. What you send is kept on this device and uploaded once you are online.")}</span></div>`;
}

const picture = (photo, index, which) => `<span class="gw-photo gw-rp__shot"><img src="${photo.url}" alt="${say("照片 {n}", "Photo {n}", { n: index + 1 })}"><button class="gw-rp__x" data-do="unshoot" data-which="${which}" data-index="${index}" aria-label="${say("删去照片 {n}", "Remove photo {n}", { n: index + 1 })}">${icon("x", "20")}</button></span>`;

/** Files that are no photos, said where they were chosen. */
const unreadable = (names) => names.length ? `<div class="gw-rp__bad" role="alert">${icon("hand-stop", "20")}<span>${say("「{name}」打不开，没有加进来。请重新拍摄，或另选一张 JPEG、PNG、WebP 照片。", "“{name}” does not open and was not added. Take it again, or choose a JPEG, PNG or WebP photo.", { name: e(names.join(say("」「", "”, “"))) })}</span></div>` : "";

export function camera(state) {
  const shots = state.mode === "self" && state.photos.length ? state.after : state.photos;
  const last = shots.at(-1) ?? state.photos.at(-1);
  const wants = state.mode === "self" && state.photos.length && !state.after.length;
  const hint = state.mode === "self"
    ? say("先拍处置前，再拍处置后", "First a photo before, then one after")
    : say("先拍照：对准问题，一两张就够", "First a photo: aim at the problem, one or two will do");
  const count = state.photos.length + state.after.length;
  return `<div class="gw-cam">${last ? `<img class="gw-cam__img" src="${last.url}" alt="${say("最近一张照片", "The last photo")}">` : `<div class="gw-cam__empty">${icon("camera", "24")}<p>${hint}</p></div>`}
<a class="gw-cam__b gw-cam__b--l" href="/" aria-label="${say("关闭", "Close")}">${icon("x", "24")}</a>
<button class="gw-cam__b gw-cam__b--r" data-do="go" data-to="queue" aria-label="${state.waiting ? say("待上传 {n}", "{n} waiting", { n: state.waiting }) : say("上报记录", "My reports")}">${icon(state.waiting ? "cloud-upload" : "history", "24")}${state.waiting ? `<b>${state.waiting}</b>` : ""}</button>
${state.online ? "" : `<span class="gw-cam__o" data-at="top">${icon("cloud-off")}${say("离线，照片先存本机", "Offline, photos are kept on this device")}</span>`}
<span class="gw-cam__o" data-at="low2">${icon("current-location")}${e(state.place?.label ?? say("正在定位…", "Locating …"))}</span>
<span class="gw-cam__o" data-at="low">${e(state.stamp)} ${e(state.name)}</span></div>${unreadable(state.refused)}
<div class="gw-shut"><div class="gw-shut__m" role="group" aria-label="${say("做什么", "What to do")}">
<button class="gw-q44" data-do="mode" data-mode="report" aria-pressed="${state.mode === "report"}">${say("上报问题", "Report")}</button>
${state.canSelfHandle ? `<button class="gw-q44" data-do="mode" data-mode="self" aria-pressed="${state.mode === "self"}">${say("自行处置", "Solved myself")}</button>` : ""}</div>
<span class="gw-th">${last ? `<img src="${last.url}" alt=""><span class="gw-th__n">${count}</span>` : ""}</span>
<label class="gw-shutter" for="gw-shoot" role="button" tabindex="0"><span class="gw-vh">${wants ? say("拍处置后", "Photo after") : say("拍照", "Take a photo")}</span></label>
<button class="btn btn-primary btn-touch gw-shut__go" data-do="go" data-to="category"${state.photos.length && !wants ? "" : " disabled"}>${say("下一步", "Next")}</button>
${wants ? `<p class="gw-shut__hint">${say("再拍一张处置后的照片", "Now one photo after")}</p>` : ""}</div>`;
}

const option = (category, chosen) => `<button class="gw-pick${chosen ? " gw-pick--on" : ""}" data-do="choose" data-code="${e(category.code)}" data-kind="${category.kind}" aria-pressed="${chosen}"><span><span class="${chosen ? "gw-b" : ""}">${e(category.label)}</span><small>${e(category.group)} ${e(category.code)}${category.hint ? `，${e(category.hint)}` : ""}</small></span><span class="gw-dim gw-s gw-nw">${e(category.limit)}</span>${icon(chosen ? "check" : "chevron-right", chosen ? "24" : "20")}</button>`;
const chip = (category) => `<button class="gw-q44" data-do="choose" data-code="${e(category.code)}" data-kind="${category.kind}">${e(category.label)}</button>`;

export function categories({ typed, found, category, recent, common, all, total }) {
  const answer = typed ? (found.length
    ? say("「{typed}」找到 {n} 类，也可打拼音首字母", "“{typed}”: {n} categories; pinyin initials work too", { typed: e(typed), n: found.length })
    : say("「{typed}」没有找到。换个说法，或从全部 {total} 类里选。", "“{typed}”: nothing found. Try another word or choose from all {total}.", { typed: e(typed), total })) : "";
  const list = (typed ? found : all ?? []).map((item) => option(item, category?.code === item.code && category?.kind === item.kind)).join("");
  const chosen = !typed && !all && category ? option(category, true) : "";
  const chips = (title, items) => items.length ? `<div class="gw-s gw-dim gw-rp__h">${title}</div><div class="gw-rp__chips">${items.map(chip).join("")}</div>` : "";
  return `${answer && `<div class="gw-s gw-dim" role="status">${answer}</div>`}${chosen}${list}
${typed && found.length > 3 ? "" : chips(say("最近用过", "Recently used"), recent) + chips(say("本街道常见", "Common here"), common)}
${all ? "" : `<div class="gw-rp__chips gw-rp__h"><button class="gw-q44" data-do="all">${say("全部 {n} 类", "All {n} categories", { n: total })}</button></div>`}`;
}

export function category(state) {
  return `${head(say("是什么问题", "What is the problem"), 2, "camera")}${net(state)}<div class="gw-pb" data-results></div>
<div class="gw-pf gw-pf--col"><label class="gw-search gw-rp__search"><span class="gw-vh">${say("搜索类别", "Search categories")}</span>${icon("search", "20")}<input type="search" data-search autocomplete="off" enterkeyhint="done" value="${e(state.typed)}" placeholder="${say("名称、代码、拼音首字母", "Name, code, pinyin initials")}"></label>
<button class="btn btn-primary" data-do="go" data-to="place"${state.category ? "" : " disabled"}>${state.category ? say("就是「{name}」", "It is “{name}”", { name: e(state.category.label) }) : say("先选一类", "Choose one first")}</button></div>`;
}

export function place(state) {
  return `${head(say("在哪里", "Where is it"), 3, "category")}<div class="gw-map gw-rp__map"><div class="gw-map__canvas" data-map></div><button class="btn btn-line gw-rp__me" data-do="me" aria-label="${say("回到我的位置", "My position")}">${icon("current-location", "24")}</button><span class="gw-map__cap gw-rp__cap">${state.place?.accuracy ? `±${state.place.accuracy} ${say("米", "m")}，` : ""}${say("拖动图钉可改", "drag the pin to change")}</span></div>
<div class="gw-pb" data-placeinfo></div><div class="gw-pf" data-placefoot></div>`;
}

export function placeInfo(state) {
  const { place: at, similar } = state;
  const first = similar[0];
  const address = `<label class="gw-field"><span>${say("地点说明", "Place in words")}</span><input class="form-control" data-address maxlength="200" value="${e(at.address ?? "")}" placeholder="${say("例如：北门外 20 米", "for example: 20 m outside the north gate")}"></label>`;
  const area = at.ok === false
    ? `<div class="gw-note gw-s" role="alert">${icon("map-pin-check")}<span>${e(at.area)} ${say("请把图钉移到本街道内。", "Please move the pin into the street.")}</span></div>`
    : `<div class="gw-s gw-sub">${e(at.area ?? say("没有网络，送达后再定网格。", "No network: the grid is determined on arrival."))}</div>`;
  const same = first ? `<div class="gw-rp__same"><div class="gw-b">${first.distance < 5 ? say("就在这里有一件相像的，是同一件吗？", "A similar one is right here. The same?") : say("{d} 米外有一件相像的，是同一件吗？", "A similar one is {d} m away. The same?", { d: Math.round(first.distance) })}</div><div class="gw-rp__same2">${first.thumbnail ? `<span class="gw-th gw-rp__th72"><img src="${e(first.thumbnail)}" alt=""></span>` : `<span class="gw-th gw-rp__th72 gw-rp__noth">${icon("photo", "24")}</span>`}<div class="gw-s"><b>${e(first.title)}</b> ${e(first.short)}<br>${e(first.when)}<br><span class="gw-sub">${e(first.who)}</span></div></div><div class="gw-s gw-sub">${say("选「是」不新开案，照片记到原案，也算您的上报。", "“Yes” opens no new case: your photos join that one and count as your report.")}</div></div>` : "";
  return `${area}${address}${same}`;
}

export function placeFoot(state) {
  const stuck = state.place?.ok === false ? " disabled" : "";
  if (!state.similar.length) return `<button class="btn btn-primary" data-do="go" data-to="check"${stuck}>${say("就在这里", "It is here")}</button>`;
  return `<button class="btn btn-line" data-do="new"${stuck}>${say("不是，新报", "No, report anew")}</button><button class="btn btn-line" data-do="same">${say("是，补照片", "Yes, add photos")}</button>`;
}

export function check(state) {
  const { category: what, place: at } = state;
  const urgencies = [["normal", say("一般", "Normal")], ["blocking", say("挡路", "Blocking")], ["danger", say("有危险", "Danger")]];
  const send = state.online ? (state.similarNumber ? say("提交，补到 {n}", "Send, add to {n}", { n: state.similarNumber.slice(-4) }) : say("提交", "Send")) : say("提交（先存本机）", "Send (kept on this device)");
  return `${head(say("核对后提交", "Check and send"), 4, "place")}${net(state)}<div class="gw-pb"><div class="gw-rp__shots">${state.photos.map((photo, index) => picture(photo, index, "photos")).join("")}${state.after.map((photo, index) => picture(photo, index, "after")).join("")}<label class="gw-rp__more" for="gw-shoot" role="button" tabindex="0">${icon("camera-plus", "24")}${say("再拍", "Another")}</label></div>${unreadable(state.refused)}
<div class="gw-err" data-error="photos" hidden></div>
<div class="gw-pick"><div><small>${say("类别", "Category")}</small>${e(what.label)} <span class="gw-dim gw-s">${e(what.code)}</span></div><button class="gw-q44 gw-rp__edit" data-do="go" data-to="category">${say("改", "Change")}</button></div>
<div class="gw-err" data-error="category_code" hidden></div>
<div class="gw-pick"><div><small>${say("位置", "Place")}</small>${e(at.address || at.area || `${at.lon.toFixed(5)}, ${at.lat.toFixed(5)}`)}</div><button class="gw-q44 gw-rp__edit" data-do="go" data-to="place">${say("改", "Change")}</button></div>
<div class="gw-err" data-error="position" hidden></div>
<div class="gw-pick"><div><small>${say("处置时限（立案后起算）", "Limit (from filing)")}</small>${e(what.limit || say("立案时按条件定", "set at filing"))}</div></div>
<fieldset><legend class="gw-s gw-dim gw-rp__h">${say("急吗", "Urgent?")}</legend><div class="gw-rp__three">${urgencies.map(([value, label]) => `<button type="button" class="gw-q44" data-do="urgency" data-value="${value}" aria-pressed="${state.urgency === value}">${label}</button>`).join("")}</div></fieldset>
<label class="gw-field"><span class="gw-s gw-rp__h">${state.mode === "self" ? say("怎样处置的（必填）", "How it was solved (required)") : say("说明（可不填）", "Description (optional)")}</span><textarea class="form-control gw-rp__text" data-text rows="3" maxlength="2000">${e(state.text)}</textarea></label>
<div class="gw-err" data-error="description" hidden></div>
<div class="gw-s gw-dim" data-saved>${say("文字每停顿一次就保存，退出不丢。", "Saved at every pause; leaving loses nothing.")}</div><div data-refusal></div></div>
<div class="gw-pf"><button class="btn btn-primary" data-do="send">${send}</button></div>`;
}

function item(report) {
  const status = {
    waits: () => [icon("clock-pause"), report.reason === 401 ? say("登录已过期，登录后自动上传", "Signed out; sent after signing in") : report.reason >= 500 ? say("服务暂时不可用，稍后自动再试", "Service unavailable, tried again later") : say("等网络，{at} 存在本机", "Waiting for network, kept at {at}", { at: new Date(report.keptAt).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" }) })],
    sending: () => [icon("cloud-upload"), say("正在上传 {p}%", "Uploading {p}%", { p: Math.round((report.progress ?? 0) * 100) })],
    asks: () => [icon("hand-stop"), e(report.errors ? Object.values(report.errors).flat().join(say("；", "; ")) : report.detail ?? say("服务没有接受，请改后再报", "Refused; please change it and send again"))],
  }[report.state ?? "waits"]();
  return `<div class="gw-q-item"><span class="gw-th">${report.url ? `<img src="${report.url}" alt="">` : ""}</span><b class="gw-ell">${e(report.title)}</b><button class="gw-q44 gw-rp__edit" data-do="edit" data-key="${report.key}">${say("改", "Change")}</button><span class="st">${status[0]}${status[1]}</span></div>${report.state === "sending" ? `<div class="gw-upbar"><i style="width:${Math.round((report.progress ?? 0) * 100)}%"></i></div>` : ""}`;
}

export function queue(state, waiting, done, megabytes) {
  const empty = `<div class="gw-empty gw-rp__none"><h3>${say("没有待上传的", "Nothing is waiting")}</h3><p class="gw-sub">${say("您报的都已送达。", "Everything you reported has arrived.")}</p></div>`;
  return `<div class="gw-ph">${back("camera")}<h2 class="gw-ph__t">${waiting.length ? say("待上传 {n}", "{n} waiting", { n: waiting.length }) : say("上报记录", "My reports")}</h2>${waiting.length ? `<button class="gw-q44 gw-rp__edit" data-do="retry">${icon("refresh", "20")}${say("重试", "Retry")}</button>` : ""}</div>${net(state)}<div class="gw-pb">${waiting.length ? waiting.map(item).join("") : empty}
${done.length ? `<div class="gw-s gw-dim gw-rp__h">${say("今天已送达 {n}", "Delivered today: {n}", { n: done.length })}</div>${done.map((sent) => `<a class="gw-pick"${sent.url ? ` href="${e(sent.url)}"` : ""}><span>${e(sent.title)}<small>${e(sent.number)}</small></span><span class="gw-dim gw-s">${new Date(sent.at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" })}</span>${icon("circle-check", "20")}</a>`).join("")}` : ""}
<p class="gw-s gw-sub gw-rp__h">${say("每件有自己的编号，重传不会变成两件。", "Each has its own key: sending again never makes two.")}${waiting.length ? say("占用本机 {n} MB，送达后自动清理；清除浏览器数据会丢失未送达的。", " {n} MB on this device, freed on arrival; clearing the browser's data loses what has not arrived.", { n: megabytes }) : ""}</p></div>
<div class="gw-pf"><button class="btn btn-primary" data-do="fresh">${icon("camera", "24")}${say("再报一件", "Report another")}</button></div>`;
}
