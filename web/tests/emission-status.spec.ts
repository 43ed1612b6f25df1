import type { Page } from "@playwright/test";
import { type Account, expect, expectAccessible, prepareEmission, test } from "./test";

const LINE = { description: "Café molido", quantity: "2", unitPrice: "50.00", itbmsRate: "RATE_7" };
const PAGE = "/facturacion-electronica";
const TITLE = "Facturación electrónica";

/** RUCs whose invoices go wrong at the sandbox. */
const RUCS = {
  numberTaken: "999999934-2-2014",
  rejected: "999999936-2-2014",
  noFolios: "999999940-2-2014",
};

const customers = new Map<string, string>();

/** Issues an invoice to a company with this RUC and waits until the account has an answer, or a failure. */
async function issue(account: Account, ruc: string): Promise<string> {
  const customer = {
    receiverType: "TAXPAYER",
    taxpayerType: "JURIDICAL",
    locationCode: "8-8-7",
    address: "Calle 50",
    name: `Empresa ${ruc}`,
    ruc,
  };
  const customerId = customers.get(ruc);
  const { createInvoice } = await account.request(
    `mutation($input: InvoiceInput!, $customerId: ID, $customer: CustomerInput) {
      createInvoice(input: $input, customerId: $customerId, newCustomer: $customer, waitMs: 8000) {
        invoice { id customer { id } } userErrors { code } } }`,
    { input: { lines: [LINE] }, customerId, customer: customerId ? null : customer },
  );
  customers.set(ruc, createInvoice.invoice.customer.id);
  return createInvoice.invoice.id;
}

const card = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
const heading = (page: Page, name: string) => page.getByRole("heading", { name, exact: false });

test("the first steps lead to an account that invoices electronically", async ({ page, account }) => {
  await page.goto("/cuenta");
  await page.getByRole("link", { name: "Estado y primeros pasos" }).click();
  await expect(page).toHaveURL(PAGE);
  const steps = card(page, "Primeros pasos");
  const current = steps.locator("li[aria-current=step]");
  await expect(current).toContainText("Datos fiscales del negocio");
  await expect(page.getByRole("link", { name: "DGI", exact: true })).toBeHidden();
  await expectAccessible(page);
  await current.getByRole("link", { name: "Completar en Cuenta" }).click();
  await expect(page.getByRole("heading", { name: "Cuenta", level: 1 })).toBeVisible();
  await account.request(
    `mutation { updateAccount(input: {ruc: "155596713-2-2015", dv: "59"}) { userErrors { code } } }`,
  );
  await page.goto(PAGE);
  await expect(current).toContainText("Proveedor y credenciales");
  await current.getByRole("button", { name: "Elegir proveedor" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Proveedor (PAC)").selectOption("sandbox");
  await dialog.getByRole("button", { name: "Guardar" }).click();
  await expect(dialog).toBeHidden();
  await expect(current).toContainText("Probar conexión");
  await current.getByRole("button", { name: "Probar conexión" }).click();
  await expect(current).toContainText("Activar la facturación electrónica");
  await expect(steps.getByText("Listo")).toHaveCount(3);
  await expectAccessible(page);
  await current.getByRole("button", { name: "Activar" }).click();
  await expect(page.getByText("La cuenta está lista: las facturas que emitas van a la DGI.")).toBeVisible();
  await expect(steps).toBeHidden();
  await expect(page.getByRole("link", { name: "DGI", exact: true })).toHaveAttribute("aria-current", "page");
  await expect(card(page, "Estado").getByText("Todo está al día", { exact: false })).toBeVisible();
});

test.describe("an account that invoices electronically", () => {
  test.use({ electronicInvoicing: true });
  test.beforeEach(async ({ account }) => prepareEmission(account));

  test("the connection is tested, and says how many folios are left", async ({ page }) => {
    await page.goto("/facturas");
    await page.getByRole("link", { name: "DGI", exact: true }).click();
    await expect(page.getByRole("heading", { name: TITLE, level: 1 })).toBeVisible();
    const connection = card(page, "Conexión con el proveedor");
    await expect(connection.getByText("Sandbox de Istmo")).toBeVisible();
    await expect(connection.getByText("Pruebas", { exact: true })).toBeVisible();
    await connection.getByRole("button", { name: "Probar conexión" }).click();
    await expect(connection.getByText(/Folios disponibles: [\d,]+\./)).toBeVisible();
    await expect(page.getByRole("row", { name: /0000 · Casa matriz 001/ })).toBeVisible();
    await expectAccessible(page);
  });

  test("credentials that the provider refuses are told in its words", async ({ page }) => {
    await page.goto(PAGE);
    const connection = card(page, "Conexión con el proveedor");
    await page.route("**/graphql", async (route) => {
      if (!/CheckPacConnection/.test(route.request().postData() ?? "")) return route.continue();
      const message = "El proveedor no acepta las credenciales. Respuesta: 100 Token inválido";
      const refused = {
        path: [],
        code: "NOT_ALLOWED",
        message,
        expected: [],
        relatedId: null,
        __typename: "UserError",
      };
      const payload = { ok: false, available: null, licenceUntil: null, userErrors: [refused] };
      return route.fulfill({
        json: { data: { checkPacConnection: { ...payload, __typename: "CheckPacConnectionPayload" } } },
      });
    });
    await connection.getByRole("button", { name: "Probar conexión" }).click();
    await expect(connection.getByRole("alert")).toContainText("Respuesta: 100 Token inválido");
    await expectAccessible(page);
  });

  test("what is blocked says what to do, leads to the invoices and is tried again all at once", async ({
    page,
    account,
  }) => {
    const ids = [await issue(account, RUCS.noFolios), await issue(account, RUCS.noFolios)];
    await issue(account, RUCS.numberTaken);
    await issue(account, RUCS.rejected);
    await page.goto(PAGE);
    const state = card(page, "Estado");
    await expect(state.getByText("Compra folios o renueva la licencia", { exact: false })).toBeVisible();
    await expect(heading(page, "Detenidas · Número usado por otro sistema")).toBeVisible();
    await expect(heading(page, "Rechazadas")).toBeVisible();
    await expectAccessible(page);

    await state.getByRole("link", { name: "Ver las 2 facturas" }).click();
    await expect(page).toHaveURL(/dgi=detenidas&motivo=folios/);
    await expect(page.getByText("2 facturas", { exact: true })).toBeVisible();
    await expect(page.getByLabel("Motivo")).toHaveValue("folios");
    await expectAccessible(page);
    await page.getByLabel("Motivo").selectOption("numero-usado");
    await expect(page.getByText("1 factura", { exact: true })).toBeVisible();
    await page.getByLabel("Estado en la DGI").selectOption("rechazadas");
    await expect(page).not.toHaveURL(/motivo/);
    await expect(page.getByText("1 factura", { exact: true })).toBeVisible();

    await page.goto(PAGE);
    await expect(state.getByRole("button", { name: /^Reintentar/ })).toHaveCount(1);
    await state.getByRole("button", { name: "Reintentar las 2" }).click();
    await expect(state.getByText("Se intentan de nuevo 2 de 2.")).toBeVisible();
    for (const id of ids) await expect(state.locator(`a[href="/facturas/${id}"]`)).toBeVisible();
    await expect(state.getByRole("cell", { name: "Se intenta de nuevo" })).toHaveCount(2);
    await expectAccessible(page);
  });

  test("four are tried again at once, and each that isn't says why", async ({ page, account }) => {
    await issue(account, RUCS.noFolios);
    await page.goto(PAGE);
    const state = card(page, "Estado");
    const nodes = Array.from({ length: 14 }, (_, index) => {
      const number = String(index + 1).padStart(10, "0");
      return { __typename: "Invoice", id: `id-${index}`, number, branch: "0000", billingPoint: "001" };
    });
    let underWay = 0;
    let mostAtOnce = 0;
    await page.route("**/graphql", async (route) => {
      const sent = route.request().postData() ?? "";
      if (/BlockedInvoices/.test(sent)) {
        const pageInfo = { __typename: "PageInfo", hasNextPage: false, endCursor: null };
        const edges = nodes.map((node) => ({ __typename: "InvoiceEdge", node }));
        const invoices = { __typename: "InvoiceConnection", pageInfo, edges };
        return route.fulfill({ json: { data: { invoices } } });
      }
      if (!/RetryEmission/.test(sent)) return route.continue();
      mostAtOnce = Math.max(mostAtOnce, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 200));
      underWay--;
      const message = "Todavía se averigua si llegó.";
      const refused = { path: [], code: "EMISSION_PENDING", message, expected: [], relatedId: null };
      const payload = { invoice: null, userErrors: [{ ...refused, __typename: "UserError" }] };
      return route.fulfill({
        json: { data: { retryEmission: { ...payload, __typename: "RetryEmissionPayload" } } },
      });
    });
    await state.getByRole("button", { name: /^Reintentar/ }).click();
    await expect(state.getByRole("progressbar")).toBeVisible();
    await expect(state.getByText("Se intentan de nuevo 0 de 14.")).toBeVisible();
    await expect(state.getByText("No se reintentó: Todavía se averigua si llegó.")).toHaveCount(14);
    expect(mostAtOnce).toBe(4);
  });

  test("in English and on a phone the page is accessible and nothing is wider than it", async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.addInitScript(() => localStorage.setItem("istmo.language", "en"));
    await page.goto(PAGE);
    await expect(page.getByRole("heading", { name: "Electronic invoicing", level: 1 })).toBeVisible();
    await expect(card(page, "Connection to the provider")).toBeVisible();
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });

  test("a provider that doesn't answer is told on all pages, until it does", async ({ page }) => {
    let away = true;
    await page.route("**/graphql", async (route) => {
      if (!/ProviderAway/.test(route.request().postData() ?? "")) return route.continue();
      const response = await route.fetch();
      const answer = await response.json();
      expect(answer.data.emissionStatus.away).toBe(false);
      if (away) {
        answer.data.emissionStatus = {
          ...answer.data.emissionStatus,
          away,
          awaySince: "2026-11-27T13:05:00Z",
        };
      }
      return route.fulfill({ response, json: answer });
    });
    await page.goto("/clientes");
    const banner = page.getByRole("region", { name: "El proveedor no responde" });
    await expect(banner.getByText("las facturas esperan y se envían solas", { exact: false })).toBeVisible();
    await expect(banner.getByText("27 nov 2026, 8:05", { exact: false })).toBeVisible();
    await expectAccessible(page);
    await page.setViewportSize({ width: 390, height: 844 });
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await banner.getByRole("link", { name: "Ver detalles" }).click();
    await expect(page.getByRole("heading", { name: TITLE, level: 1 })).toBeVisible();
    await expect(banner).toBeVisible();
    away = false;
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await expect(banner).toBeHidden();
  });
});
