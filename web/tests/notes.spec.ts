import type { Page } from "@playwright/test";
import { type Account, expect, expectAccessible, prepareEmission, test } from "./test";

const LINES = [
  { description: "Café molido", quantity: "4", unitPrice: "25.00", itbmsRate: "RATE_7" },
  { description: "Flete", quantity: "1", unitPrice: "30.00", itbmsRate: "EXEMPT" },
];

/** Issues an invoice of 137.00 to a customer of this name, and returns its id. */
async function issue(account: Account, name: string, more: object = {}, email?: string): Promise<string> {
  const { createInvoice } = await account.request(
    `mutation($input: InvoiceInput!, $customer: CustomerInput) {
      createInvoice(input: $input, newCustomer: $customer, waitMs: 8000) { invoice { id } userErrors { code } } }`,
    { input: { lines: LINES, ...more }, customer: { receiverType: "FINAL_CONSUMER", name, email } },
  );
  return createInvoice.invoice.id;
}

async function credit(account: Account, invoiceId: string, more: object = {}): Promise<string> {
  const { createCreditNote } = await account.request(
    `mutation($input: CreditNoteInput!) {
      createCreditNote(input: $input, waitMs: 8000) { creditNote { id } userErrors { code message } } }`,
    { input: { invoiceId, reason: "Devolución", ...more } },
  );
  return createCreditNote.creditNote.id;
}

async function open(page: Page, id: string): Promise<void> {
  await page.goto(`/facturas/${id}`);
  await expect(heading(page)).toBeVisible();
}

const heading = (page: Page) => page.getByRole("heading", { level: 1 });
const total = (page: Page) => page.locator(".totals-total dd");
const side = (page: Page) => page.getByRole("region", { name: "Notas de esta factura" });
const line = (page: Page, place: number) => page.getByRole("listitem", { name: `Línea ${place}` });

test("all that is left of an invoice is credited in two clicks, with a preview", async ({
  page,
  account,
}) => {
  await open(page, await issue(account, "Todo Acreditado"));
  await page.getByRole("link", { name: "Nota de crédito" }).click();
  await expect(heading(page)).toHaveText(/^Nota de crédito de la factura \d{3}-\d{10}$/);
  await expect(page.getByRole("radio", { name: "Todo lo que queda: B/. 137.00" })).toBeChecked();
  await expect(total(page)).toHaveText("B/. 137.00");
  await expectAccessible(page);
  const send = page.getByRole("button", { name: "Emitir nota de crédito" });
  await send.click();
  await expect(page.getByLabel("Motivo")).toHaveAccessibleDescription("Falta este dato.");
  await expect(page.getByLabel("Motivo")).toBeFocused();
  await expectAccessible(page);
  await page.getByLabel("Motivo").fill("El cliente devolvió todo");
  await send.click();
  await expect(page.getByText(/^Nota de crédito \d+ emitida\.$/)).toBeVisible();
  await expect(heading(page)).toHaveText(/^Nota de crédito \d{3}-\d{10}$/);
  await expect(page.getByRole("article").getByText("El cliente devolvió todo")).toBeVisible();
  await expect(total(page)).toHaveText("B/. 137.00");
  await expect(page.getByRole("link", { name: "Duplicar" })).toBeHidden();
  await expectAccessible(page);
  await page
    .getByRole("article")
    .getByRole("link", { name: /^\d{3}-\d{10}$/ })
    .click();
  await expect(heading(page)).toHaveText(/^Factura/);
  await expect(side(page).getByText("Queda por acreditar: B/. 0.00")).toBeVisible();
  await expect(page.getByRole("link", { name: "Nota de crédito", exact: true })).toBeHidden();
  await expectAccessible(page);
});

test("lines are credited by quantity or by amount, and too much is said at its field", async ({
  page,
  account,
}) => {
  const id = await issue(account, "Por Partes");
  await page.goto(`/facturas/${id}/nota-de-credito`);
  await page.getByRole("radio", { name: "Algunas líneas" }).check();
  await page.getByLabel("Motivo").fill("Devolución de dos");
  await page.getByRole("button", { name: "Emitir nota de crédito" }).click();
  await expect(page.getByText("Marca al menos una línea.")).toBeVisible();
  await line(page, 1).getByLabel("Cantidad").fill("5");
  await expect(line(page, 1).getByRole("checkbox")).toBeChecked();
  await expect(line(page, 1).getByLabel("Cantidad")).toHaveAttribute("aria-invalid", "true");
  await expectAccessible(page);
  await line(page, 1).getByLabel("Cantidad").fill("2");
  await expect(total(page)).toHaveText("B/. 53.50");
  await line(page, 2).getByLabel("o monto sin ITBMS").fill("10");
  await expect(total(page)).toHaveText("B/. 63.50");
  await expect(line(page, 1).getByLabel("Cantidad")).not.toHaveAttribute("aria-invalid");
  await page.getByRole("button", { name: "Emitir nota de crédito" }).click();
  await expect(heading(page)).toHaveText(/^Nota de crédito \d/);
  await expect(total(page)).toHaveText("B/. 63.50");
  await page.goto(`/facturas/${id}/nota-de-credito`);
  await expect(page.getByRole("radio", { name: "Todo lo que queda: B/. 73.50" })).toBeChecked();
  await page.getByRole("radio", { name: "Algunas líneas" }).check();
  await expect(line(page, 1).getByText("Quedan 2 · B/. 50.00 sin ITBMS")).toBeVisible();
  // Without quantity and amount: all that is left of the line.
  await line(page, 1).getByRole("checkbox").check();
  await expect(total(page)).toHaveText("B/. 53.50");
});

test("a debit note has charges and lines of the invoice", async ({ page, account }) => {
  await open(page, await issue(account, "Con Cargos"));
  await page.getByRole("link", { name: "Nota de débito" }).click();
  await page.getByLabel("Motivo").fill("Intereses de mora");
  const charges = page.getByRole("region", { name: "Cargos" });
  await charges.getByLabel("Descripción").fill("Intereses");
  await charges.getByLabel("Precio unitario").fill("5");
  await charges.getByLabel("ITBMS", { exact: true }).selectOption("Exento");
  await expect(total(page)).toHaveText("B/. 5.00");
  const lines = page.getByRole("region", { name: "Aumentar líneas de la factura" });
  await lines.getByRole("checkbox", { name: "Flete" }).check();
  await page.getByRole("button", { name: "Emitir nota de débito" }).click();
  await expect(lines.getByText("Escribe la cantidad o el monto.")).toBeVisible();
  await expectAccessible(page);
  await lines.getByRole("listitem", { name: "Línea 2" }).getByLabel("o monto sin ITBMS").fill("3.25");
  await expect(total(page)).toHaveText("B/. 8.25");
  await page.getByRole("button", { name: "Emitir nota de débito" }).click();
  await expect(heading(page)).toHaveText(/^Nota de débito \d/);
  await expect(page.getByRole("article").getByText("Intereses", { exact: true })).toBeVisible();
  await expect(total(page)).toHaveText("B/. 8.25");
  await expectAccessible(page);
});

test("a note is mailed to the customer unless the box says not to", async ({ page, account }) => {
  const id = await issue(account, "Sin Correo", {}, "sincorreo@example.com");
  const mails = page.getByRole("region", { name: "Correos" });
  for (const isMailed of [false, true]) {
    await page.goto(`/facturas/${id}/nota-de-debito`);
    await page.getByLabel("Motivo").fill("Intereses de mora");
    const charges = page.getByRole("region", { name: "Cargos" });
    await charges.getByLabel("Descripción").fill("Intereses");
    await charges.getByLabel("Precio unitario").fill("5");
    const box = page.getByRole("checkbox", { name: "Enviar por correo al cliente" });
    await expect(box).toBeChecked();
    await box.setChecked(isMailed);
    await page.getByRole("button", { name: "Emitir nota de débito" }).click();
    await expect(heading(page)).toHaveText(/^Nota de débito \d/);
    await expect(
      mails.getByText(isMailed ? "sincorreo@example.com" : "Se emitió sin enviarla por correo."),
    ).toBeVisible({ timeout: 30_000 });
  }
});

test("an invoice with notes can't be voided until they are void", async ({ page, account }) => {
  const id = await issue(account, "Con Nota");
  const note = await credit(account, id);
  await open(page, id);
  await page.getByRole("button", { name: "Anular", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "¿Anular la factura?" });
  await expect(dialog.getByText(/Anúlalas primero/)).toBeVisible();
  await expect(dialog.getByLabel("Motivo")).toBeHidden();
  await expectAccessible(page);
  await dialog.getByRole("link", { name: /^Nota de crédito \d/ }).click();
  await expect(page).toHaveURL(new RegExp(`/facturas/${note}$`));
  await page.getByRole("button", { name: "Anular", exact: true }).click();
  const ofNote = page.getByRole("dialog", { name: "¿Anular la nota de crédito?" });
  await ofNote.getByLabel("Motivo").fill("Estaba equivocada");
  await ofNote.getByRole("button", { name: "Anular nota de crédito" }).click();
  await expect(page.getByText(/^Anulada el/)).toBeVisible();
  await open(page, id);
  await expect(side(page).getByText("Anulada")).toBeVisible();
  await expect(side(page).getByText("Queda por acreditar: B/. 137.00")).toBeVisible();
  await page.getByRole("button", { name: "Anular", exact: true }).click();
  await expect(dialog.getByLabel("Motivo")).toBeVisible();
});

test("notes have lists beside the invoices", async ({ page, account }) => {
  const id = await issue(account, "Lista De Notas");
  await credit(account, id, { lines: [{ position: 1, quantity: "1" }] });
  await page.goto("/facturas");
  const tabs = page.getByRole("navigation", { name: "Tipos de documento" });
  await expect(tabs.getByRole("link", { name: "Facturas" })).toHaveAttribute("aria-current", "page");
  await tabs.getByRole("link", { name: "Notas de crédito" }).click();
  await expect(heading(page)).toHaveText("Notas de crédito");
  await page.getByRole("searchbox").fill("lista de notas");
  await expect(page.getByText("1 nota de crédito", { exact: true })).toBeVisible();
  await expect(page.getByRole("row", { name: /Lista De Notas.*B\/\. 26\.75/ })).toBeVisible();
  await expectAccessible(page);
  await page
    .getByRole("row", { name: /Lista De Notas/ })
    .getByRole("link")
    .first()
    .click();
  await expect(heading(page)).toHaveText(/^Nota de crédito \d/);
  await page.getByRole("link", { name: "← Notas de crédito" }).click();
  await expect(page.getByRole("searchbox")).toHaveValue("lista de notas");
  await tabs.getByRole("link", { name: "Notas de débito" }).click();
  await expect(heading(page)).toHaveText("Notas de débito");
  await expectAccessible(page);
});

test.describe("on a phone, in English", () => {
  test.use({ viewport: { width: 390, height: 800 } });

  test("notes are made, read and listed without scrolling sideways", async ({ page, account }) => {
    await page.addInitScript(() => localStorage.setItem("istmo.language", "en"));
    const fits = () =>
      expect
        .poll(() => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth))
        .toBe(true);
    const id = await issue(account, "Phone Notes");
    await page.goto(`/facturas/${id}/nota-de-credito`);
    await page.getByRole("radio", { name: "Some lines" }).check();
    await page.getByRole("listitem", { name: "Line 1" }).getByLabel("Quantity").fill("1");
    await expect(total(page)).toHaveText("B/. 26.75");
    await fits();
    await expectAccessible(page);
    await page.goto(`/facturas/${id}/nota-de-debito`);
    await expect(heading(page)).toHaveText(/^Debit note for invoice/);
    await fits();
    await expectAccessible(page);
    await open(page, await credit(account, id));
    await fits();
    await expectAccessible(page);
    await open(page, id);
    await expect(page.getByRole("region", { name: "Notes of this invoice" })).toBeVisible();
    await fits();
    await expectAccessible(page);
    await page.goto("/facturas/notas-de-credito");
    await expect(page.getByText(/credit notes?$/).first()).toBeVisible();
    await fits();
    await expectAccessible(page);
  });
});

test.describe("electronic", () => {
  test.use({ electronicInvoicing: true });
  test.beforeEach(async ({ account }) => prepareEmission(account));

  test("a note goes to the DGI, and its page has CUFE, files and the time to void it", async ({
    page,
    account,
  }) => {
    const id = await issue(account, "Nota Electrónica");
    await page.goto(`/facturas/${id}/nota-de-credito`);
    await expect(page.getByText(/va a la DGI/)).toBeVisible();
    await page.getByLabel("Motivo").fill("El cliente devolvió la mercancía");
    await page.getByRole("button", { name: "Emitir nota de crédito" }).click();
    await expect(page.locator(".invoice-title").getByText("Autorizada", { exact: true })).toBeVisible({
      timeout: 20_000,
    });
    const authorization = page.getByRole("region", { name: "Nota de crédito electrónica" });
    await expect(authorization.getByText(/^FE04/)).toBeVisible();
    await expect(authorization.getByText(/^Se puede anular hasta/)).toBeVisible();
    await expect(authorization.getByRole("link", { name: "XML autorizado" })).toBeVisible({
      timeout: 20_000,
    });
    await expectAccessible(page);
  });
});

test("a rejected note is sent again with another text at its foot at most", async ({ page, account }) => {
  const id = await credit(account, await issue(account, "Nota Rechazada"));
  // The sandbox rejects by the customer, whose invoice would be rejected, too; so the answer says it here.
  const fault = {
    __typename: "FiscalFault",
    code: "1711",
    field: null,
    path: null,
    line: null,
    notice: false,
  };
  await page.route("**/graphql", async (route) => {
    const response = await route.fetch();
    const text = await response.text();
    if (!text.startsWith('{"data":') || !text.includes('"document"')) return route.fulfill({ response });
    const answer = JSON.parse(text);
    if (answer.data.document) {
      Object.assign(answer.data.document.fiscal, {
        status: "REJECTED",
        faults: [{ ...fault, message: "El monto excede la factura" }],
      });
    }
    return route.fulfill({ response, json: answer });
  });
  await open(page, id);
  const story = page.getByRole("status").filter({ hasText: "anúlala y haz otra" });
  await expect(story.getByText("El monto excede la factura")).toBeVisible();
  await story.getByRole("link", { name: "Corregir" }).click();
  await expect(heading(page)).toHaveText(/^Corregir la nota de crédito \d/);
  await expectAccessible(page);
  await page.getByLabel("Texto al pie de la nota").fill("Con otra nota");
  await page.getByRole("button", { name: "Enviar de nuevo" }).click();
  // The service knows that the note isn't rejected.
  await expect(page.getByRole("alert").filter({ hasText: /\S/ }).first()).toBeVisible();
  await expect(heading(page)).toHaveText(/^Corregir la nota de crédito/);
});
