// Category search while typing: Chinese words, code, or pinyin initials; a hit at the beginning comes first.

/** `categories` matching `typed`, best first. */
export function search(categories, typed) {
  const wanted = typed.trim().toLowerCase();
  if (!wanted) return [];
  const found = [];
  for (const category of categories) {
    const rank = rankOf(category, wanted);
    if (rank !== null) found.push([rank, category]);
  }
  return found.sort((a, b) => a[0] - b[0]).map(([, category]) => category).slice(0, 40);
}

function rankOf(category, wanted) {
  if (category.code === wanted || category.name === wanted) return 0;
  if (category.code.startsWith(wanted)) return 1;
  if (category.name.startsWith(wanted)) return 2;
  if (category.initials.some((initials) => initials.startsWith(wanted))) return 3;
  if (category.name.includes(wanted)) return 4;
  if (category.name_en.toLowerCase().includes(wanted)) return 5;
  if (category.words.some((word) => word.includes(wanted))) return 6;
  if (wanted.length > 1 && category.initials.some((initials) => initials.includes(wanted))) return 7;
  return null;
}
