// A refusal stays on the page, beside what it refuses: the reason, the way out, and nothing typed is lost.
import { escapeHtml, icon } from "./icons.js";
import { say } from "./text.js";

/** What to tell a person about a RequestError: {title, text, ways}. */
export function explain(error) {
  if (error.status === 0) {
    return {
      title: say("没有网络，没有提交", "No network, nothing was sent"),
      text: say("您写的内容还在这一页，也存在本机。联网后再提交。", "What you wrote is still here and kept on this device. Send it again once you are online."),
      ways: [],
    };
  }
  const problem = error.problem ?? {};
  if (error.status === 401) {
    return {
      title: say("登录已过期", "You have been signed out"),
      text: say("您写的内容还在这一页。请在新窗口登录，回来再提交。", "What you wrote is still here. Sign in in a new window, then send again."),
      ways: [{ label: say("登录", "Sign in"), url: "/login", blank: true }],
    };
  }
  return {
    title: problem.title || say("没有提交成功", "This was not sent"),
    text: problem.detail || say("服务没有接受（{status}）。您写的内容还在这一页。", "The service refused ({status}). What you wrote is still here.", { status: error.status }),
    ways: problem.ways ?? [],
    code: problem.code ?? problem.type,
    record: problem.record ?? problem.instance,
  };
}

/** Show the refusal in `place` and bring it into view. */
export function show(place, error) {
  const { title, text, ways, code, record } = explain(error);
  const links = ways.map((way) => `<a class="btn btn-line" href="${escapeHtml(way.url)}"${way.blank ? ' target="_blank" rel="noopener"' : ""}>${escapeHtml(way.label)}</a>`).join("");
  const trace = [code && say("编号 {code}", "code {code}", { code }), error.status && `HTTP ${error.status}`, record].filter(Boolean).join(say("，", ", "));
  place.innerHTML = `<div class="gw-note gw-note--act" role="alert" tabindex="-1">${icon("hand-stop", "20")}<div><div class="gw-b">${escapeHtml(title)}</div><div class="gw-sub">${escapeHtml(text)}</div>${links && `<div class="gw-row gw-ways">${links}</div>`}<div class="gw-xs gw-dim gw-mono">${escapeHtml(trace)}</div></div></div>`;
  place.hidden = false;
  place.firstElementChild.focus({ preventScroll: true });
  place.scrollIntoView({ block: "center", behavior: "smooth" });
}

export function clear(place) {
  place.replaceChildren();
  place.hidden = true;
}
