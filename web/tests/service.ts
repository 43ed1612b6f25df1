/** Before all tests: starts the real service, with a database and a look-up sandbox of its own. */

import { execFileSync, spawn } from "node:child_process";
import { chmodSync, createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const LOG = join(checkout, "web/test-results/service.log");
const python = join(checkout, ".venv/bin/python");

export default async function start(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "istmo-web-"));
  chmodSync(folder, 0o711); // PostgreSQL, which never runs as root, must be able to pass
  process.env.ISTMO_DATA_DIR = join(folder, "data");

  const server = spawn(python, ["server.py", "serve"], {
    cwd: checkout,
    env: {
      ...process.env,
      PORT: "0",
      RATE_LIMIT: "0",
      WEBHOOK_LOCAL: "true",
      LOG_FORMAT: "json",
      EMISSION_SETTLE: "1", // an electronic invoice that wasn't found is sent again at once
      BACKDATING_DAYS: "36500", // tests of one file share the billing point, and some invoices are of long ago
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const stop = async () => {
    server.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };

  let log = "";
  server.stderr.on("data", (data) => (log += data));
  mkdirSync(dirname(LOG), { recursive: true });
  server.stderr.pipe(createWriteStream(LOG));
  let printed = "";
  server.stdout.on("data", (data) => (printed += data));
  while (!/Istmo serves (http:\/\/[0-9.:]+)/.test(log)) {
    if (server.exitCode !== null) throw new Error(`The service doesn't start:\n${log}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  process.env.ISTMO_URL = /Istmo serves (http:\/\/[0-9.:]+)/.exec(log)?.[1] ?? "";
  const file = /Sign in.*: see (\S+)/.exec(printed)?.[1];
  process.env.ISTMO_LINK = file ? readFileSync(file, "utf8").trim() : "";
  return stop;
}

/** Runs a command of `server.py` and returns what it prints. */
export function runCommand(...command: string[]): string {
  return execFileSync(python, ["server.py", ...command], { cwd: checkout, encoding: "utf8" }).trim();
}
