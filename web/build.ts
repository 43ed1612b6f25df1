/** What the build does beyond Vite: a budget for the pages' JavaScript, and files compressed as they are sent. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** Fails the build when all the JavaScript that a page may ever load is more than `most` bytes of gzip. */
export function budget(page: string, most: number): Plugin {
  return {
    name: "budget",
    apply: "build",
    generateBundle(_, bundle) {
      const sizes = new Map<string, number>();
      const add = (name: string) => {
        const chunk = bundle[name];
        if (chunk?.type !== "chunk" || sizes.has(name)) return;
        sizes.set(name, gzipSync(chunk.code).length);
        for (const imported of [...chunk.imports, ...chunk.dynamicImports]) add(imported);
      };
      const entry = Object.values(bundle).find(
        (chunk) => chunk.type === "chunk" && chunk.facadeModuleId === join(import.meta.dirname, page),
      );
      if (!entry) this.error(`${page} is no page of this build`);
      add(entry.fileName);
      const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
      const said = `${page} loads up to ${Math.ceil(total / 1000)} kB of JavaScript, of ${most / 1000} kB`;
      if (total > most) this.error(said);
      this.info(said);
    },
  };
}

/** Leaves each text in the build compressed beside itself, as the service sends it. */
export function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    async writeBundle({ dir = "dist" }, bundle) {
      for (const name of Object.keys(bundle).filter((name) => /\.(css|html|js)$/.test(name))) {
        const content = await readFile(join(dir, name));
        await writeFile(join(dir, `${name}.br`), await promisify(brotliCompress)(content));
        await writeFile(join(dir, `${name}.gz`), await promisify(gzip)(content, { level: 9 }));
      }
    },
  };
}

/** Leaves the texts of the pages' documents in the build, which the service trusts. */
export function documents(manifest: string): Plugin {
  return {
    name: "documents",
    apply: "build",
    async generateBundle() {
      this.emitFile({
        type: "asset",
        fileName: "persisted-documents.json",
        source: await readFile(manifest),
      });
    },
  };
}
