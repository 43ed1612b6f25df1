import type { Page } from "@playwright/test";
import { type Account, expect, expectAccessible, prepareEmission, test } from "./test";

test.use({ electronicInvoicing: true });

const LINE = { description: "Café molido", quantity: "2", unitPrice: "50.00", itbmsRate: "RATE_7" };
const REASON = "Se facturó al cliente equivocado";

/** RUCs whose invoices go wrong at the sandbox. */
const RUCS = {
  numberTaken: "999999934-2-2014",
  rejected: "999999936-2-2014",
  badToken: "999999939-2-2014",
  noFolios: "999999940-2-2014",
  licenceOver: "999999941-2-2014",
  voidLate: "999999944-2-2014",
  voidRefused: "999999945-2-2014",
};

const customers = new Map<string, string>();

/** Issues an invoice, to a company with this RUC or to a final consumer, and returns its id. */
async function issue(account: Account, name: string, ruc?: string): Promise<string> {
  const company = { receiverType: "TAXPAYER", taxpayerType: "JURIDICAL", locationCode: "8-8-7" };
  const customer = ruc
    ? { ...company, address: "Calle 50", name, ruc }
    : { receiverType: "FINAL_CONSUMER", name };
  const customerId = customers.get(ruc ?? "");
  const { createInvoice } = await account.request(
    `mutation($input: InvoiceInput!, $customerId: ID, $customer: CustomerInput) {
      createInvoice(input: $input, customerId: $customerId, newCustomer: $customer) {
        invoice { id customer { id } } userErrors { code } } }`,
    { input: { lines: [LINE] }, customerId, customer: customerId ? null : customer },
  );
  if (ruc) customers.set(ruc, createInvoice.invoice.customer.id);
  return createInvoice.invoice.id;
}

async function open(page: Page, id: string): Promise<void> {
  await page.goto(`/facturas/${id}`);
  await expect(heading(page)).toBeVisible();
}

const heading = (page: Page) => page.getByRole("heading", { level: 1 });
const badge = (page: Page, text: string) => page.locator(".invoice-title").getByText(text, { exact: true });
const story = (page: Page, text: string) => page.getByRole("status").filter({ hasText: text });

async function voidInvoice(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Anular", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "¿Anular la factura?" });
  await dialog.getByLabel("Motivo").fill(REASON);
  await dialog.getByRole("button", { name: "Anular factura" }).click();
  await expect(dialog).toBeHidden();
}

test.beforeEach(async ({ account }) => prepareEmission(account));

test("an invoice is offered to be sent by mail once it is authorised", async ({ page, account }) => {
  const waiting = await issue(account, "Correo Después", RUCS.noFolios);
  await open(page, waiting);
  await expect(badge(page, "Detenida")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("link", { name: "PDF / Imprimir" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Enviar por correo" })).toBeHidden();
  await open(page, await issue(account, "Correo Ahora"));
  await expect(badge(page, "Autorizada")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("button", { name: "Enviar por correo" })).toBeVisible();
});

test("a mail that waits for the authorised XML isn't called late, and is seen to arrive", async ({
  page,
  account,
}) => {
  const { createInvoice } = await account.request(
    `mutation($input: InvoiceInput!) {
      createInvoice(input: $input, newCustomer: {receiverType: FINAL_CONSUMER, name: "Con Correo", email: "con@example.com"}) {
        invoice { id } userErrors { code } } }`,
    { input: { lines: [LINE] } },
  );
  await open(page, createInvoice.invoice.id);
  const mails = page.getByRole("region", { name: "Correos" });
  await expect(mails.getByText("Enviado", { exact: true })).toBeVisible({ timeout: 30_000 });
  await expect(mails.getByText(/mañana/)).toBeHidden();
});

test("a void that the provider confirms later ends while the page is open", async ({ page, account }) => {
  await open(page, await issue(account, "Ana Tarde", RUCS.voidLate));
  await expect(badge(page, "Autorizada")).toBeVisible({ timeout: 30_000 });
  await voidInvoice(page);
  await expect(story(page, "Anulándose.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Anular", exact: true })).toBeHidden();
  await expect(page.getByText(/^Anulada el/)).toBeVisible({ timeout: 60_000 });
  await expect(badge(page, "Anulada")).toHaveCount(1);
  await expect(page.getByText(REASON)).toBeVisible();
  await expect(story(page, "Anulándose.")).toBeHidden();
});

test("a void that is refused leaves the invoice valid, and says why", async ({ page, account }) => {
  await open(page, await issue(account, "Ana Negada", RUCS.voidRefused));
  await expect(badge(page, "Autorizada")).toBeVisible({ timeout: 30_000 });
  await voidInvoice(page);
  const notice = story(page, "No se anuló; la factura sigue vigente.");
  await expect(notice).toBeVisible({ timeout: 30_000 });
  await expect(notice.getByText(/Detalle: \S/)).toBeVisible();
  await expect(badge(page, "Autorizada")).toBeVisible();
  await expect(page.getByRole("button", { name: "Anular", exact: true })).toBeVisible();
  await expectAccessible(page);
});

test("a blocked invoice that is tried again is sent again, and is blocked anew", async ({
  page,
  account,
}) => {
  const id = await issue(account, "Licencia Vencida", RUCS.licenceOver);
  await open(page, id);
  const blocked = story(page, "Detenida.");
  await expect(blocked.getByText(/venció tu licencia/)).toBeVisible({ timeout: 30_000 });
  await expect(blocked.getByText(/^1 intento · el próximo: /)).toBeVisible();
  await blocked.getByRole("button", { name: "Reintentar" }).click();
  await expect(page.getByText("Se intenta de nuevo.")).toBeVisible();
  await expect(blocked.getByText(/^[2-9] intentos · el próximo: /)).toBeVisible({ timeout: 30_000 });
});

test("an invoice that lacks credentials leads to the account", async ({ page, account }) => {
  await open(page, await issue(account, "Sin Credenciales", RUCS.badToken));
  const blocked = story(page, "Detenida.");
  await expect(blocked.getByText("Detalle: Token inválido")).toBeVisible({ timeout: 30_000 });
  await expectAccessible(page);
  await blocked.getByRole("link", { name: "Ir a Cuenta" }).click();
  await expect(page.getByRole("region", { name: "Facturación electrónica" })).toBeVisible();
});

test("an invoice whose number was used elsewhere gets the next one", async ({ page, account }) => {
  await open(page, await issue(account, "Número Ajeno", RUCS.numberTaken));
  await expect(story(page, "Otro sistema ya usó este número.")).toBeVisible({ timeout: 30_000 });
  const before = await heading(page).textContent();
  await page.getByRole("button", { name: "Dar número nuevo" }).click();
  const dialog = page.getByRole("dialog", { name: "¿Darle un número nuevo?" });
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Dar número nuevo" }).click();
  await expect(page.getByText(/^Ahora es la factura \d+\.$/)).toBeVisible();
  await expect(heading(page)).not.toHaveText(before ?? "");
});

test("the list shows invoices by what became of them at the DGI", async ({ page, account }) => {
  await issue(account, "Filtro Rechazada, S.A.", RUCS.rejected);
  await issue(account, "Filtro Autorizada");
  await page.goto("/facturas");
  await page.getByRole("searchbox").fill("filtro");
  const row = (text: RegExp) => page.getByRole("row", { name: text });
  await expect(row(/Autorizada Prueba Filtro Autorizada/)).toBeVisible({ timeout: 30_000 });
  await expect(row(/Rechazada Prueba Filtro Rechazada/)).toBeVisible({ timeout: 30_000 });
  const filter = page.getByLabel("Estado en la DGI");
  for (const [name, address, shown] of [
    ["Por resolver", "por-resolver", /Filtro Rechazada/],
    ["Rechazadas", "rechazadas", /Filtro Rechazada/],
    ["Autorizadas", "autorizadas", /Filtro Autorizada/],
  ] as const) {
    await filter.selectOption(name);
    await expect(page).toHaveURL(new RegExp(`dgi=${address}`));
    await expect(page.getByText("1 factura", { exact: true })).toBeVisible();
    await expect(row(shown)).toBeVisible();
  }
  await page.reload();
  await expect(filter).toHaveValue("autorizadas");
  await expect(row(/Filtro Autorizada/)).toBeVisible();
  await expect(row(/Filtro Rechazada/)).toBeHidden();
  await expectAccessible(page);
  for (const name of ["En camino", "Detenidas", "Anulándose", "Anuladas", "Retiradas", "No electrónicas"]) {
    await filter.selectOption(name);
    await expect(page.getByRole("heading", { name: "Ninguna factura coincide" })).toBeVisible();
  }
});

test("in English, the invoice and its list are accessible and say what was said in Spanish as such", async ({
  page,
  account,
}) => {
  await page.addInitScript(() => localStorage.setItem("istmo.language", "en"));
  await open(page, await issue(account, "English Rejected", RUCS.rejected));
  await expect(badge(page, "Rejected")).toBeVisible({ timeout: 30_000 });
  const rejected = story(page, "Rejected.");
  await expect(rejected.getByText("Line 1 · ITBMS:")).toBeVisible();
  await expect(rejected.locator("[lang=es]")).toHaveText(/ITBMS del ítem/);
  await expectAccessible(page);
  await rejected.getByRole("link", { name: "Correct" }).click();
  await expect(page.getByRole("heading", { name: /^Correct invoice/ })).toBeVisible();
  await expectAccessible(page);
  await open(page, await issue(account, "English Authorised"));
  await expect(page.getByRole("region", { name: "Electronic invoice" }).getByText(/^FE/)).toBeVisible({
    timeout: 30_000,
  });
  await expectAccessible(page);
  await page.goto("/facturas?dgi=autorizadas");
  await expect(page.getByRole("row", { name: /English Authorised/ })).toBeVisible();
  await expectAccessible(page);
});

test("a rejected invoice that is given up is withdrawn, and its document says so", async ({
  page,
  account,
}) => {
  await open(page, await issue(account, "Retirada, S.A.", RUCS.rejected));
  await expect(badge(page, "Rechazada")).toBeVisible({ timeout: 30_000 });
  await voidInvoice(page);
  await expect(badge(page, "Retirada")).toBeVisible();
  await expect(page.getByText("Su número no se usa de nuevo.")).toBeVisible();
  await expect(page.getByRole("article").getByText(/se retiró antes de ser autorizado/)).toBeVisible();
  await expectAccessible(page);
});
