import { readFile } from "node:fs/promises";
import type { Download, Page } from "@playwright/test";
import { expect, expectAccessible, test } from "./test";

const CREATE = `mutation($input: CustomerInput!) { createCustomer(input: $input) { customer { id } userErrors { code } } }`;

async function download(page: Page, name: string): Promise<Download> {
  const [started] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name }).click(),
  ]);
  return started;
}

test("a list is downloaded as it is filtered, in the order that is shown", async ({ page, account }) => {
  for (const name of ["Bajada Tucán", "Bajada Ñandú", "Otra cosa"]) {
    await account.request(CREATE, { input: { receiverType: "FINAL_CONSUMER", name } });
  }
  await page.goto("/clientes?q=bajada&orden=-nombre");
  await expect(page.getByText("2 clientes")).toBeVisible();
  const menu = page.getByText("Descargar", { exact: true });
  await menu.click();
  await expect(page.getByRole("link", { name: "Excel (.xlsx)" })).toBeVisible();
  await expectAccessible(page);
  const file = await download(page, "CSV con punto y coma");
  expect(file.suggestedFilename()).toMatch(/^clientes-\d{4}-\d{2}-\d{2}\.csv$/);
  const lines = (await readFile(await file.path(), "utf8")).split("\r\n").filter(Boolean);
  expect(lines.map((line) => line.split(";")[0])).toEqual([
    "\uFEFFNombre o razón social",
    "Bajada Tucán",
    "Bajada Ñandú",
  ]);
  await expect(page.getByRole("link", { name: "Excel (.xlsx)" })).toBeHidden();

  await menu.click();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("link", { name: "Excel (.xlsx)" })).toBeHidden();
  await expect(menu).toBeFocused();
  await menu.click();
  const sheet = await download(page, "Excel (.xlsx)");
  expect((await readFile(await sheet.path())).subarray(0, 2).toString()).toBe("PK");
});

for (const [path, name] of [
  ["/facturas", "facturas"],
  ["/facturas/notas-de-credito", "notas-de-crédito"],
] as const) {
  test(`the list at ${path} is downloaded in English, too`, async ({ page }) => {
    await page.goto(path);
    await page.getByText("Descargar", { exact: true }).click();
    expect((await download(page, "JSON, una línea por fila")).suggestedFilename()).toContain(name);
    await page.evaluate(() => localStorage.setItem("istmo.language", "en"));
    await page.reload();
    await page.getByText("Download", { exact: true }).click();
    const file = await download(page, "CSV with commas");
    expect(await readFile(await file.path(), "utf8")).toContain("Document type,Branch,Billing point");
  });
}

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 740 } });

  test("the choice of files stays within the page", async ({ page }) => {
    await page.goto("/facturas");
    await page.getByText("Descargar", { exact: true }).click();
    const box = await page.getByRole("link", { name: "JSON, una línea por fila" }).boundingBox();
    expect(box && box.x >= 0 && box.x + box.width <= 390).toBe(true);
    await expectAccessible(page);
  });
});

test("an administrator downloads all data of the account", async ({ page }) => {
  await page.goto("/cuenta");
  await expect(page.getByRole("heading", { name: "Todos los datos" })).toBeVisible();
  const file = await download(page, "Descargar todos los datos");
  expect(file.suggestedFilename()).toMatch(/^istmo-.*\.zip$/);
  expect((await readFile(await file.path())).includes("manifest.json")).toBe(true);
  await expectAccessible(page);
});
