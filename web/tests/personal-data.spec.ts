import { expect, expectAccessible, test } from "./test";

const CREATE = `mutation($input: CustomerInput!) { createCustomer(input: $input) { customer { id } userErrors { code } } }`;

test("a person's data is exported and erased, and requests are answered", async ({ page, account }) => {
  const { createCustomer } = await account.request(CREATE, {
    input: { receiverType: "FINAL_CONSUMER", name: "Ana Privada", email: "ana@privada.example" },
  });
  const { id } = createCustomer.customer;
  await account.request(
    `mutation($id: ID!) { createInvoice(input: {lines: [
      {description: "Clases", quantity: "1", unitPrice: "10.00", itbmsRate: EXEMPT}
    ]}, customerId: $id) { invoice { id } userErrors { code message } } }`,
    { id },
  );
  await page.goto(`/clientes/${id}`);
  const section = page.getByRole("region", { name: "Datos personales" });

  await section.getByRole("button", { name: "Registrar solicitud" }).click();
  const register = page.getByRole("dialog");
  await register.getByRole("radio", { name: "Eliminación" }).check({ force: true });
  await register.getByRole("textbox", { name: "Recibida el" }).fill("30/10/2026");
  await expectAccessible(page);
  await register.getByRole("button", { name: "Registrar solicitud" }).click();
  await expect(section).toContainText("Eliminación de sus datos");
  await expect(section).toContainText("Vencida");
  await expect(section).toContainText("18");

  await section.getByRole("button", { name: "Exportar datos" }).click();
  const download = page.waitForEvent("download");
  await section.getByRole("link", { name: "Descargar PDF" }).click();
  expect((await download).suggestedFilename()).toBe("datos-personales.pdf");
  await expectAccessible(page);
  await page.screenshot({ path: "test-results/personal-data.png", fullPage: true });

  await section.getByRole("button", { name: "Eliminar datos" }).click();
  const dialog = page.getByRole("dialog");
  const confirm = dialog.getByRole("button", { name: "Eliminar para siempre" });
  await expect(confirm).toBeDisabled();
  await dialog.getByLabel("Entiendo que no se puede deshacer").check();
  await confirm.click();
  await expect(dialog).toContainText("Escribe el motivo.");
  await dialog.getByLabel("Motivo").fill("Lo pidió por correo.");
  await expectAccessible(page);
  await confirm.click();

  await expect(page.getByRole("heading", { level: 1, name: "Datos eliminados" })).toBeVisible();
  await expect(section).toContainText("Respondida");
  await expect(page.getByText("ana@privada.example")).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Nueva factura" })).toHaveCount(0);
  await expect(section.getByRole("button", { name: "Exportar datos" })).toBeVisible();
  await expect(section.getByRole("button", { name: "Eliminar datos" })).toHaveCount(0);
  await expect(page.getByRole("link", { name: /Factura 001-/ })).toBeVisible();
  await expectAccessible(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await expectAccessible(page);
  await page.screenshot({ path: "test-results/personal-data-erased.png", fullPage: true });
});

test.describe("without the right of an administrator", () => {
  test("a person's data rights are not shown", async ({ page, account }) => {
    const { createCustomer } = await account.request(CREATE, {
      input: { receiverType: "FINAL_CONSUMER", name: "Eva Visible" },
    });
    const { createApiKey } = await account.request(
      `mutation { createApiKey(name: "Lectura", scope: READ) { secret userErrors { code } } }`,
    );
    await page.context().clearCookies();
    await page.context().request.post("/session", { data: { key: createApiKey.secret } });
    await page.goto(`/clientes/${createCustomer.customer.id}`);
    await expect(page.getByRole("heading", { level: 1, name: "Eva Visible" })).toBeVisible();
    await expect(page.getByRole("region", { name: "Datos personales" })).toHaveCount(0);
  });
});
