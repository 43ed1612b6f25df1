/** The sandbox's own page, of a sandbox that no other test uses. */

import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, expectAccessible, test } from "./test";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const RECEIVER = { tipoClienteFE: "02", razonSocial: "Ana Ñandú", pais: "PA" };

test.use({ signedIn: false, baseURL: async ({}, use) => use(process.env.ISTMO_SANDBOX_PAGE) });
test.describe.configure({ mode: "serial" });

let sandbox: ChildProcess;
let token = "";

const post = (path: string, body: object) =>
  fetch(process.env.ISTMO_SANDBOX_PAGE + path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });

async function findPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test.beforeAll(async () => {
  const port = await findPort();
  process.env.ISTMO_SANDBOX_PAGE = `http://127.0.0.1:${port}`;
  sandbox = spawn(join(checkout, ".venv/bin/python"), ["server.py", "sandbox", "--port", String(port)], {
    cwd: checkout,
    stdio: "ignore",
  });
  await expect(async () => {
    const registered = await post("/sandbox/issuers", {
      ...{ tokenEmpresa: "empresa", tokenPassword: "clave", ruc: "999999101-2-2026", dv: "81" },
      taxpayerType: "JURIDICAL",
    });
    expect(registered.status).toBe(200);
  }).toPass({ timeout: 30_000 });
  const signedIn = await post("/api/Autenticacion", { usuario: "empresa", clave: "clave" });
  token = (await signedIn.json()).token;
});

test.afterAll(() => {
  sandbox.kill("SIGTERM");
});

async function send(number: number): Promise<string> {
  const emittedAt = new Date(Date.now() - 5 * 3_600_000).toISOString().slice(0, 19);
  const sums = { totalFactura: "5.00", totalValorRecibido: "5.00", totalTodosItems: "5.00" };
  const amounts = { cantidad: "1.00", precioUnitario: "5.00", precioItem: "5.00", valorTotal: "5.00" };
  const ways = { formatoCAFE: "3", entregaCAFE: "2", envioContenedor: "1", procesoGeneracion: "1" };
  const answer = await post("/api/Enviar", {
    documento: {
      codigoSucursalEmisor: "0000",
      datosTransaccion: {
        tipoEmision: "01",
        tipoDocumento: "01",
        numeroDocumentoFiscal: String(number).padStart(10, "0"),
        puntoFacturacionFiscal: "001",
        fechaEmision: `${emittedAt}-05:00`,
        ...{ naturalezaOperacion: "01", tipoOperacion: "1", destinoOperacion: "1", ...ways },
        cliente: RECEIVER,
      },
      listaItems: [{ descripcion: "Café", ...amounts, tasaITBMS: "00", valorITBMS: "0.00" }],
      totalesSubTotales: {
        ...{ totalPrecioNeto: "5.00", totalITBMS: "0.00", totalMontoGravado: "0.00", ...sums },
        ...{ tiempoPago: "1", nroItems: "1" },
        listaFormaPago: [{ formaPagoFact: "02", valorCuotaPagada: "5.00" }],
      },
    },
  });
  const { codigo, cufe, mensaje } = await answer.json();
  expect(codigo, mensaje).toBe("200");
  return cufe;
}

test("it says that it is a test and lists the documents", async ({ page }) => {
  await page.goto("/sandbox");
  await expect(page.getByRole("banner")).toHaveText(/nada de lo que ves aquí tiene valor fiscal/);
  await expect(page.getByText("Todavía no hay documentos autorizados.")).toBeVisible();
  await expectAccessible(page);
  const cufe = await send(1);
  await page.getByRole("link", { name: "Actualizar" }).click();
  const row = page.getByRole("row", { name: /0000-001-0000000001/ });
  await expect(row).toContainText("B/. 5.00");
  await expect(row).toContainText("Autorizado");
  await expect(row.getByRole("link")).toHaveAttribute(
    "href",
    `https://dgi-fep-test.mef.gob.pa:40001/Consultas/FacturasPorCUFE/${cufe}`,
  );
  await expectAccessible(page);
});

test("faults are put and taken away, and a wrong value is shown at its field", async ({ page }) => {
  await page.goto("/sandbox");
  await page.getByLabel("Rechazo", { exact: true }).fill("2152,1");
  await page.getByLabel("Demora").fill("mucho");
  await page.getByRole("button", { name: "Aplicar" }).click();
  await expect(page.getByRole("alert")).toHaveText(/No se aplicó nada/);
  await expect(page.getByLabel("Demora")).toHaveAccessibleDescription(/no se entiende/);
  await expect(page.getByLabel("Rechazo", { exact: true })).toHaveValue("2152,1");
  await expectAccessible(page);
  await page.getByLabel("Demora").fill("");
  await page.getByRole("button", { name: "Aplicar" }).click();
  await expect(page.getByRole("status")).toHaveText("Cambios aplicados.");
  await expect(page.getByText("Fallas puestas: Rechazo: 2152,1")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Quitar todas las fallas" }).click();
  await expect(page.getByText("Ninguna falla puesta.")).toBeVisible();
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test("nothing but the table is wider than the screen", async ({ page }) => {
    await page.goto("/sandbox");
    await expect(page.getByRole("region", { name: "Documentos" })).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await expectAccessible(page);
  });
});
