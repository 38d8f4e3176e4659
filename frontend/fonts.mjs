/** Faces that are made, not only copied: ten digits of Inter for columns of numbers, and Tinos for the typesetter. */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import subsetFont from "subset-font";

const here = dirname(fileURLToPath(import.meta.url));
const modules = createRequire(import.meta.url);

/** Where an installed package keeps its files. */
const packageFolder = (name) => dirname(modules.resolve(`${name}/package.json`));

const cut = join(here, "cut");
await mkdir(cut, { recursive: true });
for (const weight of [400, 500, 600]) {
  const whole = await readFile(join(packageFolder("@fontsource/inter"), "files", `inter-latin-${weight}-normal.woff2`));
  const digits = await subsetFont(whole, "0123456789", { targetFormat: "woff2", keepFeatures: ["tnum"] });
  await writeFile(join(cut, `inter-digits-${weight}.woff2`), digits);
}

const typeset = join(here, "..", "antin", "typeset", "fonts");
await mkdir(typeset, { recursive: true });
for (const [folder, name] of [["400Regular", "Regular"], ["400Regular_Italic", "Italic"], ["700Bold", "Bold"], ["700Bold_Italic", "BoldItalic"]]) {
  const source = join(packageFolder("@expo-google-fonts/tinos"), folder, `Tinos_${folder}.ttf`);
  await copyFile(source, join(typeset, `Tinos-${name}.ttf`));
}
