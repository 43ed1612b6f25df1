import type { Page } from "@playwright/test";
import { type Account, expect, expectAccessible, test } from "./test";

const CREATE = `mutation($input: CustomerInput!) { createCustomer(input: $input) { customer { id } userErrors { code } } }`;
const INVOICE = `mutation($id: ID!) {
  createInvoice(customerId: $id, input: { lines: [{ description: "Té", quantity: "1", unitPrice: "10", itbmsRate: RATE_7 }] }) {
    invoice { id } userErrors { code } } }`;

async function create(account: Account, input: Record<string, unknown>): Promise<string> {
  const data = await account.request(CREATE, { input: { receiverType: "TAXPAYER", ...input } });
  return data.createCustomer.customer.id;
}

/** Two customers that may be the same: the second one has an invoice. */
async function createTwo(account: Account, name: string): Promise<{ first: string; second: string }> {
  const first = await create(account, { name: `${name} El Ñandú, S.A.`, phone: "6677-8899" });
  const email = "ventas@example.com";
  const second = await create(account, { name: `${name} EL ÑANDU S A`, phone: "6677-8899", email });
  await account.request(INVOICE, { id: second });
  return { first, second };
}

const stays = (page: Page, name: string) => page.getByRole("radio", { name: `Queda ${name}` });

test("duplicates are found, compared, merged, and the merge is undone", async ({ page, account }) => {
  const { first, second } = await createTwo(account, "Ferretería");
  await page.goto("/clientes");
  await page
    .getByRole("navigation", { name: "Clientes y duplicados" })
    .getByText("Clientes duplicados")
    .click();
  const group = page.getByRole("region", { name: /Ferretería/i });
  await expect(group).toContainText("Nombre parecido");
  await expect(group).toContainText("Mismo teléfono");
  await expectAccessible(page);

  await group.getByRole("link", { name: /Comparar/ }).click();
  // The one with the invoice stays, unless somebody says otherwise.
  await expect(stays(page, "Ferretería EL ÑANDU S A")).toBeChecked();
  await expect(page.getByText("No hay documentos que pasar.")).toBeVisible();
  await stays(page, "Ferretería El Ñandú, S.A.").check();
  await expect(page.getByText("1 documento pasa al que queda.")).toBeVisible();
  const email = page.getByRole("radio", { name: "Correo electrónico: el de Ferretería EL ÑANDU S A" });
  await expect(email).toBeChecked();
  const name = page.getByRole("radio", { name: "Nombre o razón social: el de Ferretería EL ÑANDU S A" });
  await name.check();
  await expect(name).toBeChecked();
  await expectAccessible(page);

  await page.getByRole("button", { name: "Unificar", exact: true }).click();
  await expectAccessible(page);
  await page.getByRole("dialog").getByRole("button", { name: "Unificar" }).click();
  await expect(page).toHaveURL(new RegExp(`/clientes/${first}$`));
  await expect(page.getByRole("heading", { level: 1, name: "Ferretería EL ÑANDU S A" })).toBeVisible();
  await expect(page.getByText("ventas@example.com")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Clientes unificados aquí" })).toBeVisible();
  await expectAccessible(page);

  // The old address leads to the customer that stayed.
  await page.goto(`/clientes/${second}`);
  await expect(page.getByRole("heading", { level: 1, name: "Ferretería EL ÑANDU S A" })).toBeVisible();

  await page.goto("/clientes/duplicados");
  await page.getByRole("button", { name: /Deshacer la unificación de Ferretería/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Deshacer" }).click();
  await expect(page.getByRole("status").filter({ hasText: "vuelve a estar en tus clientes" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Unificados hace poco" })).toBeHidden();
  await page.goto(`/clientes/${second}`);
  await expect(page.getByRole("heading", { level: 1, name: "Ferretería EL ÑANDU S A" })).toBeVisible();
  await expect(page.getByText("1 factura")).toBeVisible();
});

test("a customer is merged with one that is searched for, on a phone, too", async ({ page, account }) => {
  const one = await create(account, { name: "Zapatería Uno", ruc: "155596713-2-2015" });
  await create(account, { name: "Calzado Dos", ruc: "2588017-1-831938" });
  await page.setViewportSize({ width: 390, height: 800 });
  await page.goto(`/clientes/${one}`);
  await page.getByRole("link", { name: "Unificar" }).click();
  await expect(page.getByText("Elige al menos dos clientes.")).toBeVisible();
  await page.getByRole("combobox", { name: "Agregar otro cliente" }).fill("calzado");
  await page.getByRole("option", { name: /Calzado Dos/ }).click();
  await expect(page.getByText("distinto RUC")).toBeVisible();
  await expect(stays(page, "Zapatería Uno")).toBeChecked();
  await stays(page, "Calzado Dos").check();
  await expectAccessible(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});

test("customers that are different are no longer shown together", async ({ page, account }) => {
  for (const number of [1, 2]) {
    await create(account, { name: "Comercial Ancón", phone: "6677-8899", address: `Local ${number}` });
  }
  await page.goto("/clientes/duplicados");
  const apart = page.getByRole("button", { name: "Comercial Ancón y Comercial Ancón son distintos" });
  await apart.click();
  await expect(page.getByText("ya no los mostramos juntos")).toBeVisible();
  await expect(apart).toBeHidden();
});
