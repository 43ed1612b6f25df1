import type { Page } from "@playwright/test";
import { type Account, expect, expectAccessible, test } from "./test";

test.use({ electronicInvoicing: true });

const PAPER = "Papel bond, tamaño carta";
let isReady = false;

/** A government customer that has bought paper under a class, of an account that may issue to it. */
async function prepare(account: Account): Promise<void> {
  if (isReady) return;
  await account.request(
    `mutation { updateAccount(input: {ruc: "155596713-2-2015", dv: "59"}) { userErrors { code } } }`,
  );
  await account.request(`mutation { setPacCredentials(provider: "sandbox") { userErrors { code } } }`);
  await account.request(
    `mutation($customer: CustomerInput!, $line: InvoiceLineInput!) {
      createInvoice(newCustomer: $customer, onDuplicate: USE_EXISTING, input: { lines: [$line] }) { userErrors { path code message } } }`,
    {
      customer: {
        receiverType: "GOVERNMENT",
        taxpayerType: "JURIDICAL",
        name: "Ministerio de Prueba",
        ruc: "8-NT-1-13656",
        locationCode: "8-8-7",
        address: "Calle 50",
      },
      line: {
        description: PAPER,
        quantity: "1",
        unitPrice: "5.00",
        itbmsRate: "RATE_7",
        unit: "Paquete",
        cpbs: "4412",
      },
    },
  );
  isReady = true;
}

const line = (page: Page, place: number) => page.getByRole("listitem", { name: `Línea ${place}` });
const options = (page: Page, list: string) => page.getByRole("listbox", { name: list }).getByRole("option");

async function chooseCustomer(page: Page): Promise<void> {
  await page.getByRole("combobox", { name: "Buscar cliente" }).fill("ministerio");
  await page.getByRole("option", { name: "Ministerio de Prueba" }).click();
}

test("a line for the government gets the class of an earlier, similar line, by keyboard alone", async ({
  page,
  account,
}) => {
  await prepare(account);
  await page.goto("/facturas/nueva");
  await chooseCustomer(page);
  await line(page, 1).getByLabel("Descripción").fill("papel bond carta (resma)");
  const cpbs = line(page, 1).getByRole("combobox", { name: "CPBS" });
  await cpbs.focus();
  await page.keyboard.press("ArrowDown");
  await expect(options(page, "CPBS").first()).toHaveText(`4412 · Suministros de oficina como «${PAPER}»`);
  await expect(options(page, "CPBS").filter({ hasText: "4412" })).toHaveCount(1);
  await expectAccessible(page);
  await page.keyboard.press("ArrowDown");
  await expect(options(page, "CPBS").first()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await expect(cpbs).toHaveValue("4412 · Suministros de oficina");
  await expect(page.getByRole("listitem", { name: "Línea 2" })).toBeHidden(); // Enter chose, and added no line

  // What is searched for comes from the catalogue: without accents, in any order, by the family, by the code.
  await cpbs.fill("informatico EQUIPO");
  await expect(options(page, "CPBS").first()).toHaveText(
    /^4321 · Equipo informático y accesorios Difusión de/,
  );
  await cpbs.fill("86");
  await expect(options(page, "CPBS").first()).toHaveText(/^8610 · /);
  await page.keyboard.press("Enter");
  await expect(cpbs).toHaveValue(/^8610 · /);
  await cpbs.fill("");
  await page.keyboard.press("Tab");
  await expect(cpbs).toHaveValue("");

  // An earlier line that is chosen brings its codes with it.
  await line(page, 1).getByLabel("Descripción").fill("papel bond, tama");
  await page.getByRole("option", { name: PAPER }).click();
  await expect(cpbs).toHaveValue("4412 · Suministros de oficina");
  await expect(line(page, 1).getByRole("combobox", { name: "Unidad" })).toHaveValue("Paquete");
});

test("unit and form of payment are chosen by words or code, and a draft shows their names again", async ({
  page,
  account,
}) => {
  await prepare(account);
  await page.goto("/facturas/nueva");
  await chooseCustomer(page);
  await line(page, 1).getByLabel("Descripción").fill("Asesoría");
  await line(page, 1).getByLabel("Precio unitario").fill("100");
  const unit = line(page, 1).getByRole("combobox", { name: "Unidad" });
  await unit.fill("trabajo hora");
  await expect(options(page, "Unidad").first()).toHaveText("Hora trabajo · Número de horas de trabajo");
  await unit.fill("hora");
  await expect(options(page, "Unidad").first()).toHaveText("Hora");
  await page.keyboard.press("Enter");
  await expect(unit).toHaveValue("Hora");

  await page.getByText("Forma de pago, cuotas, retención y orden de compra").click();
  await page.getByRole("button", { name: "Agregar forma de pago" }).click();
  const method = page.getByRole("combobox", { name: "Forma de pago" });
  await expect(method).toHaveValue("Efectivo");
  await method.click();
  await expect(options(page, "Forma de pago")).toHaveCount(10);
  await expect(options(page, "Forma de pago").first()).toBeInViewport({ ratio: 1 });
  await page.setViewportSize({ width: 1280, height: 1600 }); // nothing lies half under the header
  await expectAccessible(page);
  await page.keyboard.type("debito TARJ"); // in the place of what was there
  await expect(options(page, "Forma de pago")).toHaveText(["Tarjeta de débito"]);
  await page.keyboard.press("Enter");
  await expect(method).toHaveValue("Tarjeta de débito");
  // There is always a form: cleared, the field shows it again, and words of none are said to be none.
  await method.fill("");
  await page.keyboard.press("Tab");
  await expect(method).toHaveValue("Tarjeta de débito");
  await method.fill("trueque");
  await page.keyboard.press("Tab");
  await expect(method).toHaveAttribute("aria-invalid", "true");
  await method.fill("09");
  await page.keyboard.press("Tab"); // the only one is taken
  await expect(method).toHaveValue("Cheque");

  await page.getByRole("button", { name: "Guardar borrador" }).click();
  await expect(page.getByRole("heading", { name: "Factura sin número" })).toBeVisible();
  await page.getByRole("link", { name: "Editar" }).click();
  await expect(unit).toHaveValue("Hora");
  await expect(method).toHaveValue("Cheque");
});

test("forms of payment have English names, and the DGI's catalogues its Spanish ones", async ({
  page,
  account,
}) => {
  await prepare(account);
  await page.goto("/facturas/nueva");
  await page.getByLabel("Idioma").selectOption("English");
  await page.getByText("Form of payment, instalments, withholding and purchase order").click();
  await page.getByRole("button", { name: "Add form of payment" }).click();
  const method = page.getByRole("combobox", { name: "Form of payment" });
  await method.fill("gift");
  await expect(options(page, "Form of payment")).toHaveText(["Gift card"]);
  await method.fill("transferencia");
  await expect(options(page, "Form of payment")).toHaveText(["Transfer or deposit"]);
  await page.keyboard.press("Enter");
  await expect(method).toHaveValue("Transfer or deposit");

  await page.getByRole("button", { name: "Add code, unit or CPBS" }).click();
  const first = page.getByRole("listitem", { name: "Line 1" });
  await first.getByLabel("Description").fill("bond paper: papel bond carta");
  await first.getByRole("combobox", { name: "CPBS" }).click();
  await expect(options(page, "CPBS").first()).toHaveText(`4412 · Suministros de oficina as in “${PAPER}”`);
  await first.getByRole("combobox", { name: "Unit", exact: true }).fill("kilometro");
  await expect(options(page, "Unit").first()).toHaveText("km · Kilómetro: 1000 m");
  await expectAccessible(page);
});
