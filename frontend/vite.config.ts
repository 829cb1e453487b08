// Builds the islands into the crate that serves them; the manifest tells it the hashed names.
import { defineConfig } from "vite";

export default defineConfig({
  base: "/assets/",
  build: {
    outDir: "../crates/web/assets/dist",
    emptyOutDir: true,
    manifest: true,
    assetsDir: ".",
    target: "es2022",
    chunkSizeWarningLimit: 900,
    rollupOptions: { input: ["src/main.ts", "src/patrol/service-worker.ts"] },
  },
});
