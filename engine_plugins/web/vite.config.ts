import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const page = (name: string) => fileURLToPath(new URL(name, import.meta.url));

// `npm run dev` shows the pages with live reload beside a running `avatar-bridge demo --no-open`.
const bridge = "http://127.0.0.1:8765";

export default defineConfig({
  plugins: [vue()],
  // An audio worklet takes modules only.
  worker: { format: "es" },
  build: {
    outDir: page("../../build/web"),
    emptyOutDir: true,
    // OBS 28 to 30 carry Chromium 103 as their browser source.
    target: "chrome103",
    chunkSizeWarningLimit: 1200,
    rollupOptions: { input: { index: page("index.html"), stage: page("stage.html") } },
  },
  server: {
    proxy: {
      "/api": bridge,
      "/avatar": bridge,
      "/ws": { target: bridge, ws: true },
    },
  },
});
