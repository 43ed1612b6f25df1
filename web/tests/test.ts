/** What every test has: an account of its file's own, and a browser that is signed in and watched. */

import AxeBuilder from "@axe-core/playwright";
import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import { istmo } from "./service";

export { expect };

/** An account, and its API as a program sees it. */
export class Account {
  constructor(
    readonly id: string,
    readonly key: string,
  ) {}

  /** The data of a request that must have no errors, nor refusals. */
  async ask(query: string, variables: Record<string, unknown> = {}): Promise<any> {
    const response = await fetch(`${process.env.ISTMO_URL}/graphql`, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.key}`, "Content-Type": "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    const answer = await response.json();
    expect(answer.errors ?? [], query).toEqual([]);
    for (const payload of Object.values<{ userErrors?: unknown[] }>(answer.data)) {
      expect(payload?.userErrors ?? [], query).toEqual([]);
    }
    return answer.data;
  }

  /** Sign a browser in. */
  async signIn(context: BrowserContext): Promise<void> {
    const response = await context.request.post("/session", { data: { key: this.key } });
    expect(response.status()).toBe(204);
  }
}

const accounts = new Map<string, Account>();

/** The account that the tests of a file share; those with electronic invoicing have another one. */
function accountOf(file: string, electronicInvoicing: boolean): Account {
  const name = `${file} ${electronicInvoicing}`;
  let account = accounts.get(name);
  if (!account) {
    const flags = electronicInvoicing ? ["--electronic-invoicing"] : [];
    const id = istmo("accounts", "create", "--name", "Prueba, S.A.", ...flags);
    account = new Account(id, istmo("keys", "create", "--account", id, "--scope", "admin"));
    accounts.set(name, account);
  }
  return account;
}

type Options = { signedIn: boolean; electronicInvoicing: boolean };

/** Options, for `test.use()`: whether the browser is signed in, and whether the account invoices electronically. */
export const test = base.extend<Options & { account: Account }>({
  signedIn: [true, { option: true }],
  electronicInvoicing: [false, { option: true }],

  baseURL: async ({}, use) => use(process.env.ISTMO_URL),

  account: [
    async ({ electronicInvoicing }, use, info) => use(accountOf(info.file, electronicInvoicing)),
    { timeout: 60_000 },
  ],

  context: async ({ context, account, signedIn, baseURL }, use) => {
    const strangers: string[] = [];
    const faults: string[] = [];
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (!["data:", "blob:"].includes(url.protocol) && url.host !== new URL(baseURL ?? "").host) {
        strangers.push(request.url());
      }
      if (url.pathname === "/graphql" && !/\/(graphql|playground)$/.test(request.frame().url())) {
        const sent = request.postDataJSON();
        if (sent?.query) faults.push(`not by its hash, as TRUSTED_DOCUMENTS=only wants it: ${sent.query}`);
      }
    });
    context.on("weberror", (error) => faults.push(String(error.error())));
    context.on("console", (message) => {
      if (message.type() === "error" && /Content Security Policy/.test(message.text()))
        faults.push(message.text());
    });
    if (signedIn) await account.signIn(context);
    await use(context);
    expect(strangers, "requests to other hosts").toEqual([]);
    expect(faults, "errors in the page").toEqual([]);
  },
});

/** Look for what keeps people from using the page as it stands, in light and in dark: WCAG 2.2 A and AA. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page })
      .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
      .analyze();
    const found = violations.map(
      ({ id, help, nodes }) => `${id}: ${help} ${nodes.map((node) => node.target.join(" ")).join(", ")}`,
    );
    expect(found, `accessibility, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null });
}
