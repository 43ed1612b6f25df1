import { expect, expectAccessible, test } from "./test";

const CREATE = `mutation($input: CustomerInput!) { createCustomer(input: $input) { customer { id } userErrors { code } } }`;
const INVOICE = `mutation($input: InvoiceInput!, $id: ID!) {
  createInvoice(input: $input, customerId: $id) { invoice { id } userErrors { code } }
}`;
const REFERENCES = `query($id: ID!) { document(id: $id) { externalId tags } }`;

test("a customer gets tags in its form, its page shows them, and the list is filtered by one", async ({
  page,
  account,
}) => {
  const { createCustomer } = await account.request(CREATE, {
    input: {
      receiverType: "FINAL_CONSUMER",
      name: "Etiqueta Ana",
      metadata: [{ key: "ruta", value: "7" }],
    },
  });
  await account.request(CREATE, { input: { receiverType: "FINAL_CONSUMER", name: "Etiqueta Beto" } });
  await page.goto(`/clientes/${createCustomer.customer.id}/editar`);
  await page.getByLabel("Etiquetas").fill("Mayorista, Zona Libre de Colón");
  await page.getByLabel("Código en otro sistema").fill("CRM-42");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Guardar", exact: true }).click();

  const data = page.getByRole("region", { name: "Datos", exact: true });
  await expect(data).toContainText("Zona Libre de Colón");
  await expect(data).toContainText("CRM-42");
  await expect(data).toContainText("ruta: 7");
  await expectAccessible(page);

  await page.goto("/clientes?q=etiqueta");
  await expect(page.locator("tbody .row-link")).toHaveText(["Etiqueta Ana", "Etiqueta Beto"]);
  await page.getByLabel("Etiqueta", { exact: true }).fill("zona libre de colon");
  await expect(page.locator("tbody .row-link")).toHaveText(["Etiqueta Ana"]);
  await expect(page).toHaveURL(/etiqueta=zona/);
  await expectAccessible(page);
});

test("what is wrong with tags is said at their field", async ({ page }) => {
  await page.goto("/clientes/nuevo");
  await page.getByRole("radio", { name: "Consumidor final" }).check({ force: true });
  await page.getByLabel("Nombre o razón social").fill("Etiqueta Larga");
  await page.getByLabel("Etiquetas").fill("x".repeat(41));
  await page.getByRole("button", { name: "Guardar", exact: true }).click();
  await expect(page.getByText("Escribe como máximo 40 caracteres; hay 41.")).toBeVisible();
});

test("an issued invoice gets tags, and the list is filtered by tag, due date and text of lines", async ({
  page,
  account,
}) => {
  const { createCustomer } = await account.request(CREATE, {
    input: { receiverType: "FINAL_CONSUMER", name: "Obra Carmen" },
  });
  const id: string = createCustomer.customer.id;
  const line = { quantity: "1", unitPrice: "10.00", itbmsRate: "RATE_7" };
  const made = [];
  for (const description of ["Instalación de aire", "Flete a Colón"]) {
    made.push(await account.request(INVOICE, { id, input: { lines: [{ ...line, description }] } }));
  }
  const invoice: string = made[0].createInvoice.invoice.id;
  await page.goto(`/facturas/${invoice}`);
  await page.getByRole("button", { name: "Editar etiquetas" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Etiquetas").fill("Obra, urgente");
  await dialog.getByLabel("Código en otro sistema").fill("POS-1");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Guardar" }).click();
  const card = page.getByRole("region", { name: "Etiquetas y otros sistemas" });
  await expect(card).toContainText("urgente");
  await expect(card).toContainText("POS-1");
  expect((await account.request(REFERENCES, { id: invoice })).document).toEqual({
    externalId: "POS-1",
    tags: ["Obra", "urgente"],
  });
  await expectAccessible(page);

  const rows = page.locator("tbody .row-link");
  await page.goto(`/facturas?cliente=${id}&etiqueta=OBRA`);
  await expect(rows).toHaveCount(1);
  await page.goto(`/facturas?cliente=${id}`);
  await expect(rows).toHaveCount(2);
  await page.getByLabel("En las líneas").fill("flete colon");
  await expect(rows).toHaveCount(1);
  await expectAccessible(page);
  await page.goto(`/facturas?cliente=${id}&vence-desde=2999-01-01`);
  await expect(rows).toHaveCount(0);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 800 } });

  test("long tags stay within the page", async ({ page, account }) => {
    const { createCustomer } = await account.request(CREATE, {
      input: {
        receiverType: "FINAL_CONSUMER",
        name: "Etiqueta Teléfono",
        tags: ["W".repeat(40), "Mayorista", "Zona Libre"],
        externalId: "X".repeat(100),
      },
    });
    for (const address of [
      `/clientes/${createCustomer.customer.id}`,
      `/clientes/${createCustomer.customer.id}/editar`,
      "/clientes?q=etiqueta+telefono",
    ]) {
      await page.goto(address);
      await expect(page.getByText("Etiqueta Teléfono").first()).toBeVisible();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    }
  });
});
