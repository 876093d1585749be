// Icons of the sprite from scripts: the page's <meta name="gw-icons"> names the hashed file.

const sprite = document.querySelector('meta[name="gw-icons"]')?.content ?? "";

export function icon(name, size = "") {
  return `<svg class="gw-i${size ? ` gw-i--${size}` : ""}" aria-hidden="true"><use href="${sprite}#i-${name}"/></svg>`;
}

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text made safe for innerHTML. */
export function escapeHtml(text) {
  return String(text ?? "").replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
