import { defineConfig, devices } from "@playwright/test";

// The browser tests: see tests/README.md.
export default defineConfig({
  testDir: "tests",
  globalSetup: "./tests/service.ts",
  outputDir: "test-results",
  // Two files at a time. Both browsers share the processors with the service and its database.
  workers: 2,
  forbidOnly: Boolean(process.env.CI),
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: "list",
  use: {
    ...devices["Desktop Chrome"],
    locale: "es-PA",
    timezoneId: "America/Panama",
    reducedMotion: "reduce",
    screenshot: "only-on-failure",
    launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium" },
  },
});
