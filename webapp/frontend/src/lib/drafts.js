// Drafts: to the server a moment after typing stops; to this device when the server cannot be reached.
import { request } from "./http.js";
import { say } from "./text.js";

const PAUSE = 800;

/** Keeps `collect()` safe under `url`; `status` is the element that says so. */
export class Drafts {
  constructor(url, collect, status) {
    this.url = url;
    this.collect = collect;
    this.status = status;
    this.key = `draft:${url}`;
    this.timer = null;
    this.closed = false;
    addEventListener("pagehide", () => this.timer && this.save({ keepalive: true }));
    addEventListener("online", () => localStorage.getItem(this.key) && this.save());
  }

  /** What this device kept because the server did not have it, or null. */
  left() {
    try { return JSON.parse(localStorage.getItem(this.key))?.values ?? null; } catch { return null; }
  }

  /** Something may have changed; what is the same as before is not sent again. */
  changed() {
    if (this.closed) return;
    const now = JSON.stringify(this.collect());
    this.kept ??= now;
    if (now === this.kept) return;
    this.kept = now;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE);
  }

  async save({ keepalive = false } = {}) {
    clearTimeout(this.timer);
    this.timer = null;
    const values = this.collect();
    try {
      await request(this.url, { method: "PUT", json: { values }, keepalive });
      localStorage.removeItem(this.key);
      this.say("已存草稿 {at}", "Draft saved {at}");
    } catch (error) {
      if (error.status >= 400 && error.status < 500 && error.status !== 401) return; // the page will say why on sending
      try { localStorage.setItem(this.key, JSON.stringify({ values })); } catch { /* storage full or forbidden */ }
      this.say("没有网络，草稿存在本机 {at}", "No network: draft kept on this device {at}");
    }
  }

  done() {
    this.closed = true;
    clearTimeout(this.timer);
    this.timer = null;
    localStorage.removeItem(this.key);
  }

  say(zh, en) {
    const at = new Date().toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });
    if (this.status) this.status.textContent = say(zh, en, { at });
  }
}
