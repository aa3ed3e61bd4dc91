// Bundles src/ into ../explorer.js, one classic script that also runs from file://, and writes the
// licenses of what it bundles to ../licenses.json. The first line of the script has the SHA-256 of
// its sources, so that a test without Node can tell whether it is up to date.
import { createHash } from "node:crypto";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const TARGET = ["chrome103", "firefox113", "safari16.4"]; // DecompressionStream("deflate-raw")

/** The files that decide what the script is: this one, the versions, and all of src/. */
async function sourceFiles() {
  const below = await readdir(join(HERE, "src"), { recursive: true, withFileTypes: true });
  const found = below
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const names = found.map((path) => path.slice(HERE.length + 1).replaceAll("\\", "/"));
  return ["build.mjs", "package-lock.json", "package.json", ...names].sort();
}

/** SHA-256 over the name and the text of each source, in the order of their names. */
async function sourceHash() {
  const hash = createHash("sha256");
  for (const name of await sourceFiles()) {
    hash.update(`${name}\0`).update(await readFile(join(HERE, name))).update("\0");
  }
  return hash.digest("hex");
}

/** A style sheet is imported as its minified text, for the shadow root. */
const styleAsText = {
  name: "style-as-text",
  setup(/** @type {import("esbuild").PluginBuild} */ { onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), {
        loader: "css",
        minify: true,
        target: TARGET,
      });
      return { contents: code, loader: "text" };
    });
  },
};

/** What is bundled, by the folders in node_modules that the bundle took a file from. */
async function licenses(/** @type {string[]} */ inputs) {
  const folders = new Set(
    inputs.flatMap((path) => /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []),
  );
  return Promise.all(
    [...folders].sort().map(async (folder) => {
      const path = join(HERE, folder);
      const { name, version, license } = JSON.parse(await readFile(join(path, "package.json"), "utf8"));
      const text = await readFile(join(path, "LICENSE"), "utf8");
      const copyright = /^\s*(Copyright (?:\(c\) )?\d.*?)\s*$/im.exec(text)?.[1] ?? null;
      return { name, version, license, copyright, text };
    }),
  );
}

const options = {
  absWorkingDir: HERE,
  entryPoints: ["src/explorer.js"],
  bundle: true,
  minify: true,
  format: /** @type {const} */ ("iife"),
  target: TARGET,
  charset: /** @type {const} */ ("utf8"), // as every page that holds it says
  legalComments: /** @type {const} */ ("none"), // they are in licenses.json
  plugins: [styleAsText],
  metafile: true,
  write: false,
};
const { outputFiles, metafile } = await build(options);
const bundled = await licenses(Object.keys(metafile.inputs));
const names = bundled.map(({ name, version, license }) => `${name} ${version} (${license})`);
const first = `/* sources: sha256 ${await sourceHash()}; "make explorer" makes this file; it contains ${names.join(", ")}; see licenses.json */`;
await writeFile(join(HERE, "..", "explorer.js"), `${first}\n${outputFiles[0].text}`);
await writeFile(join(HERE, "..", "licenses.json"), `${JSON.stringify(bundled, null, 2)}\n`);
