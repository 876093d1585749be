// Sending: one report at a time, oldest first, each under its own key, so that a repeat is answered and not repeated.
import { csrfToken, request, RequestError } from "../http.js";
import * as store from "./store.js";

/** Fields of the multipart request; photos last, so that the server reads the words first. */
function bodyOf(report) {
  const body = new FormData();
  for (const [name, value] of Object.entries(report.fields)) if (value !== null && value !== undefined) body.append(name, String(value));
  for (const photo of report.photos) body.append("photos", photo, photo.name ?? "photo.jpg");
  for (const photo of report.after ?? []) body.append("photos_after", photo, photo.name ?? "photo.jpg");
  return body;
}

/** XMLHttpRequest, because fetch does not tell how much has gone up. */
function post(url, body, headers, progress) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", url);
    for (const [name, value] of Object.entries({ Accept: "application/json", "X-Requested-With": "fetch", ...headers })) call.setRequestHeader(name, value);
    call.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    call.onerror = call.ontimeout = () => reject(new RequestError(0, null));
    call.onload = () => {
      let answer = null;
      try { answer = JSON.parse(call.responseText); } catch { /* not JSON: a proxy's page */ }
      if (call.status >= 200 && call.status < 300 && answer) resolve(answer);
      else reject(new RequestError(call.status, answer));
    };
    call.send(body);
  });
}

let running = null;

/** Send everything that waits. `changed()` after every change; a second call joins the first. */
export function sendAll(urls, person, changed) {
  running ??= run(urls, person, changed).finally(() => (running = null));
  return running;
}

async function run(urls, person, changed) {
  for (const report of await store.waiting(person)) {
    if (report.state === "asks") continue; // waits for the person, not for the network
    try {
      report.state = "sending";
      report.progress = 0;
      changed(report);
      const token = csrfToken() || (await request(urls.session)).csrf;
      const answer = await post(report.same ? urls.same : urls.send, bodyOf(report), { "X-CSRFToken": token, "Idempotency-Key": report.key }, (share) => {
        report.progress = share;
        changed(report);
      });
      await store.delivered(report, answer);
      changed(null);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (error.status === 400 && error.problem?.code === "csrf" && !report.renewed) {
        report.renewed = true;
        document.querySelector('meta[name="csrf-token"]').content = (await request(urls.session)).csrf;
        return run(urls, person, changed);
      }
      const stays = error.status === 0 || error.status === 401 || error.status === 429 || error.status >= 500;
      report.state = stays ? "waits" : "asks";
      report.reason = error.status;
      report.detail = error.problem?.detail ?? null;
      report.errors = error.problem?.errors ?? null;
      report.renewed = false;
      await store.keepWaiting(report);
      changed(null);
      if (stays) return; // the next one would fail the same way
    }
  }
}
