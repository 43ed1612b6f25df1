import type { Page } from "@playwright/test";
import { expect, expectAccessible, test } from "./test";

const LIST = [
  "Razón Social;R.U.C. con DV;Correo;Saldo",
  "Importada Ñandú, S.A.;155596713-2-2015 DV 59;a@example.com;1,50",
  "Importada Ana;8-769-1080;;0",
  "X;no es un RUC;nada;0",
].join("\n");

async function upload(page: Page, content: string, name = "clientes.csv"): Promise<void> {
  await page.goto("/clientes");
  await page.getByRole("link", { name: "Importar" }).click();
  await expect(page.getByRole("heading", { name: "Importar clientes" })).toBeVisible();
  const file = { name, mimeType: "text/csv", buffer: Buffer.from(content, "latin1") };
  await page.locator('input[type="file"]').setInputFiles(file);
}

async function counts(page: Page): Promise<(string | null)[]> {
  return page.locator(".import-counts dd").allTextContents();
}

test("a file is checked, imported and undone", async ({ page }) => {
  await upload(page, LIST);
  await expect(page.getByRole("heading", { name: "clientes.csv" })).toBeVisible();
  await expect(page.getByText("3 filas · CSV en Windows-1252, separado por punto y coma")).toBeVisible();
  await expect(page.getByLabel("Qué es la columna R.U.C. con DV")).toHaveValue("RUC");
  await expect(page.getByLabel("Qué es la columna Saldo")).toHaveValue("");
  await expectAccessible(page);

  await page.getByRole("button", { name: "Revisar" }).click();
  await expect(page.getByText("Así quedaría. Todavía no se ha guardado nada.")).toBeVisible();
  expect(await counts(page)).toEqual(["2", "0", "0", "0", "1"]);
  await expect(page.getByRole("row", { name: /^4 X/ })).toContainText("Esto no es un RUC");
  await expectAccessible(page);

  await page.getByRole("button", { name: "Importar" }).click();
  await expect(page.getByText("Listo. Los clientes están guardados.")).toBeVisible();
  expect(await counts(page)).toEqual(["2", "0", "0", "0", "1"]);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Bajar las filas con errores" }).click();
  expect((await download).suggestedFilename()).toBe("rechazadas.csv");
  await expectAccessible(page);
  await page.getByRole("link", { name: "Ver los clientes" }).click();
  await expect(page.getByRole("link", { name: "Importada Ñandú, S.A." })).toBeVisible();

  await page.getByRole("link", { name: "Importar" }).click();
  await expectAccessible(page);
  await page.getByRole("link", { name: "clientes.csv" }).click();
  await page.getByRole("button", { name: "Deshacer la importación" }).click();
  await page.getByRole("button", { name: "Deshacer", exact: true }).click();
  await expect(page.getByText("Se borraron 2 clientes.")).toBeVisible();
  await page.goto("/clientes");
  await expect(page.getByRole("link", { name: "Importada Ñandú, S.A." })).toHaveCount(0);
});

test("without a column of names nothing begins, and all or nothing stores nothing", async ({ page }) => {
  await upload(page, LIST, "otros.csv");
  const column = page.getByLabel("Qué es la columna Razón Social");
  await column.selectOption("No importar");
  await page.getByRole("button", { name: "Revisar" }).click();
  await expect(page.getByText("Indica qué columna tiene el nombre del cliente.")).toBeVisible();
  await column.selectOption("Nombre o razón social");
  await page.getByRole("radio", { name: "No guardar ninguna" }).check({ force: true });
  await page.getByRole("button", { name: "Importar" }).click();
  await expect(page.getByText("No se guardó nada, porque hay filas con errores.")).toBeVisible();
});

test("what is no table is refused with a sentence", async ({ page }) => {
  await upload(page, "%PDF-1.7\n\u0000\u0001", "factura.pdf");
  await expect(page.getByRole("alert")).toHaveText(
    "El archivo no es una tabla. Sube un archivo CSV o de Excel (.xlsx).",
  );
});

test("a long import shows how far it is", async ({ page }) => {
  const rows = Array.from({ length: 4000 }, (_, n) => `Larga ${n};8-${(n % 900) + 1}-${n + 1}`);
  await upload(page, ["Nombre;Cédula", ...rows].join("\n"), "larga.csv");
  await page.getByRole("button", { name: "Importar" }).click();
  await expect(page.getByRole("progressbar")).toBeVisible();
  await expect(page.getByText(/^[1-9][\d,.\s]* de 4[\d,.\s]*000 filas$/)).toBeVisible();
  await expectAccessible(page);
  await expect(page.getByText("Listo. Los clientes están guardados.")).toBeVisible({ timeout: 30_000 });
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("the pages fit", async ({ page }) => {
    await upload(page, LIST, "una-lista-de-clientes-con-un-nombre-muy-largo-de-mi-negocio.csv");
    await page.getByRole("button", { name: "Revisar" }).click();
    await expect(page.getByText("Así quedaría. Todavía no se ha guardado nada.")).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await expectAccessible(page);
  });
});
