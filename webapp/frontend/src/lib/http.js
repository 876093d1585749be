// Requests to our own server: same origin, CSRF token, problem documents as errors.

/** A refused or failed request. `status` 0: the server was not reached. `problem`: the RFC 9457 document, if any. */
export class RequestError extends Error {
  constructor(status, problem) {
    super(problem?.detail || problem?.title || `HTTP ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** Send, and return the parsed JSON (or null). Throws RequestError. `form` is FormData, `json` any value. */
export async function request(url, { method = "GET", json, form, headers = {}, signal, keepalive } = {}) {
  const options = {
    method, signal, keepalive, credentials: "same-origin",
    headers: { Accept: "application/json", "X-Requested-With": "fetch", ...headers },
  };
  if (method !== "GET") options.headers["X-CSRFToken"] = csrfToken();
  if (json !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(json);
  } else if (form) {
    options.body = form;
  }
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new RequestError(0, null);
  }
  const isJson = /json/.test(response.headers.get("Content-Type") ?? "");
  const body = isJson ? await response.json().catch(() => null) : null;
  if (!response.ok) throw new RequestError(response.status, body);
  return body;
}
