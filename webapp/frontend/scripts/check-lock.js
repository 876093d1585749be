// The lock file must name no download address (a mirror or an offline cache has to serve as well) and pin everything.
import { readFileSync } from "node:fs";

const lock = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"));
const declared = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const findings = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  if (entry.resolved) findings.push(`${path}: has a download address`);
  if (path && !entry.link && !entry.integrity) findings.push(`${path}: has no integrity hash`);
}
for (const [name, range] of Object.entries({ ...declared.dependencies, ...declared.devDependencies })) {
  if (!/^\d+\.\d+\.\d+$/.test(range)) findings.push(`${name}: "${range}" is not one exact version`);
}
for (const finding of findings) console.error(finding);
process.exit(findings.length ? 1 : 0);
