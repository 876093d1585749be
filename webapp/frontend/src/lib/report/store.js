// What the phone keeps: the report being written, reports waiting for the network, and what was delivered today.
import { openDB } from "idb";

const database = openDB("gridwhistle-report", 1, {
  upgrade(db) {
    db.createObjectStore("current");
    db.createObjectStore("waiting", { keyPath: "key" });
    db.createObjectStore("delivered", { keyPath: "key" });
    db.createObjectStore("cache");
  },
});

/** The unfinished report of this person, or null. */
export async function current(person) {
  return (await (await database).get("current", person)) ?? null;
}

export async function keepCurrent(person, report) {
  await (await database).put("current", report, person);
}

export async function dropCurrent(person) {
  await (await database).delete("current", person);
}

/** Reports of this person that the server does not have yet, oldest first. */
export async function waiting(person) {
  const all = await (await database).getAll("waiting");
  return all.filter((report) => report.person === person).sort((a, b) => a.keptAt - b.keptAt);
}

export async function keepWaiting(report) {
  await (await database).put("waiting", report);
}

export async function dropWaiting(key) {
  await (await database).delete("waiting", key);
}

/** Delivered: the photos are freed, number and title stay until the next day. */
export async function delivered(report, answer) {
  const db = await database;
  const { key, person, title } = report;
  const moves = db.transaction(["waiting", "delivered"], "readwrite");
  await Promise.all([
    moves.objectStore("waiting").delete(key),
    moves.objectStore("delivered").put({ key, person, title, number: answer.number, url: answer.url, at: Date.now() }),
    moves.done,
  ]);
}

export async function deliveredToday(person) {
  const db = await database;
  const midnight = new Date().setHours(0, 0, 0, 0);
  const all = await db.getAll("delivered");
  for (const item of all) if (item.at < midnight) await db.delete("delivered", item.key);
  return all.filter((item) => item.person === person && item.at >= midnight).sort((a, b) => b.at - a.at);
}

export async function cached(name) {
  return (await (await database).get("cache", name)) ?? null;
}

export async function cache(name, value) {
  await (await database).put("cache", value, name);
}

/** Bytes of photos waiting on this device. */
export function sizeOf(reports) {
  return reports.flatMap((report) => report.photos).reduce((sum, photo) => sum + photo.size, 0);
}
