// Fetches the real chat templates into obj/templates: llama.cpp's models/templates, out of the git bundle that the package
// node-llama-cpp carries. The package itself, with its dependencies, is not installed: one file of it is enough.
//   node tests/oracle/restore.mjs
import { execFileSync, execSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = import.meta.dirname;
const target = join(here, "obj");

export function restoreTemplates() {
  const { name, version, integrity } = JSON.parse(readFileSync(join(here, "package.json"), "utf8")).templates;
  const stamp = join(target, "restored");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === `${name}@${version}\n`) return;
  const work = mkdtempSync(join(tmpdir(), "kvnorm-oracle-"));
  try {
    const packed = execSync(`npm pack ${name}@${version} --silent --ignore-scripts`, { cwd: work, encoding: "utf8" });
    const file = packed.trim().split("\n").pop();
    const found = "sha512-" + createHash("sha512").update(readFileSync(join(work, file))).digest("base64");
    if (found !== integrity) throw new Error(`${file} has the integrity ${found}, not ${integrity}`);
    execFileSync("tar", ["-xzf", file, "package/llama/gitRelease.bundle"], { cwd: work });
    execFileSync("git", ["clone", "--quiet", "--no-checkout", "package/llama/gitRelease.bundle", "llama"], { cwd: work, stdio: "ignore" });
    const checkout = ["-c", "core.autocrlf=false", "checkout", "--quiet", "HEAD", "--", "models/templates"];
    execFileSync("git", checkout, { cwd: join(work, "llama") });
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    cpSync(join(work, "llama", "models", "templates"), join(target, "templates"), { recursive: true });
    writeFileSync(stamp, `${name}@${version}\n`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) restoreTemplates();
