// Words of the islands in the language of the page. The server's words come with the page; these are the few that
// only exist in the browser.

export const isChinese = document.documentElement.lang.startsWith("zh");

/** The Chinese or the English sentence, with {name} replaced from `facts`. */
export function say(zh, en, facts = {}) {
  return (isChinese ? zh : en).replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
}

/** Hours and minutes as the lists show them: 0:18, 26:05. */
export function hoursMinutes(seconds) {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}
