import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, expectAccessible, test } from "./test";

test("the business is described, or refused at its fields", async ({ page, account }) => {
  await page.goto("/cuenta");
  const section = page.getByRole("region", { name: "Negocio" });
  const [name, ruc, dv] = ["Nombre del negocio", "RUC", "DV"].map((label) => section.getByLabel(label));
  if (!name || !ruc || !dv) throw new Error("three fields");
  const save = section.getByRole("button", { name: "Guardar" });
  await name.fill("");
  await ruc.fill("155596713-2-2015");
  await dv.fill("95");
  await save.click();
  await expect(name).toHaveAccessibleDescription("Falta este dato.");
  await expect(dv).toHaveAccessibleDescription(
    "El DV 95 no corresponde al RUC 155596713-2-2015; el correcto es 59.",
  );
  await expect(name).toBeFocused();
  await name.fill("Prueba Nueva, S.A.");
  await dv.fill("59");
  await section.getByLabel("Dirección").fill("Vía España, edificio Uno");
  await section.getByLabel("Teléfono").fill("212-3456");
  await section.getByLabel("Plazo de pago").fill("30 días");
  await section.getByLabel("Texto al pie de todas las facturas").fill("Banco General 04-01\nGracias.");
  await section.getByLabel("Correo electrónico").fill("ventas@");
  await save.click();
  await expect(section.getByLabel("Correo electrónico")).toHaveAccessibleDescription(/no es un correo/);
  await section.getByLabel("Correo electrónico").fill("ventas@example.com");
  await save.click();
  await expect(page.getByText("Guardado.")).toBeVisible();
  await expectAccessible(page);
  const { viewer } = await account.request(
    "{ viewer { account { name ruc dv address phone email terms paymentTermDays } } }",
  );
  expect(viewer.account).toEqual({
    name: "Prueba Nueva, S.A.",
    ruc: "155596713-2-2015",
    dv: "59",
    address: "Vía España, edificio Uno",
    phone: "+5072123456",
    email: "ventas@example.com",
    terms: "Banco General 04-01\nGracias.",
    paymentTermDays: 30,
  });
});

test("papers get a logo, a colour, a foot and where to pay, and are shown", async ({ page, account }) => {
  await page.goto("/cuenta");
  const section = page.getByRole("region", { name: "Papeles" });
  const preview = section.getByRole("img", { name: "Ejemplo de factura con estos ajustes" });
  await expect(preview).toBeVisible();
  const before = await preview.getAttribute("src");
  await section.getByLabel("Color").fill("#ffff00");
  await section.getByRole("button", { name: "Guardar" }).click();
  await expect(section.getByLabel("Color")).toHaveAccessibleDescription(/demasiado claro/);
  await section.getByLabel("Color").fill("#7a1f1f");
  await section.getByLabel("Línea al pie de cada página").fill("Desde 1984");
  await section.getByLabel("Cómo pagar").fill("Banco General\n03-00-00");
  await section.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByText("Papeles guardados.")).toBeVisible();
  await expect(preview).not.toHaveAttribute("src", before ?? "");

  const input = section.locator("input[type=file]");
  await input.setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: Buffer.from("GIF89a") });
  await expect(section.getByRole("alert")).toHaveText("El logo debe ser una imagen PNG o JPEG.");
  await input.setInputFiles(join(import.meta.dirname, "logo.png"));
  await expect(section.getByRole("img", { name: "Logo" })).toBeVisible();
  await section.getByRole("radio", { name: "Tira de 80 mm" }).check({ force: true });
  await expect(preview).toHaveAttribute("src", /format=strip/);
  await expect
    .poll(() => preview.evaluate((image: HTMLImageElement) => image.naturalWidth))
    .toBeGreaterThan(100);
  await expectAccessible(page);
  const { viewer } = await account.request(
    "{ viewer { account { paperColor paperFooter bankLines logoDigest } } }",
  );
  expect(viewer.account).toMatchObject({
    paperColor: "#7a1f1f",
    paperFooter: "Desde 1984",
    bankLines: "Banco General\n03-00-00",
  });
  expect(viewer.account.logoDigest).toMatch(/^[0-9a-f]{64}$/);

  await section.getByRole("button", { name: "Quitar logo" }).click();
  await expect(section.getByText("Todavía no tienes logo.")).toBeVisible();
});

test("electronic invoicing is turned on and leads to the customers that lack data", async ({
  page,
  account,
}) => {
  await account.request(`mutation { createCustomer(input: {receiverType: TAXPAYER, name: "Le Falta Todo"}) {
    userErrors { code } } }`);
  await page.goto("/cuenta");
  const section = page.getByRole("region", { name: "Facturación electrónica" });
  await section.getByRole("button", { name: "Activar" }).click();
  await expect(section.getByText("Activada", { exact: true })).toBeVisible();
  await section.getByRole("link", { name: "Ver cuáles" }).click();
  await expect(page.getByRole("row", { name: /Le Falta Todo/ })).toBeVisible();
  await page.goBack();
  await section.getByRole("button", { name: "Desactivar" }).click();
  await expect(section.getByText("Desactivada", { exact: true })).toBeVisible();
});

test("a billing point is created, and refused at its field", async ({ page }) => {
  await page.goto("/cuenta");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Nuevo punto" }).click();
  const dialog = page.getByRole("dialog", { name: "Nuevo punto" });
  await dialog.getByLabel("Código").fill("1");
  await dialog.getByRole("button", { name: "Crear punto" }).click();
  await expect(dialog.getByLabel("Código")).toHaveAccessibleDescription(/tres dígitos/);
  await expectAccessible(page);
  await dialog.getByLabel("Código").fill("001");
  await dialog.getByRole("button", { name: "Crear punto" }).click();
  await expect(dialog.getByLabel("Código")).toHaveAttribute("aria-invalid", "true");
  await dialog.getByLabel("Código").fill("077");
  await dialog.getByLabel("Nombre").fill("Tienda");
  await dialog.getByRole("button", { name: "Crear punto" }).click();
  await expect(page.getByRole("row", { name: "077 Tienda Sin facturas" })).toBeVisible();

  await page.getByRole("button", { name: "Editar el punto 077" }).click();
  const edit = page.getByRole("dialog", { name: "Editar el punto 077" });
  await edit.getByLabel("Nombre").fill("Tienda del centro");
  await edit.getByLabel("Próximo número").fill("4501");
  await edit.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByRole("row", { name: "077 Tienda del centro" })).toBeVisible();

  // With two points, an invoice must name its point.
  await page.goto("/facturas/nueva");
  await expect(page.getByLabel("Punto de facturación")).toBeVisible();
});

test("a key is shown once, works, and is revoked", async ({ page, request }) => {
  await page.goto("/cuenta");
  await page.getByRole("button", { name: "Nueva clave" }).click();
  const dialog = page.getByRole("dialog", { name: "Nueva clave" });
  await dialog.getByRole("button", { name: "Crear clave" }).click();
  await expect(dialog.getByLabel("Para qué es")).toHaveAccessibleDescription(/Falta este dato/);
  await dialog.getByLabel("Para qué es").fill("Tienda en línea");
  await dialog.getByRole("radio", { name: "Leer", exact: true }).check({ force: true });
  await dialog.getByLabel("Vence").selectOption("En 90 días");
  await dialog.getByRole("button", { name: "Crear clave" }).click();

  const created = page.getByRole("dialog", { name: "Clave creada" });
  const secret = await created.getByLabel("Secreto").inputValue();
  expect(secret).toMatch(/^istmo_/);
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(created).toBeVisible();
  await created.getByRole("button", { name: "Copiar" }).click();
  await expect(created.getByRole("status")).not.toBeEmpty();
  await created.getByRole("button", { name: "Ya la copié" }).click();
  await expect(page.getByRole("row", { name: /Tienda en línea Leer/ })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("row", { name: /Tienda en línea Leer/ })).toBeVisible();
  expect(await page.content()).not.toContain(secret);

  const requestScope = () =>
    request.post("/graphql", {
      headers: { Authorization: `Bearer ${secret}` },
      data: { query: "{ viewer { scope } }" },
    });
  expect(await (await requestScope()).json()).toMatchObject({ data: { viewer: { scope: "READ" } } });
  await page.getByRole("button", { name: "Revocar: Tienda en línea" }).click();
  const confirmation = page.getByRole("dialog", { name: "¿Revocar la clave «Tienda en línea»?" });
  await confirmation.getByRole("button", { name: "Revocar" }).click();
  await expect(page.getByRole("row", { name: /Tienda en línea/ })).toBeHidden();
  await page.getByLabel(/Ver también las revocadas/).check();
  await expect(page.getByRole("row", { name: /Tienda en línea Revocada/ })).toBeVisible();
  expect((await requestScope()).status()).toBe(401);
});

test("a webhook is created, receives an event twice, gets a new secret and is deleted", async ({
  page,
  account,
}) => {
  const received: string[] = [];
  const receiver = createServer((request, response) => {
    received.push(String(request.headers["webhook-id"]));
    request.resume().on("end", () => response.writeHead(204).end());
  }).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/avisos`;

  await page.goto("/cuenta");
  await page.getByRole("button", { name: "Nuevo webhook" }).click();
  const dialog = page.getByRole("dialog", { name: "Nuevo webhook" });
  await dialog.getByLabel("Dirección").fill("http://example.com/");
  for (const box of await dialog.getByRole("checkbox").all()) await box.uncheck();
  await dialog.getByRole("button", { name: "Crear webhook" }).click();
  await expect(dialog.getByLabel("Dirección")).toHaveAccessibleDescription(/dirección https/);
  await expect(dialog.getByText("Elige al menos un evento.")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByLabel("Dirección").fill(url);
  await dialog.getByLabel("Cliente creado").check();
  await dialog.getByRole("button", { name: "Crear webhook" }).click();
  const created = page.getByRole("dialog", { name: "Webhook creado" });
  const secret = await created.getByLabel("Secreto").inputValue();
  expect(secret).toMatch(/^whsec_/);
  await created.getByRole("button", { name: "Ya la copié" }).click();

  await account.request(`mutation { createCustomer(input: {receiverType: FINAL_CONSUMER, name: "Avisado"}) {
    userErrors { code } } }`);
  await expect.poll(() => received.length).toBe(1);
  const item = page.getByRole("listitem").filter({ hasText: url });
  await expect(item).toContainText("Cliente creado");
  await item.getByRole("link", { name: "Envíos" }).click();
  const row = page.getByRole("row", { name: /Cliente creado/ });
  await expect(async () => {
    await page.getByRole("button", { name: "Actualizar" }).click();
    await expect(row.getByText("Enviado")).toBeVisible({ timeout: 500 });
  }).toPass();
  await expectAccessible(page);
  await row.getByRole("button", { name: "Enviar de nuevo" }).click();
  await expect.poll(() => received.length).toBe(2);
  expect(received[1]).toBe(received[0]);
  await page.getByLabel("Estado").selectOption("No se pudo");
  await expect(page.getByRole("heading", { name: "Sin envíos" })).toBeVisible();

  await page.getByRole("link", { name: "← Cuenta" }).click();
  await item.getByRole("button", { name: "Cambiar secreto" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cambiar secreto" }).click();
  const rotated = page.getByRole("dialog", { name: "Secreto nuevo" });
  await expect(rotated.getByLabel("Secreto")).not.toHaveValue(secret);
  await rotated.getByRole("button", { name: "Ya la copié" }).click();
  await item.getByRole("button", { name: "Eliminar" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Eliminar" }).click();
  await expect(item).toHaveCount(0);
  receiver.close();
});

test("a key that is not an administrator's sees the account and changes nothing", async ({
  page,
  context,
  account,
}) => {
  const { createApiKey } = await account.request(
    `mutation { createApiKey(name: "cajero", scope: WRITE) { secret userErrors { code } } }`,
  );
  await context.request.post("/session", { data: { key: createApiKey.secret } });
  await page.goto("/cuenta");
  await expect(page.getByText(/hace falta una clave con permiso/)).toBeVisible();
  await expect(page.getByLabel("Nombre del negocio")).not.toBeEditable();
  await expect(page.getByRole("row", { name: /001/ })).toBeVisible();
  // It may look at things, and its own session is all that it can end.
  await expect(page.getByRole("main").getByRole("button")).toHaveText([
    "Ver cómo queda",
    "Cerrar todas mis sesiones",
    "Cerrar sesión",
  ]);
  await expect(page.getByRole("row", { name: /cajero Esta sesión Leer y escribir/ })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Claves de API" })).toBeHidden();
  await expectAccessible(page);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("nothing is cut off", async ({ page }) => {
    await page.goto("/cuenta");
    await expect(page.getByRole("heading", { name: "Webhooks" })).toBeVisible();
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });
});

test("sessions are listed, one is closed, and all of one's own", async ({ page, account, browser }) => {
  const other = await browser.newContext({ baseURL: process.env.ISTMO_URL });
  await account.signIn(other);
  await page.goto("/cuenta");
  const section = page.getByRole("region", { name: "Sesiones abiertas" });
  const own = section.getByRole("row", { name: /Esta sesión/ });
  await expect(own).toHaveCount(1);
  const before = await section.getByRole("row").count();
  await section
    .getByRole("row")
    .nth(1)
    .getByRole("button", { name: /^Cerrar sesión/ })
    .click(); // the youngest
  await page.getByRole("dialog").getByRole("button", { name: "Cerrar sesión" }).click();
  await expect(page.getByText("Sesión cerrada.")).toBeVisible();
  await expect(section.getByRole("row")).toHaveCount(before - 1);
  expect((await other.request.post("/graphql", { data: { query: "{ viewer { scope } }" } })).status()).toBe(
    401,
  );
  await other.close();

  await section.getByRole("button", { name: "Cerrar todas mis sesiones" }).click();
  await expectAccessible(page);
  await page.getByRole("dialog").getByRole("button", { name: "Cerrar todas mis sesiones" }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  const { sessions } = await account.request("{ sessions { keyName } }");
  expect(sessions.filter(({ keyName }: { keyName: string }) => keyName === "admin key")).toEqual([]);
});

test("the business's own words in its mails are tried and kept", async ({ page, account }) => {
  await page.goto("/cuenta");
  const texts = page.getByRole("region", { name: "Textos de los correos" });
  await texts.getByRole("textbox", { name: "Asunto" }).fill("Su {documento}");
  await texts.getByRole("textbox", { name: "Saludo" }).fill("Hola, {cliente}:");
  await texts.getByRole("button", { name: "Ver cómo queda" }).click();
  await expect(texts).toContainText("Su Factura 001-0000000001");
  await expect(texts).toContainText("Hola, Cliente de ejemplo, S.A.:");
  await expectAccessible(page);
  await page.context().setOffline(true);
  await texts.getByRole("button", { name: "Ver cómo queda" }).click();
  await expect(texts.getByRole("alert").filter({ hasText: "No hay conexión" })).toBeVisible();
  await page.context().setOffline(false);
  await texts.getByRole("radio", { name: "Inglés" }).check({ force: true });
  await texts.getByRole("textbox", { name: "Asunto" }).fill("Your {invoice}");
  await texts.getByRole("button", { name: "Guardar" }).click();
  await expect(texts).toContainText("No existe el dato {invoice}.");
  await texts.getByRole("textbox", { name: "Asunto" }).fill("Your {documento}");
  await texts.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByText("Guardado")).toBeVisible();
  const { viewer } = await account.request(
    "{ viewer { account { mailTexts { language subject greeting } } } }",
  );
  expect(viewer.account.mailTexts).toEqual([
    { language: "EN", subject: "Your {documento}", greeting: null },
    { language: "ES", subject: "Su {documento}", greeting: "Hola, {cliente}:" },
  ]);
});
