/** How the web app is built: into the Python package, which serves it. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const server = process.env.WINGBEAT_URL ?? "http://127.0.0.1:8070";

/** Scripts and styles are kept compressed beside themselves, so that no request has to do it. */
const compress: Plugin = {
  name: "compress",
  apply: "build",
  writeBundle({ dir }) {
    for (const name of readdirSync(join(dir ?? "", "assets")).filter((file) => /\.(js|css)$/.test(file))) {
      const path = join(dir ?? "", "assets", name);
      const content = readFileSync(path);
      writeFileSync(`${path}.br`, brotliCompressSync(content));
      writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
    }
  },
};

export default defineConfig({
  plugins: [react(), compress],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../src/wingbeat/ui",
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 1700,
    // Pages are served under a policy that allows no script and no style within a page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // A hundred small files are a hundred waits on a slow line: what every page needs is one, and what some share another.
        codeSplitting: {
          groups: [
            { name: "app", tags: ["$initial"] },
            { name: "kit", test: /node_modules[\\/]@(mantine|tabler)[\\/]/, minShareCount: 2 },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      "/api": { target: server, ws: true, changeOrigin: false },
      "/sign-in": server,
      "/sign-out": server,
      "/openapi.json": server,
    },
  },
  // A document takes longer to make than most tests take: without one, unless a test renders something or asks for it.
  test: {
    projects: [
      { extends: true, test: { name: "drawn", environment: "happy-dom", include: ["src/**/*.test.tsx"] } },
      { extends: true, test: { name: "plain", environment: "node", include: ["src/**/*.test.ts"] } },
    ],
  },
});
