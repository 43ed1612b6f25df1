import type { Page } from "@playwright/test";
import { type Account, expect, expectAccessible, test } from "./test";

async function createInvoice(account: Account, name: string, more: object = {}): Promise<string> {
  const { createInvoice } = await account.request(
    `mutation($customer: CustomerInput!) {
      createInvoice(input: {lines: [
        {description: "Café <b>molido</b>", quantity: "2", unitPrice: "10.00", discount: "1.00", itbmsRate: RATE_7}
        {description: "Servicio", quantity: "1.5", unitPrice: "100.00", itbmsRate: EXEMPT}
      ], notes: "Gracias"}, newCustomer: $customer) { invoice { id } userErrors { code message } }
    }`,
    { customer: { receiverType: "FINAL_CONSUMER", name, ...more } },
  );
  return createInvoice.invoice.id;
}

const links = (page: Page) => page.getByRole("region", { name: "Enlace público" });

test("a public link is made, copied, opened by anybody and revoked", async ({
  page,
  account,
  browser,
  context,
}) => {
  const id = await createInvoice(account, "Ana Enlace");
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(`/facturas/${id}`);
  await links(page).getByRole("button", { name: "Crear enlace" }).click();
  const address = await links(page).getByRole("textbox", { name: "Enlace nuevo" }).inputValue();
  await links(page).getByRole("button", { name: "Copiar" }).click();
  await expect(links(page)).toContainText("Copiado.");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(address);
  await expect(links(page)).toContainText("Vale hasta:");
  await expectAccessible(page);

  const anybody = await browser.newContext({ baseURL: process.env.ISTMO_URL });
  const shown = await anybody.newPage();
  await shown.goto(address);
  await expect(shown.getByRole("heading", { level: 1, name: "Factura 001-" })).toBeVisible();
  await expect(shown.getByRole("cell", { name: "Café <b>molido</b>" })).toBeVisible();
  await expect(shown.getByRole("link", { name: "Descargar PDF" })).toBeVisible();
  await expectAccessible(shown);
  await shown.setViewportSize({ width: 320, height: 640 });
  expect(await shown.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  const pdf = await anybody.request.get(`${address}.pdf`);
  expect([pdf.status(), pdf.headers()["content-type"]]).toEqual([200, "application/pdf"]);

  await links(page).getByRole("button", { name: "Revocar" }).click();
  await page
    .getByRole("dialog", { name: "¿Revocar el enlace?" })
    .getByRole("button", { name: "Revocar" })
    .click();
  await expect(page.getByText("Enlace revocado.")).toBeVisible();
  await expect(links(page).getByRole("button", { name: "Revocar" })).toBeHidden();
  await shown.reload();
  await expect(shown.getByRole("heading", { name: "Este enlace no lleva a ningún documento" })).toBeVisible();
  await expectAccessible(shown);
  await anybody.close();
});

test("a link of a note is told as one of a note", async ({ page, account }) => {
  const id = await createInvoice(account, "Ana Nota");
  const { createCreditNote } = await account.request(
    `mutation($id: ID!) { createCreditNote(input: {invoiceId: $id, reason: "Mercancía devuelta"}) {
      creditNote { id } userErrors { code message }
    } }`,
    { id },
  );
  await page.goto(`/facturas/${createCreditNote.creditNote.id}`);
  await expect(links(page)).toContainText("Quien tenga el enlace ve la nota de crédito");
  await links(page).getByRole("button", { name: "Crear enlace" }).click();
  await links(page).getByRole("button", { name: "Revocar" }).click();
  await expect(page.getByRole("dialog", { name: "¿Revocar el enlace?" })).toContainText(
    "ya no verá la nota de crédito",
  );
});

test("a link of an English customer's invoice is in English", async ({ page, account }) => {
  const id = await createInvoice(account, "John Link", { language: "EN" });
  const made = await account.request(
    `mutation($id: ID!) { createDocumentLink(id: $id) { path userErrors { code } } }`,
    { id },
  );
  await page.goto(made.createDocumentLink.path);
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.getByRole("link", { name: "Download PDF" })).toBeVisible();
  await expectAccessible(page);
});

test("a draft has no public link", async ({ page, account }) => {
  const id = await createInvoice(account, "Ana Borrador");
  await page.goto(`/facturas/${id}`);
  await expect(links(page)).toBeVisible();
  const { createInvoice: made } = await account.request(
    `mutation { createInvoice(
      input: {issue: false, lines: [{description: "Té", quantity: "1", unitPrice: "1", itbmsRate: RATE_7}]}
      newCustomer: {receiverType: FINAL_CONSUMER, name: "Eva Borrador"}
    ) { invoice { id } userErrors { code } } }`,
  );
  await page.goto(`/facturas/${made.invoice.id}`);
  await expect(page.getByRole("heading", { name: "Historial" })).toBeVisible();
  await expect(links(page)).toBeHidden();
});

test("an invoice is issued without e-mailing it", async ({ page, account }) => {
  const { createCustomer } = await account.request(
    `mutation { createCustomer(input: {receiverType: FINAL_CONSUMER, name: "Ana Sin Correo", email: "ana@example.com"}) {
      customer { id } userErrors { code }
    } }`,
  );
  await page.goto(`/facturas/nueva?cliente=${createCustomer.customer.id}`);
  const line = page.getByRole("listitem", { name: "Línea 1" });
  await line.getByRole("combobox", { name: "Descripción" }).fill("Café");
  await line.getByRole("textbox", { name: "Precio" }).fill("10");
  await page.getByRole("checkbox", { name: "Enviar por correo al cliente" }).uncheck();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Emitir factura" }).click();
  const question = page.getByRole("dialog", { name: "¿Emitir la factura?" });
  await expect(question).toContainText("no se enviará por correo");
  await question.getByRole("button", { name: "Emitir" }).click();
  const mails = page.getByRole("region", { name: "Correos" });
  await expect(mails).toContainText("Se emitió sin enviarla por correo.");
  await expectAccessible(page);
});

test("a draft is issued without e-mailing it", async ({ page, account }) => {
  const { createInvoice: made } = await account.request(
    `mutation { createInvoice(
      input: {issue: false, lines: [{description: "Té", quantity: "1", unitPrice: "1", itbmsRate: RATE_7}]}
      newCustomer: {receiverType: FINAL_CONSUMER, name: "Eva Sin Correo", email: "eva@example.com"}
    ) { invoice { id } userErrors { code } } }`,
  );
  await page.goto(`/facturas/${made.invoice.id}`);
  await page.getByRole("button", { name: "Emitir factura" }).click();
  const question = page.getByRole("dialog", { name: "¿Emitir la factura?" });
  await question.getByRole("checkbox", { name: "Enviar por correo al cliente" }).uncheck();
  await expectAccessible(page);
  await question.getByRole("button", { name: "Emitir" }).click();
  await expect(page.getByRole("region", { name: "Correos" })).toContainText(
    "Se emitió sin enviarla por correo.",
  );
});
