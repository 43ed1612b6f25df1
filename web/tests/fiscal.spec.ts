import type { Page } from "@playwright/test";
import { type Account, expect, expectAccessible, test } from "./test";

test.use({ electronicInvoicing: true });
// Each test goes on with the account as the one before left it.
test.describe.configure({ mode: "serial" });

const PLACE = { locationCode: "8-8-7", address: "Calle 50, local 1" };
const LINE = { description: "Café molido", quantity: "2", unitPrice: "50.00", itbmsRate: "RATE_7" };

async function createInvoice(account: Account, customer: object, more: object = {}): Promise<string> {
  const { createInvoice } = await account.request(
    `mutation($input: InvoiceInput!, $newCustomer: CustomerInput) {
      createInvoice(input: $input, newCustomer: $newCustomer) { invoice { id } userErrors { path code message } } }`,
    { input: { branch: "0000", lines: [LINE], ...more }, newCustomer: { ...PLACE, ...customer } },
  );
  return createInvoice.invoice.id;
}

const taxpayer = (name: string, ruc: string) => ({
  receiverType: "TAXPAYER",
  taxpayerType: "JURIDICAL",
  name,
  ruc,
});

const line = (page: Page, place: number) => page.getByRole("listitem", { name: `Línea ${place}` });

test("the account gets its provider, fiscal data and a branch; what is missing is said", async ({
  page,
  account,
}) => {
  await page.goto("/cuenta");
  const section = page.getByRole("region", { name: "Facturación electrónica" });
  await expect(section.getByText("El RUC y el DV del negocio.")).toBeVisible();
  await expectAccessible(page);
  await account.request(
    `mutation { updateAccount(input: {ruc: "155596713-2-2015", dv: "59"}) { userErrors { code } } }`,
  );
  await page.reload();
  await section.getByRole("button", { name: "Elegir proveedor" }).click();
  const dialog = page.getByRole("dialog", { name: "Elegir proveedor" });
  await dialog.getByRole("button", { name: "Guardar" }).click();
  await expect(dialog.getByLabel("Proveedor (PAC)")).toHaveAccessibleDescription("Elige el proveedor.");
  await dialog.getByLabel("Proveedor (PAC)").selectOption("The Factory HKA");
  await expect(dialog.getByText("Las facturas que emitas son documentos fiscales.")).toBeVisible();
  await dialog.getByRole("button", { name: "Guardar" }).click();
  await expect(dialog.getByLabel("Usuario (tokenEmpresa)")).toHaveAttribute("aria-invalid", "true");
  await expect(dialog.getByLabel("Contraseña (tokenPassword)")).toHaveAttribute("aria-invalid", "true");
  await expectAccessible(page);
  await dialog.getByLabel("Proveedor (PAC)").selectOption("Sandbox de Istmo");
  await expect(dialog.getByText("no tienen valor fiscal")).toBeVisible();
  await dialog.getByRole("button", { name: "Guardar" }).click();
  await expect(section.getByText("Pruebas", { exact: true })).toBeVisible();
  await expect(section.getByText("Mientras falte esto")).toBeHidden();

  await section.getByLabel("Tipo de contribuyente").selectOption("Persona natural");
  await section.getByRole("button", { name: "Guardar" }).click();
  await expect(section.getByLabel("Tipo de contribuyente")).toHaveAccessibleDescription(
    /otro tipo de contribuyente/,
  );
  await section.getByLabel("Tipo de contribuyente").selectOption("Persona jurídica");
  await section.getByLabel("Forma de pago habitual").selectOption("Transferencia o depósito");
  await section.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByText("Guardado.")).toBeVisible();

  await page.getByRole("button", { name: "Nueva sucursal" }).click();
  const branch = page.getByRole("dialog", { name: "Nueva sucursal" });
  await branch.getByLabel("Código").fill("1");
  await branch.getByLabel("Nombre").fill("Chitré");
  await branch.getByRole("combobox", { name: "Corregimiento" }).fill("chitre");
  await branch.getByRole("listbox").getByRole("option").first().click();
  await branch.getByRole("button", { name: "Crear sucursal" }).click();
  await expect(branch.getByLabel("Código")).toHaveAccessibleDescription(/cuatro caracteres/);
  await expectAccessible(page);
  await branch.getByLabel("Código").fill("0001");
  await branch.getByRole("button", { name: "Crear sucursal" }).click();
  await expect(page.getByRole("heading", { name: "Sucursal 0001 · Chitré" })).toBeVisible();
  await page.getByRole("button", { name: "Nuevo punto en la sucursal 0001" }).click();
  const point = page.getByRole("dialog", { name: "Nuevo punto en la sucursal 0001" });
  await point.getByLabel("Código").fill("001");
  await point.getByRole("button", { name: "Crear punto" }).click();
  await expect(page.getByRole("table", { name: "Puntos de facturación de la sucursal 0001" })).toBeVisible();
  await page.getByRole("button", { name: "Editar la sucursal 0001" }).click();
  const edit = page.getByRole("dialog", { name: "Editar la sucursal 0001" });
  await edit.getByLabel("Tipo de sucursal").selectOption("Al detal");
  await edit.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByText("Al detal · ")).toBeVisible();
  await expectAccessible(page);
});

test("an invoice to the government is written with CPBS, unit and terms, and is authorised as a test", async ({
  page,
  account,
}) => {
  await account.request(
    `mutation($input: CustomerInput!) { createCustomer(input: $input) { userErrors { path code message } } }`,
    {
      input: {
        ...PLACE,
        receiverType: "GOVERNMENT",
        taxpayerType: "JURIDICAL",
        name: "Ministerio de Prueba",
        ruc: "8-NT-1-13656",
      },
    },
  );
  await page.goto("/facturas/nueva");
  await expect(page.getByRole("combobox", { name: "CPBS" })).toBeHidden();
  await page.getByRole("combobox", { name: "Buscar cliente" }).fill("ministerio");
  await page.getByRole("option", { name: "Ministerio de Prueba" }).click();
  await page.getByLabel("Punto de facturación").selectOption("0001 Chitré / 001");
  await line(page, 1).getByLabel("Descripción").fill("Papel");
  await line(page, 1).getByLabel("Precio unitario").fill("100");
  await line(page, 1).getByRole("combobox", { name: "Unidad" }).fill("kilogramo");
  await page.getByRole("option", { name: /^kg · / }).click();

  await page.getByText("Forma de pago, cuotas, retención y orden de compra").click();
  await page.getByRole("button", { name: "Agregar forma de pago" }).click();
  await page.getByRole("group", { name: "Forma de pago 1" }).getByLabel("Monto").fill("50");
  await page.getByLabel("Retención del ITBMS").selectOption("Venta de bienes o servicios al Estado, 50 %");
  await page.getByLabel("Orden de compra").fill("OC-2026-77");
  await page.getByRole("button", { name: "Emitir factura" }).click();
  const question = page.getByRole("dialog", { name: "¿Emitir la factura?" });
  await question.getByRole("button", { name: "Emitir" }).click();
  await expect(line(page, 1).getByRole("combobox", { name: "CPBS" })).toHaveAccessibleDescription(
    /código CPBS/,
  );
  await expectAccessible(page);
  await line(page, 1).getByRole("combobox", { name: "CPBS" }).fill("papel");
  await page.getByRole("listbox", { name: "CPBS" }).getByRole("option").first().click();
  await page.getByRole("button", { name: "Emitir factura" }).click();
  await question.getByRole("button", { name: "Emitir" }).click();
  await expect(page.getByText(/suman 50.*107\.00/)).toBeVisible();
  await page.getByRole("group", { name: "Forma de pago 1" }).getByLabel("Monto").fill("");
  await page.getByRole("button", { name: "Emitir factura" }).click();
  await question.getByRole("button", { name: "Emitir" }).click();

  await expect(page.getByRole("heading", { name: /^Factura 001-/ })).toBeVisible();
  const card = page.getByRole("region", { name: "Factura electrónica" });
  await expect(card.getByText(/^FE/)).toBeVisible({ timeout: 15_000 });
  await expect(card.getByRole("img", { name: "Código QR" })).toBeVisible();
  await expect(card.getByText("no tiene valor fiscal")).toBeVisible();
  await expect(card.getByRole("link", { name: "Consultar en la DGI" })).toHaveAttribute("href", /^https:/);
  await expect(card.getByText(/Se puede anular hasta/)).toBeVisible();
  const document = page.getByRole("article");
  await expect(document.getByText("OC-2026-77")).toBeVisible();
  await expect(document.getByText("Efectivo: 107.00")).toBeVisible();
  await expectAccessible(page);
});

test("a rejected invoice shows its faults, is corrected and authorised", async ({ page, account }) => {
  const id = await createInvoice(account, taxpayer("Rechazada, S.A.", "999999936-2-2014"));
  await page.goto(`/facturas/${id}`);
  const story = page.getByRole("status").filter({ hasText: "Rechazada." });
  await expect(story).toBeVisible({ timeout: 15_000 });
  await expectAccessible(page);
  await page.goto("/facturas?dgi=por-resolver");
  await expect(page.getByRole("row", { name: /Rechazada Prueba/ })).toBeVisible();
  await page.getByRole("link", { name: /^001-/ }).first().click();
  await story.getByRole("link", { name: "Corregir" }).click();
  await expect(page.getByRole("heading", { name: /^Corregir la factura/ })).toBeVisible();
  await expectAccessible(page);
  await account.request(
    `mutation($input: CustomerInput!) { createCustomer(input: $input) { userErrors { code } } }`,
    {
      input: { ...PLACE, ...taxpayer("Correcta, S.A.", "155604017-2-2018") },
    },
  );
  await page.getByRole("combobox", { name: "Buscar cliente" }).fill("correcta");
  await page.getByRole("option", { name: "Correcta, S.A." }).click();
  await page.getByRole("button", { name: "Enviar corregida" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Enviar corregida" }).click();
  await expect(page.getByText("La factura corregida va camino a la DGI.")).toBeVisible();
  const card = page.getByRole("region", { name: "Factura electrónica" });
  await expect(card.getByText(/^FE/)).toBeVisible({ timeout: 15_000 });
});

test("a blocked invoice says what to do, and is tried again", async ({ page, account }) => {
  const id = await createInvoice(account, taxpayer("Sin Folios, S.A.", "999999940-2-2014"));
  await page.goto(`/facturas/${id}`);
  const story = page.getByRole("status").filter({ hasText: "Detenida." });
  await expect(story.getByText(/Se acabaron los folios/)).toBeVisible({ timeout: 15_000 });
  await expectAccessible(page);
  await story.getByRole("button", { name: "Reintentar" }).click();
  await expect(page.getByText("Se intenta de nuevo.")).toBeVisible();
});

test("an authorised invoice is voided with a reason of 20 characters, and is being voided until it is confirmed", async ({
  page,
  account,
}) => {
  const id = await createInvoice(account, taxpayer("Ana Anulada", "999999944-2-2014"));
  await page.goto(`/facturas/${id}`);
  const card = page.getByRole("region", { name: "Factura electrónica" });
  await expect(card.getByText(/^FE/)).toBeVisible({ timeout: 15_000 });
  await page.getByRole("button", { name: "Anular", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "¿Anular la factura?" });
  await dialog.getByLabel("Motivo").fill("Muy  \n corto ");
  await expect(dialog.getByLabel("Motivo")).toHaveAccessibleDescription(/llevas 9/);
  await dialog.getByRole("button", { name: "Anular factura" }).click();
  await expect(dialog.getByLabel("Motivo")).toHaveAccessibleDescription(/al menos 20/);
  await expectAccessible(page);
  await dialog.getByLabel("Motivo").fill("Se facturó al cliente equivocado");
  await dialog.getByRole("button", { name: "Anular factura" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText("falta que el proveedor la confirme")).toBeVisible();
  await expect(page.getByText(/Anulada el/)).toBeVisible({ timeout: 60_000 });
  await expectAccessible(page);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("nothing is cut off", async ({ page, account }) => {
    const id = await createInvoice(account, { receiverType: "FINAL_CONSUMER", name: "En el Teléfono" });
    for (const address of ["/cuenta", "/facturas", "/facturas/nueva", `/facturas/${id}`]) {
      await page.goto(address);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      if (address.endsWith("nueva")) await page.getByText("Forma de pago, cuotas").click();
      if (address.endsWith(id)) await expect(page.getByText("CUFE").first()).toBeVisible({ timeout: 15_000 });
      await expectAccessible(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    }
  });
});
