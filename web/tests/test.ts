/** What every test has: the account of its file, and a browser that is signed in and watched. */

import AxeBuilder from "@axe-core/playwright";
import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import { runCommand } from "./service";

export { expect };

/** An account, and its API as programs use it. */
export class Account {
  constructor(
    readonly id: string,
    readonly key: string,
  ) {}

  /** Sends a request, which must have neither errors nor refusals, and returns its data. */
  async request(query: string, variables: Record<string, unknown> = {}): Promise<any> {
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

  /** Signs a browser in. */
  async signIn(context: BrowserContext): Promise<void> {
    const response = await context.request.post("/session", { data: { key: this.key } });
    expect(response.status()).toBe(204);
  }
}

const accounts = new Map<string, Account>();

/** Finds or creates the account that the tests of a file share; tests with electronic invoicing have another one. */
function findAccount(file: string, electronicInvoicing: boolean): Account {
  const name = `${file} ${electronicInvoicing}`;
  let account = accounts.get(name);
  if (!account) {
    const flags = electronicInvoicing ? ["--electronic-invoicing"] : [];
    const id = runCommand("accounts", "create", "--name", "Prueba, S.A.", ...flags);
    account = new Account(id, runCommand("keys", "create", "--account", id, "--scope", "admin"));
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
    async ({ electronicInvoicing }, use, info) => use(findAccount(info.file, electronicInvoicing)),
    { timeout: 60_000 },
  ],

  context: async ({ context, account, signedIn, baseURL }, use) => {
    const otherHosts: string[] = [];
    const faults: string[] = [];
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (!["data:", "blob:"].includes(url.protocol) && url.host !== new URL(baseURL ?? "").host) {
        otherHosts.push(request.url());
      }
      if (url.pathname === "/graphql" && !/\/(graphql|playground)$/.test(request.frame().url())) {
        const sent = request.postDataJSON();
        if (sent?.query) faults.push(`sent as text, which TRUSTED_DOCUMENTS=only refuses: ${sent.query}`);
      }
    });
    context.on("weberror", (error) => faults.push(String(error.error())));
    context.on("console", (message) => {
      if (message.type() === "error" && /Content Security Policy/.test(message.text()))
        faults.push(message.text());
    });
    if (signedIn) await account.signIn(context);
    await use(context);
    expect(otherHosts, "requests to other hosts").toEqual([]);
    expect(faults, "errors in the page").toEqual([]);
  },
});

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Checks the page as it stands against WCAG 2.2 A and AA; in dark, where only colours differ, their contrast. */
export async function expectAccessible(page: Page): Promise<void> {
  // A page that is still loading has no heading yet.
  await expect(page.locator("h1")).toBeVisible();
  await expectNoViolations(page, "light", (axe) => axe.withTags(WCAG));
  await expectNoViolations(page, "dark", (axe) => axe.withRules("color-contrast"));
  await page.emulateMedia({ colorScheme: null });
}

async function expectNoViolations(
  page: Page,
  colorScheme: "light" | "dark",
  choose: (axe: AxeBuilder) => AxeBuilder,
): Promise<void> {
  await page.emulateMedia({ colorScheme });
  // What is just being loaded anew is pale for that time.
  await expect(page.locator("[aria-busy='true']")).toHaveCount(0);
  // The pages have no frames, for which axe would open another page each time.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  const { violations } = await choose(axe).analyze();
  const found = violations.map(
    ({ id, help, nodes }) => `${id}: ${help} ${nodes.map((node) => node.target.join(" ")).join(", ")}`,
  );
  expect(found, `accessibility, ${colorScheme}`).toEqual([]);
}

/** The account may send invoices to the sandbox. */
export async function prepareEmission(account: Account): Promise<void> {
  await account.request(`mutation {
    updateAccount(input: {ruc: "155596713-2-2015", dv: "59"}) { userErrors { code } }
    setPacCredentials(provider: "sandbox") { userErrors { code } }
  }`);
}
