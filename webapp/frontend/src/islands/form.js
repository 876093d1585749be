// The form of one task: bpmn.io's viewer over the deployed form, answers checked again by the server.
import { createForm } from "@bpmn-io/form-js-viewer";
import "@bpmn-io/form-js-viewer/dist/assets/form-js-base.css";
import "../styles/form.css";

import { Drafts } from "../lib/drafts.js";
import { request } from "../lib/http.js";
import { escapeHtml, icon } from "../lib/icons.js";
import { prepared } from "../lib/photos.js";
import { clear, show } from "../lib/refusal.js";
import { isChinese, say } from "../lib/text.js";

// The viewer speaks English only; its sentences are few.
const SENTENCES = [
  [/^Field is required\.$/, "此项必填。"],
  [/^Field must match pattern (.*)\.$/, "格式不对，应符合 $1。"],
  [/^Field must have minimum value of (.*)\.$/, "不能小于 $1。"],
  [/^Field must have maximum value of (.*)\.$/, "不能大于 $1。"],
  [/^Field must have minimum length of (.*)\.$/, "至少 $1 个字。"],
  [/^Field must have maximum length of (.*)\.$/, "最多 $1 个字。"],
  [/^Field must be a valid  ?international phone number\..*$/, "电话号码格式不对，例如 +8613800000000。"],
  [/^Field must be a valid email\.$/, "邮箱格式不对。"],
  [/^Date and time must both be entered\.$/, "日期和时间都要填。"],
];
const LABELS = { Search: "查找", "No results": "没有结果", "All values selected": "已全部选中", "Nothing to show.": "没有内容。", "No files selected": "还没有照片", Select: "请选择", Browse: "拍照或选择" };

function inChinese(sentence) {
  const found = SENTENCES.find(([pattern]) => pattern.test(sentence));
  return found ? sentence.replace(...found) : sentence;
}

function translate(form, container) {
  if (!isChinese) return;
  const validator = form.get("validator");
  for (const method of ["validateField", "validateFieldInstance"]) {
    const original = validator[method].bind(validator);
    validator[method] = (...given) => original(...given).map(inChinese);
  }
  const relabel = () => {
    for (const input of container.querySelectorAll("input[placeholder]")) {
      if (LABELS[input.placeholder]) input.placeholder = LABELS[input.placeholder];
    }
    const walker = document.createTreeWalker(container, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) if (LABELS[walker.currentNode.data]) walker.currentNode.data = LABELS[walker.currentNode.data];
  };
  new MutationObserver(relabel).observe(container, { childList: true, subtree: true });
  relabel();
}

const json = (root, name) => JSON.parse(root.querySelector(`script[data-${name}]`)?.textContent || "null");

async function start(root) {
  const schema = json(root, "schema");
  const container = root.querySelector("[data-viewer]");
  const refusal = root.querySelector("[data-refusal]");
  const plain = root.querySelector("[data-plain]");
  const button = root.querySelector("[data-send]");
  const uploads = new Map(); // form-js file id -> {promise, id}
  const kept = json(root, "photos") ?? {}; // field key -> [{id, thumbnail}] of the draft
  // Without a pause between typing and the form's state: Ctrl+Enter and another field must never overtake the last words.
  const form = await createForm({ container, schema, data: json(root, "values") ?? {}, debounce: false });
  form.setProperty("readOnly", root.dataset.readonly !== undefined);
  translate(form, container);

  const collect = () => withPhotoIds(form._getState().data, uploads, kept, photoKeys(schema));
  const drafts = root.dataset.draft ? new Drafts(root.dataset.draft, collect, root.querySelector("[data-draft-status]")) : null;
  const left = drafts?.left();
  if (left) await form.importSchema(schema, left);

  form.on("changed", ({ data }) => {
    uploadNew(form, data, schema, uploads, root, refusal, drafts);
    drafts?.changed();
  });
  form.on("submit", (event) => event.preventDefault?.());

  async function send() {
    clear(refusal);
    const { data, errors } = form.submit();
    const keys = photoKeys(schema);
    for (const field of schema.components) if (keys.includes(field.key) && kept[field.key]?.length) delete errors[field.id];
    if (Object.keys(errors).length) return firstInvalid(container);
    button.setAttribute("aria-busy", "true");
    button.disabled = true;
    try {
      await Promise.all([...uploads.values()].map((upload) => upload.promise));
      const answer = await request(root.dataset.complete, { method: "POST", json: { values: withPhotoIds(data, uploads, kept, keys) } });
      drafts?.done();
      location.assign(answer.location);
    } catch (error) {
      drafts?.save();
      if (error.problem?.errors) mark(form, schema, error.problem.errors);
      show(refusal, error);
      if (error.problem?.errors) firstInvalid(container);
    } finally {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  }

  button?.addEventListener("click", (event) => { event.preventDefault(); send(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && button && !button.disabled) { event.preventDefault(); send(); }
  });
  plain?.remove();
  container.hidden = false;
  root.dataset.ready = "";
}

function photoKeys(schema) {
  return schema.components.filter((field) => field.type === "filepicker").map((field) => field.key);
}

function uploadNew(form, data, schema, uploads, root, refusal, drafts) {
  const registry = form.get("fileRegistry");
  for (const key of photoKeys(schema)) {
    const fileKey = data[key];
    if (typeof fileKey !== "string" || !registry.hasKey(fileKey)) continue;
    const files = registry.getFiles(fileKey);
    const before = uploads.get(fileKey);
    if (before && before.files.length === files.length && before.files.every((file, index) => file === files[index])) continue;
    const upload = { files, ids: [] };
    upload.promise = sendPhotos(files, key, root).then((photos) => { upload.ids = photos.map((photo) => photo.id); drafts?.changed(); });
    upload.promise.catch((error) => { uploads.delete(fileKey); show(refusal, error); });
    uploads.set(fileKey, upload);
  }
}

async function sendPhotos(files, key, root) {
  const status = root.querySelector("[data-draft-status]");
  const photos = [];
  for (const [index, file] of files.entries()) {
    if (status) status.textContent = say("正在上传照片 {n} / {all}", "Uploading photo {n} / {all}", { n: index + 1, all: files.length });
    const body = new FormData();
    body.append("photo", await prepared(file));
    body.append("field", key);
    photos.push(await request(root.dataset.photos, { method: "POST", form: body }));
  }
  if (status) status.textContent = say("照片已上传 {n} 张", "{n} photos uploaded", { n: files.length });
  return photos;
}

function withPhotoIds(data, uploads, kept, keys) {
  const values = structuredClone(data);
  for (const key of keys) {
    const fresh = uploads.get(values[key])?.ids ?? [];
    const before = (kept[key] ?? []).map((photo) => photo.id);
    values[key] = Array.isArray(values[key]) ? values[key] : [...before, ...fresh];
  }
  return values;
}

/** Messages of the server at their fields; those without a field stand in the refusal. */
function mark(form, schema, messages) {
  const errors = {};
  for (const field of schema.components) if (messages[field.key]) errors[field.id] = [].concat(messages[field.key]);
  form._setState({ errors });
}

function firstInvalid(container) {
  requestAnimationFrame(() => {
    const field = container.querySelector("[aria-invalid=true], .fjs-has-errors input, .fjs-has-errors textarea");
    field?.focus();
    (field ?? container).scrollIntoView({ block: "center", behavior: "smooth" });
  });
}

for (const root of document.querySelectorAll("[data-island=form]")) {
  start(root).catch((error) => {
    console.error(error); // the plain form stays and works
    const note = root.querySelector("[data-refusal]");
    if (note) { note.hidden = false; note.innerHTML = `<p class="gw-note">${icon("info-circle")}<span>${escapeHtml(say("表单组件没有启动，请用下面的简单表单。", "The form component did not start; please use the plain form below."))}</span></p>`; }
  });
}
