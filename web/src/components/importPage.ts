import { readItem, writeItem } from "@/storage";

const KEY = "istmo.reloaded";

/**
 * Imports the code of a page. A tab that was opened before an upgrade asks for files that are gone: it is loaded anew, once,
 * if the service answers. What was typed is kept as a draft.
 */
export async function importPage<T>(load: () => Promise<T>): Promise<T> {
  try {
    const page = await load();
    writeItem(sessionStorage, KEY, null);
    return page;
  } catch (error) {
    if (readItem(sessionStorage, KEY) || !(await isServed())) throw error;
    writeItem(sessionStorage, KEY, "1");
    if (!readItem(sessionStorage, KEY)) throw error; // without storage it would load anew for ever
    window.location.reload();
    return new Promise(() => {});
  }
}

async function isServed(): Promise<boolean> {
  try {
    return (await fetch("/", { headers: { Accept: "text/html" } })).ok;
  } catch {
    return false;
  }
}
