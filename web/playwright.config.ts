import { defineConfig, devices } from "@playwright/test";

// The browser tests: see tests/README.md.
export default defineConfig({
  testDir: "tests",
  globalSetup: "./tests/service.ts",
  outputDir: "test-results",
  // One browser at a time: they share two processors with the service and its database.
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  // A machine that stands still for a moment is no fault of the pages; what passed only the second time is listed.
  retries: process.env.CI ? 2 : 0,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: "list",
  use: {
    ...devices["Desktop Chrome"],
    locale: "es-PA",
    timezoneId: "America/Panama",
    reducedMotion: "reduce",
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium" },
  },
});
