// Builds the islands into the crate that serves them; the manifest tells it the hashed names.
// Beside them it lays the fonts of documents, for machines whose system has no Chinese font.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const FONTS = {
  "fonts/zcool-xiaowei.ttf": "@expo-google-fonts/zcool-xiaowei/400Regular/ZCOOLXiaoWei_400Regular.ttf",
  "fonts/zcool-xiaowei.license.txt": "@expo-google-fonts/zcool-xiaowei/LICENSE_FONT",
  "fonts/dejavu-sans.ttf": "dejavu-fonts-ttf/ttf/DejaVuSans.ttf",
  "fonts/dejavu-sans.license.txt": "dejavu-fonts-ttf/LICENSE",
};

const fonts: Plugin = {
  name: "fonts-of-documents",
  generateBundle() {
    for (const [fileName, path] of Object.entries(FONTS)) {
      const from = fileURLToPath(new URL(`node_modules/${path}`, import.meta.url));
      this.emitFile({ type: "asset", fileName, source: readFileSync(from) });
    }
  },
};

export default defineConfig({
  base: "/assets/",
  plugins: [fonts],
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
