/** What the build does beyond Vite: a budget for JavaScript, compressed files, and the pages' GraphQL documents. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** Fails the build if all the JavaScript that a page may load exceeds `limit` bytes of gzip. */
export function checkBudget(page: string, limit: number): Plugin {
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
      if (!entry) this.error(`${page} is not a page of this build`);
      add(entry.fileName);
      const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
      const message = `${page} loads up to ${Math.ceil(total / 1000)} kB of JavaScript, of ${limit / 1000} kB`;
      if (total > limit) this.error(message);
      this.info(message);
    },
  };
}

/** Writes compressed copies beside the text files of the build, for the service to send. */
export function compressFiles(): Plugin {
  return {
    name: "compress-files",
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

/** Adds the texts of the pages' GraphQL documents to the build: the service trusts these. */
export function addDocuments(manifest: string): Plugin {
  return {
    name: "add-documents",
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
