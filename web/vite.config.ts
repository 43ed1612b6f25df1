import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { addDocuments, checkBudget, compressFiles } from "./build";

// `npm run dev` forwards the requests for the API to a running service.
const service = process.env.ISTMO_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [
    react(),
    checkBudget("index.html", 265_000),
    addDocuments("src/graphql/generated/persisted-documents.json"),
    compressFiles(),
  ],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  build: {
    // The Content-Security-Policy allows no data: URLs.
    assetsInlineLimit: 0,
    target: "baseline-widely-available",
    rolldownOptions: {
      input: ["index.html", "playground/index.html"],
      checks: { pluginTimings: false },
      // GraphiQL's files begin with a directive for a compiler that we don't use.
      onLog: (level, log, report) => log.code !== "MODULE_LEVEL_DIRECTIVE" && report(level, log),
    },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 3000, // The editor of the playground; the app has its budget above.
  },
  test: { include: ["src/**/*.test.ts"] },
  server: {
    // The shorthand would change the Host header, and a session is valid for its own host only.
    proxy: {
      "/graphql": { target: service, ws: true },
      "/documents": { target: service },
      "/imports": { target: service },
      "/personal-data": { target: service },
      "/invoices": { target: service },
      "/session": { target: service },
    },
  },
});
