// One bundle per page part: app.css and app.js on every page, an island only where its page asks for it.
// Python reads webapp/static/dist/.vite/manifest.json; keys are paths such as "src/app.js" and "src/islands/case.js".
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vite";

const here = import.meta.dirname;
const icons = join(here, "node_modules/@tabler/icons/icons");

function symbol(name) {
  const filled = name.startsWith("f-");
  const svg = readFileSync(join(icons, filled ? "filled" : "outline", `${filled ? name.slice(2) : name}.svg`), "utf8");
  const shapes = svg.replace(/<!--[\s\S]*?-->/, "").replace(/<\/?svg[^>]*>/g, "").replace(/\s+/g, " ").trim();
  const paint = filled ? 'fill="currentColor"' : 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"';
  return `<symbol id="i-${name}" viewBox="0 0 24 24" ${paint}>${shapes}</symbol>`;
}

// icons.txt -> one sprite file, hashed, in the manifest as "icons.svg".
function iconSprite() {
  return {
    name: "gridwhistle-icons",
    buildStart() {
      const names = readFileSync(join(here, "src/icons.txt"), "utf8").split("\n").filter((line) => line && !line.startsWith("#"));
      this.emitFile({
        type: "asset",
        name: "icons.svg",
        originalFileName: "icons.svg",
        source: `<svg xmlns="http://www.w3.org/2000/svg">\n${names.map(symbol).join("\n")}\n</svg>\n`,
      });
    },
  };
}

// A build replaces files under open pages: what an older page may still load stays for a week.
function sweepOldAssets() {
  return {
    name: "gridwhistle-sweep",
    writeBundle(options, bundle) {
      const folder = join(options.dir, "assets");
      for (const file of readdirSync(folder)) {
        const path = join(folder, file);
        if (!bundle[`assets/${file}`] && Date.now() - statSync(path).mtimeMs > 7 * 24 * 3600 * 1000) rmSync(path);
      }
    },
  };
}

const islands = readdirSync(join(here, "src/islands")).filter((file) => file.endsWith(".js"));

export default defineConfig({
  root: here,
  base: "/static/dist/",
  publicDir: false,
  plugins: [iconSprite(), sweepOldAssets()],
  build: {
    outDir: join(here, "../static/dist"),
    emptyOutDir: false,
    manifest: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // data: addresses are refused by our Content-Security-Policy
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      input: [join(here, "src/app.js"), ...islands.map((file) => join(here, "src/islands", file))],
    },
  },
});
