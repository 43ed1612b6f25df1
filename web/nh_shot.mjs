import { chromium } from "@playwright/test";
import { readFileSync } from "node:fs";
const key = readFileSync("/tmp/nh-data/first-key", "utf8").trim();
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium" });
for (const [name, width, height, scheme, lang] of [["wide", 1280, 900, "light", "es"], ["phone", 390, 844, "light", "es"], ["dark", 1280, 900, "dark", "en"], ["tablet", 820, 1000, "light", "es"]]) {
  const context = await browser.newContext({ viewport: { width, height }, baseURL: "http://127.0.0.1:8097", colorScheme: scheme, locale: "es-PA", timezoneId: "America/Panama" });
  await context.request.post("/session", { data: { key } });
  const page = await context.newPage();
  page.on("console", (m) => m.type() === "error" && console.log(m.text()));
  await page.addInitScript((l) => localStorage.setItem("istmo.language", l), lang);
  await page.goto("/");
  await page.locator("h1").waitFor();
  await page.waitForTimeout(800);
  console.log(name, await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth, location.pathname]));
  await page.screenshot({ path: `/tmp/nh_${name}.png`, fullPage: true });
  await context.close();
}
await browser.close();
