import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { budget, compressed, documents } from "./build";

// `npm run dev` passes the API's requests on to a running service.
const service = process.env.ISTMO_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [
    react(),
    budget("index.html", 250_000),
    documents("src/graphql/generated/persisted-documents.json"),
    compressed(),
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
      onLog: (level, log, tell) => log.code !== "MODULE_LEVEL_DIRECTIVE" && tell(level, log),
    },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 3000, // The editor of the playground; the app has its budget above.
  },
  test: { include: ["src/**/*.test.ts"] },
  server: {
    // Not the shorthand, which changes the Host: a session holds for pages of the same host alone.
    proxy: {
      "/graphql": { target: service, ws: true },
      "/invoices": { target: service },
      "/session": { target: service },
    },
  },
});
