import type { Page } from "@playwright/test";
import { type Account, expect, expectAccessible, test } from "./test";

const CREATE = `mutation($input: CustomerInput!) { createCustomer(input: $input) { customer { id } userErrors { code } } }`;

async function fillIn(page: Page, name: string): Promise<void> {
  await page.getByRole("radio", { name: "Consumidor final" }).check({ force: true });
  await page.getByLabel("Nombre o razón social").fill(name);
}

const ruc = (page: Page) => page.getByLabel("RUC", { exact: true });
const dv = (page: Page) => page.getByLabel("DV", { exact: true });
const nameField = (page: Page) => page.getByLabel("Nombre o razón social");
const save = (page: Page) => page.getByRole("button", { name: "Guardar", exact: true }).click();

async function consult(page: Page, text: string): Promise<void> {
  await ruc(page).fill(text);
  await page.getByRole("button", { name: "Consultar" }).click();
}

test.describe("the list", () => {
  test("is searched while typing, and its address keeps the search", async ({ page, account }) => {
    for (const name of ["Búsqueda Ñandú", "Búsqueda Colibrí", "Búsqueda Tucán"]) {
      await account.request(CREATE, { input: { receiverType: "FINAL_CONSUMER", name, phone: "6677-8899" } });
    }
    await page.goto("/clientes");
    const search = page.getByRole("searchbox");
    await search.fill("busqueda");
    await expect(page.getByText("3 clientes")).toBeVisible();
    await search.fill("busqueda nandu");
    await expect(page.getByText("1 cliente", { exact: true })).toBeVisible();
    const row = page.getByRole("row", { name: /Búsqueda Ñandú/ });
    await expect(row).toContainText("6677-8899");
    await expectAccessible(page);

    // Its text can be selected, and a click anywhere in it opens the customer.
    const box = await row.getByText("6677-8899").boundingBox();
    if (!box) throw new Error("no box");
    await page.mouse.move(box.x + 1, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + 200, box.y + box.height / 2);
    await page.mouse.up();
    expect(await page.evaluate(() => getSelection()?.toString())).toContain("6677-8899");
    await page.evaluate(() => getSelection()?.removeAllRanges());
    await row.getByText("6677-8899").click();
    await expect(page.getByRole("heading", { name: "Búsqueda Ñandú" })).toBeVisible();
    await page.goBack();
    await expect(search).toHaveValue("busqueda nandu");
    await expect(page.getByRole("row")).toHaveCount(2);
    await row.getByRole("link").click();
    await page.getByRole("link", { name: "← Clientes" }).click();
    await expect(search).toHaveValue("busqueda nandu");

    await search.fill("no hay tal");
    await expect(page.getByRole("heading", { name: "Ningún cliente coincide" })).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Quitar filtros" }).click();
    await expect(search).toHaveValue("");
    await expect(page).toHaveURL(/\/clientes$/);
  });

  test("is filtered and ordered, and the back button goes back", async ({ page, account }) => {
    await account.request(CREATE, {
      input: { receiverType: "GOVERNMENT", name: "Filtro Alcaldía", locationCode: "4-5-1" },
    });
    await account.request(CREATE, {
      input: { receiverType: "FINAL_CONSUMER", name: "Filtro Zoila", locationCode: "8-8-7" },
    });
    await page.goto("/clientes?q=filtro");
    const names = page.locator("tbody .row-link");
    await expect(names).toHaveText(["Filtro Alcaldía", "Filtro Zoila"]);
    await page.getByRole("columnheader").getByRole("button", { name: "Nombre" }).click();
    await expect(names).toHaveText(["Filtro Zoila", "Filtro Alcaldía"]);
    await page.getByLabel("Tipo de receptor").selectOption("Gobierno");
    await expect(names).toHaveText(["Filtro Alcaldía"]);
    await page.goBack();
    await expect(names).toHaveText(["Filtro Zoila", "Filtro Alcaldía"]);
    await page.getByLabel("Provincia").selectOption("Panamá");
    await expect(names).toHaveText(["Filtro Zoila"]);
    await page.getByLabel("Distrito").selectOption("Panamá");
    await expect(page).toHaveURL(/distrito=8-8/);
    await expect(names).toHaveText(["Filtro Zoila"]);
    await page.getByLabel("Verificación").selectOption("Verificado");
    await expect(page.getByRole("heading", { name: "Ningún cliente coincide" })).toBeVisible();
  });

  test("is paged by twenty", async ({ page, account }) => {
    for (let number = 1; number <= 21; number++) {
      const name = `Página ${String(number).padStart(2, "0")}`;
      await account.request(CREATE, { input: { receiverType: "FINAL_CONSUMER", name } });
    }
    await page.goto("/clientes?q=pagina");
    await expect(page.getByText("21 clientes")).toBeVisible();
    const names = page.locator("tbody .row-link");
    await expect(names).toHaveCount(20);
    await page.getByRole("button", { name: "Siguiente" }).click();
    await expect(names).toHaveText(["Página 21"]);
    await page.getByRole("button", { name: "Anterior" }).click();
    await expect(names.first()).toHaveText("Página 01");
    await page.goBack();
    await expect(names).toHaveText(["Página 21"]);
  });

  test("is live", async ({ page, account }) => {
    await page.goto("/clientes?q=aparece");
    await expect(page.getByRole("heading", { name: "Ningún cliente coincide" })).toBeVisible();
    // The subscription begins a moment after the page.
    await expect(async () => {
      await account.request(CREATE, { input: { receiverType: "FINAL_CONSUMER", name: "Aparece sola" } });
      await expect(page.getByRole("link", { name: "Aparece sola" }).first()).toBeVisible({ timeout: 2000 });
    }).toPass();
  });

  test("says so when the service fails, and loads when it is back", async ({ page, context }) => {
    await page.goto("/clientes");
    await expect(page.getByRole("heading", { name: "Clientes", exact: true })).toBeVisible();
    await context.setOffline(true);
    await page.getByRole("searchbox").fill("sin red");
    await expect(page.getByRole("alert")).toContainText("No hay conexión");
    await expectAccessible(page);
    await context.setOffline(false);
    await page.getByRole("button", { name: "Reintentar" }).click();
    await expect(page.getByRole("heading", { name: "Ningún cliente coincide" })).toBeVisible();
  });
});

test.describe("a new customer", () => {
  test("is filled in by Consultar and saved by the keyboard alone", async ({ page, account }) => {
    await page.goto("/clientes/nuevo");
    await expect(page.getByRole("heading", { name: "Nuevo cliente" })).toBeVisible();
    await expect(ruc(page)).toBeFocused();
    await page.keyboard.type("155596713-2-2015");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("status").getByText("EMPRESA DE EJEMPLO S.A.")).toBeVisible();
    await expect(dv(page)).toHaveValue("59");
    await expect(nameField(page)).toHaveValue("EMPRESA DE EJEMPLO S.A.");
    await expect(page.getByRole("radio", { name: "Jurídica" })).toBeChecked();

    const place = page.getByRole("combobox", { name: /Corregimiento/ });
    await place.focus();
    await page.keyboard.type("bella vista panama");
    await expect(page.getByRole("listbox").getByRole("option")).toHaveCount(1);
    await expectAccessible(page);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(place).toHaveValue("Bella Vista, Panamá, Panamá");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Calle 50, edificio Global");
    await page.keyboard.press("Enter");

    await expect(page.getByRole("status").getByText("quedó guardado")).toBeVisible();
    await expect(page.getByRole("heading", { name: "EMPRESA DE EJEMPLO S.A." })).toBeVisible();
    // What Consultar found is verified at once.
    await expect(page.getByText("Verificado", { exact: true })).toBeVisible({ timeout: 1000 });
    const { customerByRuc } = await account.request(
      `{ customerByRuc(ruc: "155596713-2-2015") { dv taxpayerType name address location { code } } }`,
    );
    expect(customerByRuc).toEqual({
      dv: "59",
      taxpayerType: "JURIDICAL",
      name: "EMPRESA DE EJEMPLO S.A.",
      address: "Calle 50, edificio Global",
      location: { code: "8-8-7" },
    });
  });

  test("changing the RUC clears what Consultar filled in and keeps what was typed", async ({ page }) => {
    await page.goto("/clientes/nuevo");
    await consult(page, "8-NT-1-13656");
    await expect(nameField(page)).toHaveValue("MINISTERIO DE EDUCACION");
    await ruc(page).fill("8-NT-1-1365");
    await expect(nameField(page)).toHaveValue("");
    await expect(dv(page)).toHaveValue("");

    await nameField(page).fill("Mi ministerio");
    await consult(page, "8-NT-1-13656");
    await expect(page.getByText("En el registro se llama MINISTERIO DE EDUCACION")).toBeVisible();
    await expect(nameField(page)).toHaveValue("Mi ministerio");
    await page.getByRole("button", { name: "Usar este nombre" }).click();
    await expect(nameField(page)).toHaveValue("MINISTERIO DE EDUCACION");
  });

  test("Consultar says what differs from the registry, but for accents and capitals", async ({ page }) => {
    await page.goto("/clientes/nuevo");
    await dv(page).fill("36");
    await nameField(page).fill("Empresa de Ejemplo, S.A.");
    await consult(page, "155596713-2-2015");
    await expect(page.getByText("El DV de este RUC es 59.")).toBeVisible();
    await expect(page.getByText("En el registro se llama")).toBeHidden();
    await expectAccessible(page);

    // A save that is refused says the same at the field, and Consultar doesn't take that away.
    await save(page);
    await expect(dv(page)).toHaveAccessibleDescription(/El DV 36 no corresponde/);
    await page.getByRole("button", { name: "Consultar" }).click();
    await expect(page.getByText("El DV de este RUC es 59.")).toBeVisible();
    await page.getByRole("button", { name: "Usar 59" }).last().click();
    await expect(dv(page)).toHaveValue("59");
    await expect(page.getByRole("alert")).toBeHidden();
  });

  test("a place is what was typed, however fast; words without a choice stay and are marked", async ({
    page,
    context,
  }) => {
    await page.goto("/clientes/nuevo");
    const place = page.getByRole("combobox", { name: /Corregimiento/ });
    await place.click();
    await expect(page.getByRole("listbox").getByRole("option").first()).toBeVisible();
    await place.pressSequentially("betania");
    await page.keyboard.press("Enter");
    await expect(place).toHaveValue("Betania, Panamá, Panamá");

    await place.fill("ancon pana");
    await page.keyboard.press("Tab"); // the only one that is found
    await expect(place).toHaveValue("Ancón, Panamá, Panamá");
    await place.fill("san");
    await page.keyboard.press("Tab");
    await expect(place).toHaveValue("san");
    await expect(place).toHaveAccessibleDescription("Elige una opción de la lista.");
    await nameField(page).fill("Sin lugar");
    await save(page);
    await expect(place).toBeFocused();

    await context.setOffline(true);
    await place.fill("pedregal");
    await expect(page.getByText("No hay conexión con el servicio")).toBeVisible();
    await expect(page.getByText("Sin resultados")).toBeHidden();
    await context.setOffline(false);
    await page.keyboard.press("Escape");
    await place.fill("pedregal");
    await expect(page.getByRole("option", { name: /Pedregal/ }).first()).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(place).toHaveValue("");
  });

  test("Consultar suggests corrections of a damaged RUC", async ({ page }) => {
    await page.goto("/clientes/nuevo");
    await consult(page, "1555967132-2015");
    await expect(page.getByText("El RUC no está completo")).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("button", { name: "155596713-2-2015" }).click();
    await expect(dv(page)).toHaveValue("59");
  });

  test("is saved while the registry is down, and is verified later", async ({ page, account }) => {
    await page.goto("/clientes/nuevo");
    await consult(page, "999999904-2-2014");
    await expect(page.getByText("El registro no responde. Puedes seguir")).toBeVisible();
    await expect(dv(page)).toHaveValue("00");
    await nameField(page).fill("Sin registro, S.A.");
    await save(page);
    await expect(page.getByRole("heading", { name: "Sin registro, S.A." })).toBeVisible();
    const { customerByRuc } = await account.request(
      `{ customerByRuc(ruc: "999999904-2-2014") { verification { status } } }`,
    );
    expect(["PENDING", "UNAVAILABLE"]).toContain(customerByRuc.verification.status);
  });

  test("every refusal lands at its field, and the focus at the first", async ({ page }) => {
    await page.goto("/clientes/nuevo");
    await ruc(page).fill("155596715-2-2015");
    await dv(page).fill("95");
    await nameField(page).fill("X");
    await page.getByLabel("Dirección").fill("a");
    await page.getByLabel("Correo electrónico").fill("nadie@");
    await page.getByLabel("Teléfono").fill("12");
    await page.getByLabel("Celular").fill("34");
    await page.getByRole("button", { name: "Agregar persona" }).click();
    const person = page.getByRole("group", { name: "Persona 1" });
    await expect(person.getByLabel("Nombre")).toBeFocused();
    await person.getByLabel("Teléfono").fill("1");
    await save(page);

    await expect(dv(page)).toBeFocused();
    await expect(dv(page)).toHaveAccessibleDescription(/El DV 95 no corresponde/);
    for (const [label, message] of [
      ["Nombre o razón social", /al menos 2/],
      ["Dirección", /al menos 5/],
      ["Celular", /no es un teléfono/],
    ] as const) {
      await expect(page.getByLabel(label)).toHaveAccessibleDescription(message);
    }
    await expect(page.getByLabel("Correo electrónico").first()).toHaveAccessibleDescription(
      /no es un correo/,
    );
    await expect(page.getByLabel("Teléfono").first()).toHaveAccessibleDescription(/no es un teléfono/);
    await expect(person.getByLabel("Nombre")).toHaveAccessibleDescription(/Falta/);
    await expect(person.getByLabel("Correo electrónico")).toHaveAccessibleDescription(/correo/);
    await expect(person.getByLabel("Teléfono")).toHaveAccessibleDescription(/no es un teléfono/);
    await expectAccessible(page);

    await page.getByRole("button", { name: "Usar 39" }).click();
    await expect(dv(page)).toHaveValue("39");
    await expect(dv(page)).not.toHaveAttribute("aria-invalid", "true");
    await person.getByRole("button", { name: "Quitar" }).click();
    await expect(page.getByRole("button", { name: "Agregar persona" })).toBeFocused();
  });

  test("an invalid RUC is refused at its field, with suggestions", async ({ page }) => {
    await page.goto("/clientes/nuevo");
    await ruc(page).fill("1555967132-2015");
    await nameField(page).fill("RUC dañado");
    await save(page);
    await expect(ruc(page)).toBeFocused();
    await page.getByRole("button", { name: "Usar 155596713-2-2015" }).click();
    await expect(ruc(page)).toHaveValue("155596713-2-2015");
  });

  test("a duplicate offers the customer that exists", async ({ page, account }) => {
    await account.request(CREATE, {
      input: {
        receiverType: "TAXPAYER",
        taxpayerType: "NATURAL",
        ruc: "8-769-1080",
        name: "Primera Duplicada",
      },
    });
    await page.goto("/clientes/nuevo");
    await consult(page, "8-769-1080");
    await expect(page.getByText("Ya tienes este cliente: Primera Duplicada")).toBeVisible();
    await nameField(page).fill("Segunda Duplicada");
    await save(page);
    const offer = page.getByText(/Ya existe|Ya hay|ya tienes/i).last();
    await expect(offer).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Ver el cliente" }).last().click();
    await expect(page.getByRole("heading", { name: "Primera Duplicada" })).toBeVisible();
  });

  test("has the fields of its receiver type", async ({ page, account }) => {
    await page.goto("/clientes/nuevo");
    await ruc(page).fill("8-769-1080");
    await page.getByRole("radio", { name: "Natural" }).check({ force: true });
    await expect(page.getByRole("heading", { name: "Personas asociadas" })).toBeHidden();
    await page.getByRole("radio", { name: "Extranjero" }).check({ force: true });
    await expect(page.getByLabel("Número de identificación")).toBeVisible();
    await expect(ruc(page)).toBeHidden();
    await expect(page.getByRole("combobox", { name: /Corregimiento/ })).toBeHidden();
    await expectAccessible(page);

    await page.getByLabel("Número de identificación").fill("AB123456");
    await nameField(page).fill("Extranjera Valdez");
    await save(page);
    const country = page.getByRole("combobox", { name: "País" });
    await expect(country).toBeFocused();
    await page.keyboard.type("colom");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(country).toHaveValue("Colombia");

    await page.getByRole("radio", { name: "Contribuyente" }).check({ force: true });
    await expect(ruc(page)).toHaveValue("8-769-1080"); // it was kept
    await page.getByRole("radio", { name: "Extranjero" }).check({ force: true });
    await save(page);
    await expect(page.getByRole("heading", { name: "Extranjera Valdez" })).toBeVisible();
    const { customers } = await account.request(
      `{ customers(search: "Extranjera Valdez") { edges { node { ruc foreignId { type number country } } } } }`,
    );
    expect(customers.edges[0].node).toEqual({
      ruc: null,
      foreignId: { type: "PASSPORT", number: "AB123456", country: "CO" },
    });
  });

  test("outlives a reload, a failure and the end of the session", async ({ page, context, account }) => {
    await page.goto("/clientes/nuevo");
    await fillIn(page, "Nada se pierde");
    await page.reload();
    await expect(page.getByText("Recuperamos lo que estabas escribiendo.")).toBeVisible();
    await expect(nameField(page)).toHaveValue("Nada se pierde");
    await expect(page.getByRole("radio", { name: "Consumidor final" })).toBeChecked();

    await context.setOffline(true);
    await save(page);
    await expect(page.getByRole("alert")).toContainText("No hay conexión");
    await expect(nameField(page)).toHaveValue("Nada se pierde");
    await context.setOffline(false);

    await context.clearCookies();
    await save(page);
    const dialog = page.getByRole("dialog", { name: "Tu sesión terminó" });
    await expect(dialog).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(dialog).toBeVisible();
    await dialog.getByLabel("Clave de API").fill(account.key);
    await page.keyboard.press("Enter");
    await expect(dialog).toBeHidden();
    await expect(page.getByRole("heading", { name: "Nada se pierde" })).toBeVisible();
    const { customers } = await account.request(`{ customers(search: "Nada se pierde") { totalCount } }`);
    expect(customers.totalCount).toBe(1);
  });

  test("is given up only after a question, by Cancelar as by Salir", async ({ page }) => {
    await page.goto("/clientes/nuevo");
    await fillIn(page, "Casi perdida");
    const question = page.getByRole("dialog");
    await page.getByRole("button", { name: "Salir" }).click();
    await expect(question.getByRole("button", { name: "Cancelar" })).toBeFocused();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Cancelar" }).click();
    await expect(question).toContainText("¿Descartar lo que escribiste?");
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(nameField(page)).toHaveValue("Casi perdida");
    await page.getByRole("button", { name: "Cancelar" }).click();
    await question.getByRole("button", { name: "Descartar" }).click();
    await expect(page).toHaveURL(/\/clientes$/);
    await page.goto("/clientes/nuevo");
    await expect(nameField(page)).toHaveValue("");
    // Nothing was typed: no question.
    await page.getByRole("button", { name: "Cancelar" }).click();
    await expect(page).toHaveURL(/\/clientes$/);
  });

  test("is one customer although the response was lost", async ({ page, account }) => {
    const search = `{ customers(search: "Una sola vez") { edges { node { name } } } }`;
    await page.goto("/clientes/nuevo");
    await fillIn(page, "Una sola vez");
    await page.route("**/graphql", async (route) => {
      if (!route.request().postData()?.includes("CreateCustomer")) return route.fallback();
      await route.fetch();
      await route.abort();
    });
    await save(page);
    await expect(page.getByRole("alert")).toContainText("No hay conexión");
    await page.unroute("**/graphql");

    // The same draft with other values: the page asks what to do.
    await nameField(page).fill("Una sola vez, S.A.");
    await save(page);
    await expect(page.getByRole("alert")).toContainText("ya se guardó con otros datos");
    expect((await account.request(search)).customers.edges).toHaveLength(1);
    await expectAccessible(page);
    await nameField(page).fill("Una sola vez");
    await save(page);
    await expect(page.getByRole("heading", { name: "Una sola vez" })).toBeVisible();
    expect((await account.request(search)).customers.edges).toHaveLength(1);

    await page.goto("/clientes/nuevo");
    await expect(nameField(page)).toHaveValue("");
  });

  test.describe("with electronic invoicing", () => {
    test.use({ electronicInvoicing: true });

    test("requires more", async ({ page }) => {
      await page.goto("/clientes/nuevo");
      await nameField(page).fill("Electrónica, S.A.");
      await expect(ruc(page)).toHaveAttribute("aria-required", "true");
      await save(page);
      await expect(page.getByRole("radio", { name: "Natural" })).toBeFocused();
      await expect(ruc(page)).toHaveAttribute("aria-invalid", "true");
      await expect(page.getByRole("combobox", { name: /Corregimiento/ })).toHaveAttribute(
        "aria-invalid",
        "true",
      );
      await expect(page.getByLabel("Dirección")).toHaveAttribute("aria-invalid", "true");
      await page.getByRole("radio", { name: "Consumidor final" }).check({ force: true });
      await expect(ruc(page)).not.toHaveAttribute("aria-required", "true");
      await save(page);
      await expect(page.getByRole("heading", { name: "Electrónica, S.A." })).toBeVisible();
    });
  });
});

test.describe("a customer's page", () => {
  test("shows the data, the persons, and the invoices and notes with the total of the invoices", async ({
    page,
    account,
  }) => {
    const { createCustomer } = await account.request(CREATE, {
      input: {
        receiverType: "TAXPAYER",
        ruc: "155600001-2-2015",
        name: "Completa, S.A.",
        locationCode: "8-8-7",
        address: "Calle 50, local 1",
        email: "pagos@example.com",
        phone: "212-3456",
        associatedPersons: [{ name: "Ana Pérez", email: "ana@example.com", notify: true }],
      },
    });
    const { id } = createCustomer.customer;
    let invoiceId = "";
    for (const quantity of ["1", "2"]) {
      const { createInvoice } = await account.request(
        `mutation($id: ID!, $quantity: Decimal!) { createInvoice(customerId: $id, input: {lines: [{description: "Café",
          quantity: $quantity, unitPrice: "10.00", itbmsRate: RATE_7}]}) { invoice { id } userErrors { code } } }`,
        { id, quantity },
      );
      invoiceId = createInvoice.invoice.id;
    }
    await account.request(
      `mutation($input: CreditNoteInput!) { createCreditNote(input: $input) { creditNote { id } userErrors { code } } }`,
      { input: { invoiceId, reason: "Devolución", lines: [{ position: 1, quantity: "1" }] } },
    );
    await page.goto(`/clientes/${id}`);
    await expect(page.getByText("Bella Vista, Panamá, Panamá")).toBeVisible();
    await expect(page.getByText("Ana Pérez")).toBeVisible();
    await expect(page.getByText("2 facturas emitidas · B/. 32.10")).toBeVisible();
    await expect(page.getByRole("row", { name: /^Factura \d.*Emitida.*B\/\. 21\.40/ })).toBeVisible();
    await expect(page.getByRole("row", { name: /^Nota de crédito \d.*Emitida.*B\/\. 10\.70/ })).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("link", { name: /^Nota de crédito/ }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Nota de crédito \d/);
  });

  test("archives and restores, which the list follows", async ({ page, account }) => {
    const { createCustomer } = await account.request(CREATE, {
      input: { receiverType: "FINAL_CONSUMER", name: "Archivable" },
    });
    await page.goto(`/clientes/${createCustomer.customer.id}`);
    await page.getByRole("button", { name: "Archivar" }).click();
    await expect(page.getByText("Archivado", { exact: true })).toBeVisible();
    await page.goto("/clientes?q=archivable");
    await expect(page.getByRole("heading", { name: "Ningún cliente coincide" })).toBeVisible();
    await page.getByLabel("Estado").selectOption("Archivados");
    await page.getByRole("link", { name: "Archivable" }).click();
    await page.getByRole("button", { name: "Restaurar" }).click();
    await expect(page.getByRole("button", { name: "Archivar" })).toBeVisible();
  });

  test("restoring a customer whose RUC is taken leads to the customer that has it", async ({
    page,
    account,
  }) => {
    const input = {
      receiverType: "TAXPAYER",
      taxpayerType: "NATURAL",
      ruc: "8-123-456",
      name: "Primera en volver",
    };
    const { createCustomer } = await account.request(CREATE, { input });
    const { id } = createCustomer.customer;
    await account.request(`mutation($id: ID!) { archiveCustomer(id: $id) { userErrors { code } } }`, { id });
    await account.request(CREATE, { input: { ...input, name: "Segunda en su lugar" } });
    await page.goto(`/clientes/${id}`);
    await page.getByRole("button", { name: "Restaurar" }).click();
    await page.getByRole("alert").getByRole("link", { name: "Ver el cliente" }).click();
    await expect(page.getByRole("heading", { name: "Segunda en su lugar" })).toBeVisible();
  });

  test("a customer that doesn't exist is reported as missing", async ({ page }) => {
    await page.goto("/clientes/nadie");
    await expect(page.getByRole("heading", { name: "Esta página no existe" })).toBeVisible();
    await expectAccessible(page);
  });
});

test.describe("editing", () => {
  const CUSTOMER = `query($id: ID!) { customer(id: $id) { name address phone email version } }`;

  async function createEditable(account: Account, name: string): Promise<string> {
    const input = { receiverType: "FINAL_CONSUMER", name, phone: "212-3456", address: "Calle primera" };
    return (await account.request(CREATE, { input })).createCustomer.customer.id;
  }

  test("sends what was changed", async ({ page, account }) => {
    const id = await createEditable(account, "Por editar");
    await page.goto(`/clientes/${id}`);
    await page.getByRole("link", { name: "Editar" }).click();
    await expect(page.getByLabel("Teléfono")).toHaveValue("212-3456");
    await expectAccessible(page);
    await nameField(page).fill("Ya editada");
    await page.getByLabel("Dirección").fill("");
    await save(page);
    await expect(page.getByRole("heading", { name: "Ya editada" })).toBeVisible();
    expect((await account.request(CUSTOMER, { id })).customer).toEqual({
      name: "Ya editada",
      address: null,
      phone: "+5072123456",
      email: null,
      version: 2,
    });
  });

  test("in two tabs: the second is shown both, and keeps its own", async ({ page, context, account }) => {
    const id = await createEditable(account, "De dos");
    await page.goto(`/clientes/${id}/editar`);
    await expect(nameField(page)).toHaveValue("De dos");
    const other = await context.newPage();
    await other.goto(`/clientes/${id}/editar`);
    await other.getByLabel("Nombre o razón social").fill("De la otra");
    await other.getByLabel("Correo electrónico").fill("otra@example.com");
    await other.getByRole("button", { name: "Guardar" }).click();
    await expect(other.getByRole("heading", { name: "De la otra" })).toBeVisible();

    await nameField(page).fill("De esta");
    await save(page);
    const dialog = page.getByRole("dialog", { name: "Alguien modificó este cliente" });
    await expect(dialog.getByRole("row", { name: /Nombre.*De dos.*De la otra.*De esta/ })).toBeVisible();
    await expectAccessible(page);
    await expect(dialog.getByRole("row", { name: /Correo.*otra@example\.com.*Sin cambios/ })).toBeVisible();
    await dialog.getByRole("button", { name: "Guardar mi versión" }).click();
    await expect(page.getByRole("heading", { name: "De esta" })).toBeVisible();
    const { customer } = await account.request(CUSTOMER, { id });
    expect(customer).toMatchObject({ name: "De esta", email: "otra@example.com", version: 3 });
  });

  test("in two tabs: the second takes what the first saved", async ({ page, account }) => {
    const id = await createEditable(account, "De dos más");
    await page.goto(`/clientes/${id}/editar`);
    await nameField(page).fill("Descartado");
    await account.request(
      `mutation($id: ID!) { updateCustomer(id: $id, input: {name: "Guardado antes"}) { userErrors { code } } }`,
      { id },
    );
    await save(page);
    await page.getByRole("button", { name: "Descartar la mía y usar la guardada" }).click();
    await expect(nameField(page)).toHaveValue("Guardado antes");
    await save(page);
    await expect(page.getByRole("heading", { name: "Guardado antes" })).toBeVisible();
  });
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 740 } });

  let id: string;
  test.beforeAll(async ({ account }) => {
    const input = {
      receiverType: "TAXPAYER",
      ruc: "155600002-2-2015",
      name: "Inversiones y Desarrollos Agroindustriales de Tierras Altas y Boquete, Sociedad Anónima",
      email: "una.direccion.bastante.larga.para.un.telefono@example.com",
    };
    id = (await account.request(CREATE, { input })).createCustomer.customer.id;
  });

  for (const [title, path] of [
    ["the list", "/clientes"],
    ["the form", "/clientes/nuevo"],
    ["a page", "/clientes/ID"],
    ["editing", "/clientes/ID/editar"],
  ] as const) {
    test(`${title} is no wider than the screen`, async ({ page }) => {
      await page.goto(path.replace("ID", id));
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      await expectAccessible(page);
    });
  }
});

test.describe("in English", () => {
  test("shows labels and refusals, and remembers the choice", async ({ page }) => {
    await page.goto("/clientes/nuevo");
    await page.getByLabel("Idioma").selectOption("English");
    await expect(page.getByRole("heading", { name: "New customer" })).toBeVisible();
    await expect(page.getByLabel("Address")).toBeVisible();
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByLabel("Name", { exact: true })).toHaveAccessibleDescription(/missing|required/i);
    await page.reload();
    await expect(page.getByRole("heading", { name: "New customer" })).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
  });
});

test("a key that may only read sees no link to create", async ({ page, context, account }) => {
  const { createApiKey } = await account.request(
    `mutation { createApiKey(name: "lee", scope: READ) { secret userErrors { code } } }`,
  );
  await context.clearCookies();
  await context.request.post("/session", { data: { key: createApiKey.secret } });
  await page.goto("/clientes");
  await expect(page.getByRole("heading", { name: "Clientes", exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: "Nuevo cliente" })).toBeHidden();
  await page.goto("/clientes/nuevo");
  await expect(page.getByRole("heading", { name: /solo permite leer/ })).toBeVisible();
});
