import type { Page } from "@playwright/test";
import { type Account, expect, expectAccessible, test } from "./test";

const CREATE_CUSTOMER = `mutation($input: CustomerInput!) {
  createCustomer(input: $input) { customer { id } userErrors { code message } }
}`;
const CREATE_INVOICE = `mutation($input: InvoiceInput!, $customerId: ID!) {
  createInvoice(input: $input, customerId: $customerId) { invoice { id number } userErrors { code message } }
}`;
const LINES = [{ description: "Café", quantity: "1", unitPrice: "10.00", itbmsRate: "RATE_7" }];

async function createCustomer(account: Account, name: string, more: object = {}): Promise<string> {
  const input = { receiverType: "FINAL_CONSUMER", name, ...more };
  return (await account.request(CREATE_CUSTOMER, { input })).createCustomer.customer.id;
}

async function createInvoice(account: Account, customerId: string, more: object = {}): Promise<string> {
  const input = { lines: LINES, ...more };
  return (await account.request(CREATE_INVOICE, { input, customerId })).createInvoice.invoice.id;
}

/** Fetches the invoices of the customer of this name; undefined if there is no such customer. */
async function fetchInvoices(account: Account, name: string) {
  const { customers } = await account.request(
    `query($search: String) { customers(search: $search) { edges { node { name invoices { edges { node {
      id number status total subtotal itbmsTotal discountTotal notes dueDate currency
      lines { description quantity unitPrice discount itbmsRate net }
    } } } } } } }`,
    { search: name },
  );
  const [edge] = customers.edges;
  return edge?.node.invoices.edges.map(({ node }: { node: unknown }) => node);
}

const finder = (page: Page) => page.getByRole("combobox", { name: "Buscar cliente" });
const issue = (page: Page) => page.getByRole("button", { name: "Emitir factura" });
/** Presses the button and confirms: an invoice is never issued without a question. */
async function issueNow(page: Page): Promise<void> {
  await issue(page).click();
  await page
    .getByRole("dialog", { name: "¿Emitir la factura?" })
    .getByRole("button", { name: "Emitir" })
    .click();
}

/** A day before today in Panama, near enough that invoices may still be dated back to it. */
function daysAgo(count: number): string {
  return new Date(Date.now() - (count * 24 + 5) * 3_600_000).toISOString().slice(0, 10);
}

const date = (page: Page, name: string) => page.getByRole("textbox", { name });
const line = (page: Page, place: number) => page.getByRole("listitem", { name: `Línea ${place}` });
const total = (page: Page) => page.locator(".totals-total dd");

async function choose(page: Page, name: string): Promise<void> {
  await finder(page).fill(name);
  await page.getByRole("option", { name }).click();
}

async function fill(page: Page, place: number, values: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(values)) {
    if (label === "ITBMS") await line(page, place).getByLabel(label).selectOption(value);
    else await line(page, place).getByLabel(label).fill(value);
  }
}

/** Expects that the field is marked as wrong and described by the message. */
async function expectRefused(field: ReturnType<Page["getByLabel"]>, message: string | RegExp): Promise<void> {
  await expect(field).toHaveAttribute("aria-invalid", "true");
  await expect(field).toHaveAccessibleDescription(message);
}

test.describe("the list", () => {
  test("is filtered, searched, ordered and paged, and its address keeps all that", async ({
    page,
    account,
  }) => {
    const id = await createCustomer(account, "Lista Larga");
    const each = (count: number) => `i${count}: createInvoice(customerId: $id, input: {issue: ${count > 2},
      lines: [{description: "Pan", quantity: ${count}, unitPrice: 1000, itbmsRate: EXEMPT}]}) { userErrors { code } }`;
    const counts = Array.from({ length: 22 }, (_, index) => index + 1);
    for (const some of [counts.slice(0, 11), counts.slice(11)]) {
      await account.request(`mutation($id: ID!) { ${some.map(each).join()} }`, { id });
    }
    await page.goto("/facturas");
    await page.getByRole("searchbox").fill("lista larga");
    await expect(page.getByText("22 facturas")).toBeVisible();
    await expect(page.getByText("Emitidas: B/. 250,000.00")).toBeVisible();
    await expect(page.getByRole("row")).toHaveCount(21);
    await expectAccessible(page);

    const totals = page.locator("tbody td:last-child");
    await page.getByRole("columnheader").getByRole("button", { name: "Total" }).click();
    await expect(totals.first()).toHaveText("B/. 1,000.00");
    await page.getByRole("button", { name: "Siguiente" }).click();
    await expect(page).toHaveURL(/tras=/);
    await expect(totals).toHaveText(["B/. 21,000.00", "B/. 22,000.00"]);
    await page.reload();
    await expect(totals).toHaveText(["B/. 21,000.00", "B/. 22,000.00"]);
    await page.getByRole("button", { name: "Anterior" }).click();
    await expect(totals.first()).toHaveText("B/. 1,000.00");

    await page.getByLabel("Estado").selectOption("Borradores");
    await expect(page.getByText("2 facturas", { exact: true })).toBeVisible();
    await page.getByLabel("Estado").selectOption("Todos");
    await page.getByLabel("Total desde").fill("5,000");
    await expectRefused(page.getByLabel("Total desde"), /Escribe 5000 o 5\.000/);
    await page.getByLabel("Total desde").fill("5,000.50");
    await page.getByLabel("Total hasta").fill("7000");
    await expect(page.getByText("2 facturas", { exact: true })).toBeVisible();
    await date(page, "Emitida hasta").fill("01/01/2020");
    await expect(page.getByRole("heading", { name: "Ninguna factura coincide" })).toBeVisible();
    await page.goBack();
    await expect(page.getByText("2 facturas", { exact: true })).toBeVisible();
    await page.getByRole("button", { name: "Quitar filtros" }).click();
    await expect(page.getByText("22 facturas")).toBeVisible();
  });

  test("is filtered by customer, by billing point and by what is overdue", async ({ page, account }) => {
    const id = await createCustomer(account, "Filtro Moroso");
    await createInvoice(account, id, { issueDate: daysAgo(20), dueDate: daysAgo(5) });
    await createInvoice(account, id);
    await page.goto("/facturas");
    await page.getByRole("combobox", { name: "Cliente" }).fill("moroso");
    await page.getByRole("option", { name: "Filtro Moroso" }).click();
    await expect(page.getByText("2 facturas", { exact: true })).toBeVisible();
    await page.getByLabel("Estado").selectOption("Vencidas");
    await expect(page.getByText("1 factura", { exact: true })).toBeVisible();
    await expect(page.getByRole("row", { name: /Vencida.*Filtro Moroso/ })).toBeVisible();
    await page.reload();
    await expect(page.getByRole("combobox", { name: "Cliente" })).toHaveValue("Filtro Moroso");
  });

  test("stays live in every tab", async ({ page, context, account }) => {
    const id = await createCustomer(account, "En Vivo");
    const other = await context.newPage();
    for (const tab of [page, other]) {
      await tab.goto("/facturas?q=en+vivo");
      await expect(tab.getByText("Ninguna factura coincide")).toBeVisible();
    }
    const draft = await createInvoice(account, id, { issue: false });
    for (const tab of [page, other]) await expect(tab.getByRole("row", { name: /Borrador/ })).toBeVisible();
    await account.request(`mutation($id: ID!) { issueInvoice(id: $id) { userErrors { code } } }`, {
      id: draft,
    });
    for (const tab of [page, other]) await expect(tab.getByRole("row", { name: /Emitida/ })).toBeVisible();
  });
});

test.describe("a new invoice", () => {
  test("has the totals that the service stores, to the cent", async ({ page, account }) => {
    await createCustomer(account, "Totales Exactos");
    await page.goto("/facturas/nueva");
    await choose(page, "Totales Exactos");
    await fill(page, 1, { Descripción: "Ron", Cantidad: "0.5", "Precio unitario": "0.01", ITBMS: "10 %" });
    await page.getByRole("button", { name: "Agregar línea" }).click();
    await fill(page, 2, { Descripción: "Café", Cantidad: "3", "Precio unitario": "5.555555", ITBMS: "7 %" });
    await line(page, 2).getByLabel("Descripción").press("Enter");
    await fill(page, 3, {
      Descripción: "Tela",
      Cantidad: "1234567.25",
      "Precio unitario": "99.99",
      "Descuento por unidad": "0.005",
      ITBMS: "Exento",
    });
    await expect(page.locator(".totals")).toContainText("Subtotal123,438,223.17");
    await expect(total(page)).toHaveText("B/. 123,438,224.34");
    await page.getByLabel("Texto al pie de la factura").fill("Gracias.");
    await date(page, "Vencimiento").fill("31/12/2099");
    await issue(page).click();
    const question = page.getByRole("dialog", { name: "¿Emitir la factura?" });
    await expect(question).toContainText("Total: B/. 123,438,224.34");
    await expect(question.getByRole("button", { name: "Cancelar" })).toBeFocused();
    await question.getByRole("button", { name: "Emitir" }).dblclick();

    await expect(page.getByRole("heading", { name: /^Factura 001-\d{10}$/ })).toBeVisible();
    await expect(total(page)).toHaveText("B/. 123,438,224.34");
    const invoices = await fetchInvoices(account, "Totales Exactos");
    expect(invoices).toHaveLength(1);
    expect(invoices[0]).toMatchObject({
      status: "ISSUED",
      subtotal: "123438223.17",
      itbmsTotal: "1.17",
      total: "123438224.34",
      discountTotal: "6172.84",
      notes: "Gracias.",
      dueDate: "2099-12-31",
      currency: "PAB",
    });
    expect(invoices[0].lines.map((each: { net: string }) => each.net)).toEqual([
      "0.01",
      "16.67",
      "123438206.49",
    ]);
  });

  test("is written by keyboard: lines are added, moved and removed", async ({ page }) => {
    await page.goto("/facturas/nueva");
    const descriptions = page.getByLabel("Descripción");
    await descriptions.fill("uno");
    await page.keyboard.press("Enter");
    await expect(descriptions.nth(1)).toBeFocused();
    await page.keyboard.type("dos");
    await page.keyboard.press("Enter");
    await expect(descriptions.nth(2)).toBeFocused();
    await page.keyboard.type("tres");
    await page.keyboard.press("Alt+ArrowUp");
    await page.keyboard.press("Alt+ArrowUp");
    await expect(descriptions.nth(0)).toBeFocused();
    const values = () =>
      descriptions.evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value));
    expect(await values()).toEqual(["tres", "uno", "dos"]);

    await page.getByRole("button", { name: "Bajar la línea 1" }).press("Enter");
    await expect(page.getByRole("button", { name: "Bajar la línea 2" })).toBeFocused();
    await expect(page.getByText("Ahora es la línea 2.")).toBeAttached();
    expect(await values()).toEqual(["uno", "tres", "dos"]);
    await page.getByRole("button", { name: "Quitar la línea 2" }).press("Enter");
    expect(await values()).toEqual(["uno", "dos"]);
    await expect(descriptions.nth(1)).toBeFocused();
    await page.getByRole("button", { name: "Quitar la línea 1" }).press("Enter");
    await expect(page.getByRole("button", { name: "Quitar la línea 1" })).toBeDisabled();
  });

  test("shows each refusal at its field, and loses nothing", async ({ page, account }) => {
    await createCustomer(account, "Muchas Faltas");
    await page.goto("/facturas/nueva");
    await issue(page).click();
    await expectRefused(finder(page), /Elige el cliente/);
    await expectRefused(line(page, 1).getByLabel("Descripción"), "Falta este dato.");
    await expectRefused(line(page, 1).getByLabel("Precio unitario"), "Falta este dato.");
    await expect(finder(page)).toBeFocused();

    await choose(page, "Muchas Faltas");
    await page.getByRole("button", { name: "Agregar línea" }).click();
    await fill(page, 1, { Descripción: "x", Cantidad: "1,500", "Precio unitario": "12..5" });
    await fill(page, 2, {
      Descripción: "Café",
      Cantidad: "mil",
      "Precio unitario": "2",
      "Descuento por unidad": "1,000",
    });
    await issue(page).click();
    await expectRefused(line(page, 1).getByLabel("Cantidad"), "Escribe 1500 o 1.500.");
    await expectRefused(line(page, 1).getByLabel("Precio unitario"), /Escribe un número/);
    await expectRefused(line(page, 2).getByLabel("Cantidad"), /Escribe un número/);
    await expectRefused(line(page, 2).getByLabel("Descuento por unidad"), /Escribe 1000 o 1\.000/);
    await expect(page.getByText("El total no incluye las líneas 1, 2")).toBeVisible();

    // The fault stays with its line.
    await page.getByRole("button", { name: "Subir la línea 2" }).click();
    await expectRefused(line(page, 1).getByLabel("Cantidad"), /Escribe un número/);

    await fill(page, 1, { Cantidad: "0", "Precio unitario": "2", "Descuento por unidad": "3" });
    await fill(page, 2, { Cantidad: "-1", "Precio unitario": "1234567890" });
    await date(page, "Fecha de emisión").fill("31/2/2026");
    await date(page, "Vencimiento").fill("1/1/2098");
    await expectRefused(date(page, "Fecha de emisión"), /31\/12\/2026/);
    await date(page, "Fecha de emisión").fill("1-1-99");
    await page.getByLabel("Texto al pie de la factura").fill("n".repeat(2001));
    await expect(date(page, "Fecha de emisión")).toHaveValue("01/01/2099");
    await issueNow(page);
    await expectRefused(line(page, 1).getByLabel("Cantidad"), /mayor que 0/);
    await expectRefused(line(page, 1).getByLabel("Descuento por unidad"), /no puede ser mayor que el precio/);
    await expectRefused(line(page, 2).getByLabel("Descripción"), /al menos 2 caracteres/);
    await expectRefused(line(page, 2).getByLabel("Cantidad"), /no sea negativo/);
    await expectRefused(line(page, 2).getByLabel("Precio unitario"), /9 dígitos enteros/);
    await expectRefused(date(page, "Fecha de emisión"), /no puede ser posterior a hoy/);
    await expectRefused(date(page, "Vencimiento"), /no puede ser anterior a la fecha de emisión/);
    await expectRefused(page.getByLabel("Texto al pie de la factura"), /2000 caracteres/);
    await expect(page.getByRole("alert")).toContainText("Revisa los campos señalados");
    await expectAccessible(page);

    await page.reload();
    await expect(page.getByText("Recuperamos lo que estabas escribiendo.")).toBeVisible();
    await expect(finder(page)).toHaveValue("Muchas Faltas");
    await expect(line(page, 2).getByLabel("Precio unitario")).toHaveValue("1234567890");
    await fill(page, 2, { Descripción: "Pan", Cantidad: "1", "Precio unitario": "99999999.999999" });
    await fill(page, 1, {
      Cantidad: "999999999",
      "Precio unitario": "999999999",
      "Descuento por unidad": "",
    });
    await date(page, "Fecha de emisión").fill("");
    await date(page, "Vencimiento").fill("");
    await page.getByLabel("Texto al pie de la factura").fill("");
    await expect(page.getByText(/11 dígitos enteros/)).toBeVisible();
    await issueNow(page);
    await expect(page.locator(".lines > .field-error")).toContainText("11 dígitos enteros");
    expect(await fetchInvoices(account, "Muchas Faltas")).toEqual([]);

    await page.getByRole("button", { name: "Descartar" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Descartar" }).click();
    await expect(finder(page)).toHaveValue("");
    await page.reload();
    await expect(line(page, 1).getByLabel("Descripción")).toHaveValue("");
  });

  test("creates its customer along with it, both or neither", async ({ page, account }) => {
    await page.goto("/facturas/nueva");
    await finder(page).fill("Junta Nueva");
    await expect(page.getByRole("listbox").getByRole("option").first()).toHaveText("+ Nuevo cliente");
    await page.getByRole("option", { name: "Nuevo cliente" }).click();
    const dialog = page.getByRole("dialog", { name: "Nuevo cliente" });
    await expect(dialog.getByLabel("Nombre o razón social")).toHaveValue("Junta Nueva");
    await expectAccessible(page);
    await dialog.getByLabel("RUC", { exact: true }).fill("155596713-2-2015");
    await dialog.getByLabel("DV", { exact: true }).fill("95");
    await dialog.getByRole("button", { name: "Usar en esta factura" }).click();
    await expectRefused(dialog.getByLabel("DV", { exact: true }), /59/);
    await dialog.getByLabel("DV", { exact: true }).fill("59");
    await page.reload();
    await expect(dialog.getByLabel("RUC", { exact: true })).toHaveValue("155596713-2-2015");
    await dialog.getByRole("button", { name: "Usar en esta factura" }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByText("Se guarda junto con la factura")).toBeVisible();
    expect(await fetchInvoices(account, "Junta Nueva")).toBeUndefined();

    await expect(line(page, 1).getByLabel("Descripción")).toBeFocused();
    await fill(page, 1, { Descripción: "Silla", Cantidad: "0", "Precio unitario": "12.50" });
    await issueNow(page);
    await expectRefused(line(page, 1).getByLabel("Cantidad"), /mayor que 0/);
    expect(await fetchInvoices(account, "Junta Nueva")).toBeUndefined();

    await fill(page, 1, { Cantidad: "2" });
    await issueNow(page);
    await expect(page.getByRole("heading", { name: /^Factura 001-/ })).toBeVisible();
    expect(await fetchInvoices(account, "Junta Nueva")).toMatchObject([{ status: "ISSUED", total: "26.75" }]);
  });

  test("opens the new customer's data again when they are refused with the invoice", async ({
    page,
    account,
  }) => {
    await page.goto("/facturas/nueva");
    await finder(page).click();
    await page.getByRole("option", { name: "Nuevo cliente" }).click();
    const dialog = page.getByRole("dialog", { name: "Nuevo cliente" });
    await dialog.getByLabel("Nombre o razón social").fill("Segundo en Llegar");
    await dialog.getByLabel("RUC", { exact: true }).fill("155604017-2-2018");
    await dialog.getByRole("button", { name: "Usar en esta factura" }).click();
    await expect(dialog).toBeHidden();
    await fill(page, 1, { Descripción: "Mesa", "Precio unitario": "100" });

    await createCustomer(account, "Primero en Llegar", { receiverType: "TAXPAYER", ruc: "155604017-2-2018" });
    await issueNow(page);
    await expect(dialog.getByText("Usar este cliente")).toBeVisible();
    expect(await fetchInvoices(account, "Segundo en Llegar")).toBeUndefined();
    await dialog.getByRole("button", { name: "Usar este cliente" }).first().click();
    await expect(finder(page)).toHaveValue(/Primero en Llegar/);
    await issueNow(page);
    await expect(page.getByRole("heading", { name: /^Factura 001-/ })).toBeVisible();
    expect(await fetchInvoices(account, "Primero en Llegar")).toHaveLength(1);
  });

  test("can save its customer first, and can begin with a customer", async ({ page, account }) => {
    await page.goto("/facturas/nueva");
    await finder(page).click();
    await page.getByRole("option", { name: "Nuevo cliente" }).click();
    const dialog = page.getByRole("dialog", { name: "Nuevo cliente" });
    await dialog.getByRole("radio", { name: "Consumidor final" }).check({ force: true });
    await dialog.getByLabel("Nombre o razón social").fill("Guardado Solo");
    await dialog.getByRole("button", { name: "Guardar" }).click();
    await expect(finder(page)).toHaveValue("Guardado Solo");
    expect(await fetchInvoices(account, "Guardado Solo")).toEqual([]);

    const id = await createCustomer(account, "Desde su Página");
    await page.goto(`/facturas/nueva?cliente=${id}`);
    await expect(finder(page)).toHaveValue("Desde su Página");
  });

  test("has a draft for each customer, and the dialog begins anew after it was cancelled", async ({
    page,
    account,
  }) => {
    const [one, other] = [await createCustomer(account, "De Uno"), await createCustomer(account, "De Otro")];
    await page.goto(`/facturas/nueva?cliente=${one}`);
    await fill(page, 1, { Descripción: "Lo de uno", "Precio unitario": "7" });
    await page.goto(`/clientes/${other}`);
    await page.getByRole("heading", { name: "De Otro" }).click();
    await page.keyboard.press("n");
    await expect(finder(page)).toHaveValue("De Otro");
    await expect(line(page, 1).getByLabel("Descripción")).toHaveValue("");
    await page.goto("/facturas/nueva");
    await expect(finder(page)).toHaveValue("");
    await expect(line(page, 1).getByLabel("Descripción")).toHaveValue("");
    await page.goto(`/facturas/nueva?cliente=${one}`);
    await expect(line(page, 1).getByLabel("Descripción")).toHaveValue("Lo de uno");

    await page.goto("/facturas/nueva");
    const dialog = page.getByRole("dialog", { name: "Nuevo cliente" });
    await finder(page).fill("Zapatería Nueva");
    await page.getByRole("option", { name: "Nuevo cliente" }).click();
    await expect(dialog.getByLabel("RUC", { exact: true })).toBeFocused();
    await dialog.getByLabel("Dirección").fill("Calle 1 y 2");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name: "¿Descartar" }).getByRole("button", { name: "Descartar" }).click();
    await expect(dialog).toBeHidden();
    await finder(page).fill("155596713-2-2015");
    await page.getByRole("option", { name: "Nuevo cliente" }).click();
    await expect(dialog.getByLabel("Dirección")).toHaveValue("");
    // A RUC is looked up at once.
    await expect(dialog.getByLabel("Nombre o razón social")).toHaveValue("EMPRESA DE EJEMPLO S.A.");
  });

  test("reads amounts as people write them, and rows of a spreadsheet", async ({ page, account }) => {
    await createCustomer(account, "Pegado de Excel");
    await page.goto("/facturas/nueva");
    await choose(page, "Pegado de Excel");
    await page.keyboard.press("Tab");
    await expect(line(page, 1).getByLabel("Descripción")).toBeFocused();
    await page.evaluate(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData(
        "text/plain",
        "Artículo\tCant.\tPrecio\r\nSilla\t2\t1,250.00\r\nMesa\t1\t12,50\r\n",
      );
      const paste = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
      document.activeElement?.dispatchEvent(paste);
    });
    await expect(page.getByText("Se agregaron 2 líneas.")).toBeAttached();
    await expect(line(page, 1).getByLabel("Descripción")).toHaveValue("Silla");
    await expect(line(page, 2).getByLabel("Descripción")).toBeFocused();
    await expect(total(page)).toHaveText("B/. 2,688.38");
    await page.keyboard.press("Enter");
    await fill(page, 3, { Descripción: "Flete", "Precio unitario": "B/. 1,250" });
    await page.keyboard.press("Tab");
    await expectRefused(line(page, 3).getByLabel("Precio unitario"), /Escribe 1250 o 1\.250/);
    await expect(page.getByText("El total no incluye la línea 3: revisa sus números.")).toBeVisible();
    await expectAccessible(page);
    await fill(page, 3, { "Precio unitario": "$ 1,250.00" });
    await page.keyboard.press("Enter"); // a line that stays blank
    await expect(line(page, 3).getByLabel("Precio unitario")).toHaveValue("1250.00");
    await expect(page.getByText("El total no incluye")).toBeHidden();

    await page.keyboard.press("Control+Enter");
    const question = page.getByRole("dialog", { name: "¿Emitir la factura?" });
    await question.getByRole("button", { name: "Emitir" }).click();
    await expect(page.getByRole("heading", { name: /^Factura 001-/ })).toBeVisible();
    await expect(page.getByRole("main")).toBeFocused();
    const [invoice] = await fetchInvoices(account, "Pegado de Excel");
    expect(invoice.lines).toMatchObject([
      { description: "Silla", quantity: "2", unitPrice: "1250" },
      { description: "Mesa", quantity: "1", unitPrice: "12.5" },
      { description: "Flete", quantity: "1", unitPrice: "1250" },
    ]);

    // What was sold before is suggested with its price and rate.
    await page.goto("/facturas/nueva");
    await choose(page, "Pegado de Excel");
    await line(page, 1).getByLabel("Descripción").fill("sil");
    await expect(page.getByRole("option", { name: "Silla" })).toContainText("1,250.00");
    await expectAccessible(page);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(line(page, 1).getByLabel("Descripción")).toHaveValue("Silla");
    await expect(line(page, 1).getByLabel("Precio unitario")).toHaveValue("1250");
    await expect(page.getByRole("listitem", { name: /Línea/ })).toHaveCount(1);

    // Its copy has the same customer and lines.
    await page.goto(`/facturas/${invoice.id}`);
    await page.getByRole("link", { name: "Duplicar" }).click();
    await expect(finder(page)).toHaveValue("Pegado de Excel");
    await expect(line(page, 2).getByLabel("Descripción")).toHaveValue("Mesa");
    await expect(date(page, "Fecha de emisión")).toHaveValue("");
    await expect(page.getByRole("listitem", { name: /Línea/ })).toHaveCount(3);
  });

  test("has dates by keyboard, from a calendar that speaks Spanish", async ({ page }) => {
    await page.goto("/facturas/nueva");
    await date(page, "Vencimiento").fill("15/12/2026");
    await page.getByRole("button", { name: "Calendario: Vencimiento" }).click();
    const calendar = page.getByRole("dialog", { name: "Calendario: Vencimiento" });
    await expect(calendar.getByRole("button", { name: "martes, 15 de diciembre de 2026" })).toBeFocused();
    await expectAccessible(page);
    await page.keyboard.press("PageDown");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await expect(date(page, "Vencimiento")).toHaveValue("16/01/2027");
    await expect(date(page, "Vencimiento")).toBeFocused();
    await expect(calendar).toBeHidden();
  });

  test("is one invoice although the response was lost", async ({ page, account }) => {
    await createCustomer(account, "Respuesta Perdida");
    await page.goto("/facturas/nueva");
    await choose(page, "Respuesta Perdida");
    await fill(page, 1, { Descripción: "Café", "Precio unitario": "3" });
    await page.route("**/graphql", async (route) => {
      if (!route.request().postData()?.includes("CreateInvoice")) return route.fallback();
      await route.fetch();
      await route.abort();
    });
    await page.getByRole("button", { name: "Guardar borrador" }).click();
    await expect(page.getByRole("alert")).toContainText("No hay conexión");
    await page.unroute("**/graphql");

    // The same draft with other values: the page asks what to do.
    await fill(page, 1, { "Precio unitario": "4" });
    await page.getByRole("button", { name: "Guardar borrador" }).click();
    await expect(page.getByRole("alert")).toContainText("ya se guardó con otros datos");
    expect(await fetchInvoices(account, "Respuesta Perdida")).toHaveLength(1);
    await fill(page, 1, { "Precio unitario": "3" });
    await page.getByRole("button", { name: "Guardar borrador" }).click();
    await expect(page.getByRole("heading", { name: "Factura sin número" })).toBeVisible();
    expect(await fetchInvoices(account, "Respuesta Perdida")).toMatchObject([
      { status: "DRAFT", total: "3.21" },
    ]);
  });

  test("continues where it was after the session has ended", async ({ page, context, account }) => {
    await createCustomer(account, "Sesión Vencida");
    await page.goto("/facturas/nueva");
    await choose(page, "Sesión Vencida");
    await fill(page, 1, { Descripción: "Café", "Precio unitario": "3" });
    await context.clearCookies();
    await issueNow(page);
    const dialog = page.getByRole("dialog", { name: "Tu sesión terminó" });
    await dialog.getByLabel(/de API/).fill(account.key);
    await dialog.getByRole("button", { name: "Entrar" }).click();
    await expect(page.getByRole("heading", { name: /^Factura 001-/ })).toBeVisible();
    expect(await fetchInvoices(account, "Sesión Vencida")).toHaveLength(1);
  });
});

test.describe("a draft", () => {
  test("is saved, changed and issued, and cannot be changed afterwards", async ({ page, account }) => {
    await createCustomer(account, "Borrador Feliz", { email: "feliz@example.com" });
    await page.goto("/facturas/nueva");
    await choose(page, "Borrador Feliz");
    await fill(page, 1, { Descripción: "Café", "Precio unitario": "3.10" });
    await page.getByRole("button", { name: "Guardar borrador" }).click();
    await expect(page.getByRole("heading", { name: "Factura sin número" })).toBeVisible();

    await page.getByRole("link", { name: "Editar" }).click();
    await expect(line(page, 1).getByLabel("Precio unitario")).toHaveValue("3.1");
    await fill(page, 1, { Cantidad: "10", "Precio unitario": "3.105" });
    await expect(total(page)).toHaveText("B/. 33.22");
    await page.getByRole("button", { name: "Guardar borrador" }).click();
    await expect(page.getByRole("heading", { name: "Factura sin número" })).toBeVisible();
    expect(await fetchInvoices(account, "Borrador Feliz")).toMatchObject([
      { status: "DRAFT", total: "33.22" },
    ]);

    await issue(page).click();
    const dialog = page.getByRole("dialog");
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Emitir factura" }).click();
    await expect(page.getByRole("heading", { name: /^Factura 001-/ })).toBeVisible();
    const mails = page.getByRole("region", { name: "Correos" });
    await expect(mails.getByText("feliz@example.com")).toBeVisible();
    await expect(mails.getByText("Enviado", { exact: true })).toBeVisible();
    const history = page.getByRole("region", { name: "Historial" }).getByRole("listitem");
    await expect(history).toHaveText([/Creada/, /Emitida/]);

    // It is sent again, to anybody.
    await page.getByRole("button", { name: "Enviar por correo" }).click();
    const sending = page.getByRole("dialog", { name: "Enviar la factura por correo" });
    await expect(sending.getByLabel("Para")).toBeFocused();
    await expect(sending.getByLabel("Para")).toHaveValue("feliz@example.com");
    await sending.getByLabel("Para").fill("contador@example.com, otra@");
    await sending.getByRole("button", { name: "Enviar" }).click();
    await expectRefused(sending.getByLabel("Para"), /otra@/);
    await expectAccessible(page);
    await sending.getByLabel("Para").fill("contador@example.com; socia@example.com");
    await sending.getByLabel("Mensaje").fill("Va de nuevo.");
    await sending.getByRole("button", { name: "Ver cómo queda" }).click();
    const preview = sending.getByRole("region", { name: "Así se lee el correo" });
    await expect(preview.getByText("Va de nuevo.")).toBeVisible();
    await expect(preview.getByText(/^Lleva .+\.pdf\.$/)).toBeVisible();
    await expectAccessible(page);
    // What it shows is what will be sent, or nothing.
    await sending.getByLabel("Mensaje").fill("Va otra vez.");
    await expect(preview).toBeHidden();
    await page.context().setOffline(true);
    await sending.getByRole("button", { name: "Ver cómo queda" }).click();
    await expect(sending.getByRole("alert").filter({ hasText: "No hay conexión" })).toBeVisible();
    await page.context().setOffline(false);
    await sending.getByRole("button", { name: "Enviar" }).click();
    await expect(sending).toBeHidden();
    await expect(history.last()).toContainText("contador@example.com, socia@example.com");
    await expect(mails.getByText("socia@example.com")).toBeVisible();
    await expect(page.getByRole("link", { name: "Editar" })).toBeHidden();
    await page.goto(`${page.url()}/editar`);
    await expect(page.getByRole("heading", { name: /ya está emitida/ })).toBeVisible();
  });

  test("keeps its day open until it is issued, and tells of a day before the last invoice's", async ({
    page,
    account,
  }) => {
    const customer = await createCustomer(account, "Día Abierto");
    await createInvoice(account, customer);
    const lines = [{ description: "Café\nmolido", quantity: "1", unitPrice: "3", itbmsRate: "EXEMPT" }];
    const id = await createInvoice(account, customer, { issue: false, lines });
    await page.goto(`/facturas/${id}`);
    await expect(page.getByText("Al emitirla")).toBeVisible();
    await page.getByRole("link", { name: "Editar" }).click();
    await expect(date(page, "Fecha de emisión")).toHaveValue("");

    await date(page, "Fecha de emisión").fill("02/01/2026");
    await issueNow(page);
    await expect(page.locator(".toast")).toContainText("La fecha es anterior a la de la última factura");
    await expect(page.getByRole("heading", { name: /^Factura 001-/ })).toBeVisible();
    await expect(page.getByText("2 ene 2026")).toBeVisible();
  });

  test("that somebody else has changed is neither lost nor overwritten without asking", async ({
    page,
    account,
  }) => {
    const id = await createInvoice(account, await createCustomer(account, "Dos a la Vez"), { issue: false });
    await page.goto(`/facturas/${id}/editar`);
    await fill(page, 1, { Descripción: "Lo mío" });
    const update = `mutation($id: ID!, $input: InvoicePatch!) { updateInvoice(id: $id, input: $input) { userErrors { code } } }`;
    await account.request(update, { id, input: { notes: "Lo suyo" } });
    await page.getByRole("button", { name: "Guardar borrador" }).click();
    const dialog = page.getByRole("dialog", { name: "Alguien modificó este borrador" });
    await expect(dialog.getByRole("row", { name: /Línea 1.*Café.*Sin cambios.*Lo mío/ })).toBeVisible();
    await expect(dialog.getByRole("row", { name: /Notas.*Lo suyo.*Sin cambios/ })).toBeVisible();
    await expectAccessible(page);
    expect(await fetchInvoices(account, "Dos a la Vez")).toMatchObject([
      { notes: "Lo suyo", lines: [{ description: "Café" }] },
    ]);
    await dialog.getByRole("button", { name: "Descartar la mía y usar la guardada" }).click();
    await expect(page.getByLabel("Texto al pie de la factura")).toHaveValue("Lo suyo");

    await fill(page, 1, { Descripción: "Lo mío" });
    await account.request(update, { id, input: { notes: "Otra vez" } });
    await page.getByRole("button", { name: "Guardar borrador" }).click();
    await dialog.getByRole("button", { name: "Guardar mi versión" }).click();
    await expect(page.getByRole("heading", { name: "Factura sin número" })).toBeVisible();
    expect(await fetchInvoices(account, "Dos a la Vez")).toMatchObject([
      { notes: "Otra vez", lines: [{ description: "Lo mío" }] },
    ]);
  });

  test("is deleted after a confirmation", async ({ page, account }) => {
    const id = await createInvoice(account, await createCustomer(account, "Borrado"), { issue: false });
    await page.goto("/facturas?q=borrado");
    await page.getByRole("link", { name: "Factura sin número" }).click();
    await page.getByRole("button", { name: "Eliminar borrador" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancelar" }).click();
    await page.getByRole("button", { name: "Eliminar borrador" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Eliminar borrador" }).click();
    await expect(page).toHaveURL(/\/facturas$/);
    expect(await fetchInvoices(account, "Borrado")).toEqual([]);
    await page.goto(`/facturas/${id}`);
    await expect(page.getByRole("heading", { name: "Esta factura no existe" })).toBeVisible();
  });
});

test.describe("an issued invoice", () => {
  test("is voided with a reason", async ({ page, account }) => {
    const id = await createInvoice(account, await createCustomer(account, "Por Anular"));
    await page.goto(`/facturas/${id}`);
    await page.getByRole("button", { name: "Anular" }).click();
    const dialog = page.getByRole("dialog", { name: "¿Anular la factura?" });
    await dialog.getByRole("button", { name: "Anular factura" }).click();
    await expectRefused(dialog.getByLabel("Motivo"), "Falta este dato.");
    await expectAccessible(page);
    await dialog.getByLabel("Motivo").fill("Pedido cancelado");
    await dialog.getByRole("button", { name: "Anular factura" }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByText("Pedido cancelado")).toBeVisible();
    await expect(page.locator(".invoice-title")).toContainText("Anulada");
    await expect(page.getByRole("region", { name: "Historial" })).toContainText("Anulada");
    await expect(page.getByRole("button", { name: "Anular" })).toBeHidden();
    expect(await fetchInvoices(account, "Por Anular")).toMatchObject([{ status: "VOID" }]);
  });

  test("keeps its receiver and shows what has changed since", async ({ page, account }) => {
    const customerId = await createCustomer(account, "Antes Así", { email: "antes@example.com" });
    const id = await createInvoice(account, customerId);
    await account.request(
      `mutation($id: ID!) { updateCustomer(id: $id, input: {name: "Ahora Asá", email: null}) { userErrors { code } } }`,
      { id: customerId },
    );
    await page.goto(`/facturas/${id}`);
    const document = page.getByRole("article");
    await expect(document).toContainText("Antes Así");
    await expect(document).not.toContainText("Ahora Asá");
    await expect(document).toContainText("Documento no fiscal");
    const drift = page.getByRole("region", { name: "Datos del cliente que cambiaron" });
    await expect(drift.getByRole("listitem").filter({ hasText: "Nombre" })).toContainText(
      /Antes Así.*Ahora Asá/,
    );
    await expect(drift.getByRole("listitem").filter({ hasText: "Correo" })).toContainText(
      /antes@example.com.*—/,
    );
    await expectAccessible(page);
  });

  test("is printed, and opens as a PDF", async ({ page, context, account }) => {
    const id = await createInvoice(account, await createCustomer(account, "Impresa"));
    await page.goto(`/facturas/${id}`);
    const link = page.getByRole("link", { name: "PDF" });
    const pdf = await context.request.get((await link.getAttribute("href")) ?? "");
    expect(pdf.headers()["content-type"]).toBe("application/pdf");
    expect((await pdf.body()).subarray(0, 5).toString()).toBe("%PDF-");

    // Printing the page prints the PDF.
    await page.evaluate(() => {
      window.open = (url) => {
        document.title = String(url);
        return null;
      };
    });
    await page.keyboard.press("Control+p");
    await expect(page).toHaveTitle(`/documents/${id}.pdf`);
  });
});

test("a page that can't be loaded says so and loads when it is asked again; one from before an upgrade loads anew", async ({
  page,
}) => {
  await page.goto("/clientes");
  await expect(page.getByRole("heading", { name: "Clientes", exact: true })).toBeVisible();
  await page.context().setOffline(true);
  await page.getByRole("link", { name: "Facturas" }).click();
  await expect(page.getByRole("heading", { name: "Esta página no se pudo mostrar" })).toBeVisible();
  await expectAccessible(page);
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Reintentar" }).click();
  await expect(page.getByRole("heading", { name: "Facturas de venta" })).toBeVisible();

  let loads = 0;
  page.on("request", (request) => {
    if (request.isNavigationRequest()) loads++;
  });
  await page.route("**/assets/*", (route) =>
    loads ? route.fallback() : route.fulfill({ status: 404, body: "" }),
  );
  await page.getByRole("link", { name: "Cuenta" }).click();
  await expect(page.getByRole("heading", { name: "Claves de API" })).toBeVisible();
  expect(loads).toBe(1);
});

test("a key that may only read sees no button that writes", async ({ page, context, account }) => {
  const draft = await createInvoice(account, await createCustomer(account, "Solo Lectura"), { issue: false });
  const { createApiKey } = await account.request(
    `mutation { createApiKey(name: "lector", scope: READ) { secret userErrors { code } } }`,
  );
  await context.request.post("/session", { data: { key: createApiKey.secret } });
  await page.goto("/facturas");
  await expect(page.getByRole("heading", { name: "Facturas de venta" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Nueva factura" })).toBeHidden();
  await page.goto(`/facturas/${draft}`);
  await expect(page.getByRole("link", { name: "PDF" })).toBeVisible();
  await expect(page.getByRole("button", { name: /Emitir|Eliminar|Anular/ })).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Editar" })).toHaveCount(0);
  for (const address of ["/facturas/nueva", `/facturas/${draft}/editar`]) {
    await page.goto(address);
    await expect(page.getByRole("heading", { name: /solo permite leer/ })).toBeVisible();
  }
});

test("a customer that lacks data for electronic invoicing is refused, and completed beside the invoice", async ({
  page,
  account,
}) => {
  await createCustomer(account, "Le Falta Mucho", {
    receiverType: "TAXPAYER",
    taxpayerType: "NATURAL",
    ruc: "8-888-888",
  });
  await account.request(
    `mutation { updateAccount(input: {electronicInvoicing: true, ruc: "155596713-2-2015", dv: "59"}) {
      userErrors { code } } setPacCredentials(provider: "sandbox") { userErrors { code } } }`,
  );
  await page.goto("/facturas/nueva");
  await choose(page, "Le Falta Mucho");
  await fill(page, 1, { Descripción: "Café", "Precio unitario": "3" });
  await issueNow(page);
  await expectRefused(finder(page), "Faltan datos de este cliente o no son correctos.");
  await expect(page.getByText("Falta «Dirección»")).toBeVisible();
  await expect(page.getByText(/locationCode|address:/)).toBeHidden();
  await expectAccessible(page);

  // It is completed without leaving the invoice.
  await page.getByRole("button", { name: "Revisar el cliente" }).click();
  const dialog = page.getByRole("dialog", { name: "Editar Le Falta Mucho" });
  await dialog.getByRole("combobox", { name: /Corregimiento/ }).fill("betania");
  await page.getByRole("option", { name: /Betania/ }).click();
  await dialog.getByLabel("Dirección").fill("Calle 50, local 1");
  await dialog.getByRole("button", { name: "Guardar" }).click();
  await expect(dialog).toBeHidden();
  await issueNow(page);
  await expect(page.getByRole("heading", { name: /^Factura 001-/ })).toBeVisible();
  await account.request(
    `mutation { updateAccount(input: {electronicInvoicing: false}) { userErrors { code } } }`,
  );
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("nothing is cut off", async ({ page, account }) => {
    const id = await createInvoice(account, await createCustomer(account, "En el Teléfono"));
    for (const address of ["/facturas", "/facturas/nueva", `/facturas/${id}`]) {
      await page.goto(address);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expectAccessible(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    }
  });
});

test.describe("in English", () => {
  test("an invoice is refused in English", async ({ page, account }) => {
    await createCustomer(account, "English Spoken");
    await page.addInitScript(() => localStorage.setItem("istmo.language", "en"));
    await page.goto("/facturas/nueva");
    await page.getByRole("combobox", { name: "Find customer" }).fill("english");
    await page.getByRole("option", { name: "English Spoken" }).click();
    await page.getByLabel("Description").fill("Coffee");
    await page.getByLabel("Unit price").fill("2,500");
    await page.getByRole("button", { name: "Issue invoice" }).click();
    await expectRefused(page.getByLabel("Unit price"), /Write 2500 or 2\.500/);
    await page.getByLabel("Unit price").fill("-2.5");
    await page.getByRole("button", { name: "Issue invoice" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Issue" }).click();
    await expectRefused(page.getByLabel("Unit price"), /not negative/);
  });
});

test("a foreign customer's invoice may be an export, and shows it", async ({ page, account }) => {
  const foreignId = { type: "TAX_ID", number: "EX-0001", country: "CO" };
  await createCustomer(account, "Exportadora Ámbar", { receiverType: "FOREIGN", foreignId });
  await createCustomer(account, "Local Ámbar");
  await page.goto("/facturas/nueva");
  const terms = page.getByRole("combobox", { name: "Exportación" });
  await choose(page, "Local Ámbar");
  await expect(terms).toHaveCount(0);
  await choose(page, "Exportadora Ámbar");
  await fill(page, 1, { Descripción: "Café verde", Cantidad: "20", "Precio unitario": "310" });
  await terms.selectOption("FOB");
  await page.getByLabel("Puerto de embarque").fill("Cri");
  await issueNow(page);
  await expectRefused(page.getByLabel("Puerto de embarque"), /Escribe al menos 5 caracteres/);
  await page.getByLabel("Puerto de embarque").fill("Cristóbal");
  await expectAccessible(page);
  await issueNow(page);
  await expect(page.getByText("FOB · Colombia · Cristóbal")).toBeVisible();
  const [sold] = await fetchInvoices(account, "Exportadora Ámbar");
  const { invoice } = await account.request(
    `query ($id: ID!) { invoice(id: $id) { documentType number export { country incoterm port } } }`,
    { id: sold.id },
  );
  expect(invoice).toEqual({
    documentType: "EXPORT_INVOICE",
    number: "0000000001",
    export: { country: "CO", incoterm: "FOB", port: "Cristóbal" },
  });
});
