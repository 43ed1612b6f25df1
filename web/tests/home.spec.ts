import type { Page } from "@playwright/test";
import { type Account, expect, expectAccessible, prepareEmission, test } from "./test";

const ISSUE = `mutation($input: InvoiceInput!, $customer: CustomerInput) {
  createInvoice(input: $input, newCustomer: $customer, waitMs: 8000) { invoice { id } userErrors { code message } } }`;

/** Issues an invoice without ITBMS, to a customer of this name, and returns its id. */
async function sell(account: Account, name: string, price: string, more: object = {}): Promise<string> {
  const lines = [{ description: "Asesoría", quantity: "1", unitPrice: price, itbmsRate: "EXEMPT" }];
  const variables = { input: { lines, ...more }, customer: { receiverType: "FINAL_CONSUMER", name } };
  return (await account.request(ISSUE, variables)).createInvoice.invoice.id;
}

/** The day so many days ago in Panama. */
function daysAgo(days: number): string {
  const day = new Date(Date.now() - days * 86_400_000);
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "America/Panama" }).format(day);
}

const heading = (page: Page) => page.getByRole("heading", { level: 1 });
const tasks = (page: Page) => page.getByRole("region", { name: "Por atender" });
const inBalboas = (page: Page) => page.getByRole("region", { name: "En balboas" });

test.describe("a new account", () => {
  test.use({ electronicInvoicing: true });

  test("begins with what there will be to see", async ({ page }) => {
    await page.goto("/");
    await expect(heading(page)).toHaveText("Inicio");
    await expect(page).toHaveURL(/\/inicio$/);
    await expect(page.getByRole("link", { name: "Inicio" })).toHaveAttribute("aria-current", "page");
    await expect(tasks(page).getByText("Todo está al día: no hay nada que resolver.")).toBeVisible();
    await expect(page.getByRole("heading", { name: "Todavía no has emitido facturas" })).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Nueva factura" }).click();
    await expect(page).toHaveURL(/\/facturas\/nueva$/);
  });

  test("what was rejected or is incomplete leads to its list", async ({ page, account }) => {
    await prepareEmission(account);
    const input = { lines: [{ description: "Flete", quantity: "1", unitPrice: "5", itbmsRate: "EXEMPT" }] };
    const company = { taxpayerType: "JURIDICAL", locationCode: "8-8-7", address: "Calle 50" };
    const customer = {
      receiverType: "TAXPAYER",
      name: "Rechazada, S.A.",
      ruc: "999999936-2-2014",
      ...company,
    };
    await account.request(ISSUE, { input, customer });
    await account.request(
      `mutation { updateAccount(input: {electronicInvoicing: false}) { userErrors { code } } }`,
    );
    await account.request(
      `mutation { createCustomer(input: {receiverType: TAXPAYER, name: "Sin Datos"}) { userErrors { code } } }`,
    );
    await account.request(
      `mutation { updateAccount(input: {electronicInvoicing: true}) { userErrors { code } } }`,
    );
    await page.goto("/inicio");
    await expect(tasks(page).getByRole("link", { name: /^1 Facturas rechazadas/ })).toBeVisible();
    await expect(tasks(page).getByRole("link", { name: /^1 Clientes incompletos/ })).toBeVisible();
    await expectAccessible(page);
    await tasks(page)
      .getByRole("link", { name: /rechazadas/ })
      .click();
    await expect(page.getByText("1 factura", { exact: true })).toBeVisible();
    await expect(page.getByText("Rechazada, S.A.")).toBeVisible();
    await page.goBack();
    await tasks(page)
      .getByRole("link", { name: /incompletos/ })
      .click();
    await expect(page.getByRole("link", { name: "Sin Datos" })).toBeVisible();
    await expect(page.getByText("1 cliente", { exact: true })).toBeVisible();
  });
});

test("what was invoiced, what is overdue and who bought most, by currency", async ({ page, account }) => {
  const old = { issueDate: daysAgo(50), dueDate: daysAgo(45) };
  const credited = await sell(account, "Ana Compra Mucho", "1500.00", old);
  await sell(account, "Berta Compra Poco", "250.50");
  await sell(account, "Carla de Dólares", "80.00", {
    currency: "USD",
    issueDate: daysAgo(2),
    dueDate: daysAgo(1),
  });
  await account.request(
    `mutation($input: CreditNoteInput!) { createCreditNote(input: $input) { userErrors { code message } } }`,
    { input: { invoiceId: credited, reason: "Devolución", lines: [{ position: 1, amount: "500.00" }] } },
  );
  const asked: string[] = [];
  page.on("request", (request) => {
    if (new URL(request.url()).pathname === "/graphql") asked.push(request.postDataJSON().operationName);
  });
  await page.goto("/inicio");

  const sales = inBalboas(page).getByRole("group", { name: "Facturado por mes", exact: true });
  await expect(sales.getByText("Este mes: B/. -249.50")).toBeVisible();
  await expect(sales.getByRole("img", { name: /^Barras de los últimos doce meses/ })).toBeVisible();
  const sums = sales.getByRole("row", { name: /^12 meses/ });
  await expect(sums.getByRole("cell")).toHaveText(["1,750.50", "—", "500.00", "1,250.50", "—", "1,250.50"]);
  await expect(sales.getByRole("row")).toHaveCount(14);

  const overdue = inBalboas(page).getByRole("group", { name: "Vencido por antigüedad", exact: true });
  await expect(overdue.getByRole("img")).toBeVisible();
  await expect(overdue.getByRole("row", { name: /^31 a 60 días/ }).getByRole("cell")).toHaveText([
    "1",
    "1,000.00",
  ]);
  await expect(overdue.getByRole("row", { name: /^1 a 30 días/ }).getByRole("cell")).toHaveText([
    "0",
    "0.00",
  ]);

  const best = inBalboas(page).getByRole("group", { name: "Mejores clientes", exact: true });
  await expect(best.getByRole("rowheader")).toHaveText(["Ana Compra Mucho", "Berta Compra Poco"]);
  await expect(best.getByRole("row", { name: /^Ana/ }).getByRole("cell")).toHaveText(["1,000.00", "80.0%"]);

  const dollars = page.getByRole("region", { name: "En dólares" });
  await expect(dollars.getByText("US$ 80.00", { exact: true })).toBeVisible();
  expect(asked.filter((name) => name === "Overview")).toEqual(["Overview"]);
  await expectAccessible(page);

  await tasks(page)
    .getByRole("link", { name: /^2 Facturas vencidas/ })
    .click();
  await expect(page.getByText("2 facturas", { exact: true })).toBeVisible();
  await page.goBack();
  await overdue.getByRole("link", { name: "31 a 60 días" }).click();
  await expect(page.getByText("1 factura", { exact: true })).toBeVisible();
  await expect(page.getByText("Ana Compra Mucho")).toBeVisible();
  await page.goBack();
  await sales.getByRole("row").nth(-2).getByRole("link").first().click();
  await expect(page.getByRole("link", { name: /^001-/ }).first()).toBeVisible();
  await expect(page.getByText("Berta Compra Poco")).toBeVisible();
  await expect(page.getByText("Ana Compra Mucho")).toBeHidden();
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("it fits, in English too", async ({ page, account }) => {
    await sell(
      account,
      "Diana con un Nombre Muy Largo que No Cabe en una Línea, Sociedad Anónima",
      "12345.67",
    );
    await page.addInitScript(() => localStorage.setItem("istmo.language", "en"));
    await page.goto("/inicio");
    await expect(heading(page)).toHaveText("Home");
    await expect(page.getByRole("img", { name: /^Bars of the last twelve months/ }).first()).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await expectAccessible(page);
  });
});

test("a key that may only read sees it, without what it may not do", async ({ page, account, context }) => {
  const { createApiKey } = await account.request(
    `mutation { createApiKey(name: "Lee", scope: READ) { secret userErrors { code } } }`,
  );
  await context.clearCookies();
  await context.request.post("/session", { data: { key: createApiKey.secret } });
  await page.goto("/inicio");
  await expect(heading(page)).toHaveText("Inicio");
  await expect(page.getByRole("link", { name: "Nueva factura" })).toBeHidden();
});

test("figures that can't be loaded can be asked for again", async ({ page }) => {
  let isDown = true;
  await page.route("**/graphql", (route) =>
    isDown && route.request().postDataJSON().operationName === "Overview" ? route.abort() : route.continue(),
  );
  await page.goto("/inicio");
  await expect(page.getByRole("alert")).toContainText("No se pudo cargar");
  isDown = false;
  await page.getByRole("button", { name: "Reintentar" }).click();
  await expect(heading(page)).toHaveText("Inicio");
});
