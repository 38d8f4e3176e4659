import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const outDir = "../antin/web/static/dist";

/** Lays a .gz and a .br beside every text file, so that the server never compresses while somebody waits. */
function compressed(): Plugin {
  return {
    name: "antin-compressed",
    apply: "build",
    async closeBundle() {
      const names = await readdir(outDir, { recursive: true });
      for (const name of names.filter((each) => /\.(css|js|svg)$/.test(each))) {
        const content = await readFile(join(outDir, name));
        await writeFile(join(outDir, `${name}.gz`), gzipSync(content, { level: 9 }));
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
        await writeFile(join(outDir, `${name}.br`), brotliCompressSync(content, quality));
      }
    },
  };
}

export default defineConfig({
  base: "/static/dist/",
  publicDir: false,
  plugins: [compressed()],
  build: {
    outDir,
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    modulePreload: false,
    target: ["chrome125", "edge125", "firefox128", "safari17.5"],
    rolldownOptions: { input: { main: "src/main.ts", editor: "src/editor.ts" } },
  },
});
