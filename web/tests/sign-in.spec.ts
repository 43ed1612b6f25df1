import { runCommand } from "./service";
import { expect, expectAccessible, test } from "./test";

test.use({ signedIn: false });

test("a key signs in, and signing out ends the session", async ({ page, context, account }) => {
  await page.goto("/");
  await expect(page).toHaveURL(/\/sign-in/);
  await expectAccessible(page);

  await page.getByLabel("Clave de API").fill(`${account.key}x`);
  await page.getByRole("button", { name: "Entrar" }).click();
  await expect(page.getByText("no es válida")).toBeVisible();

  await page.getByLabel("Clave de API").fill(account.key);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/inicio$/);
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ name: "istmo_session", httpOnly: true, sameSite: "Strict" });
  expect(await page.evaluate(() => document.cookie)).toBe("");

  await page.getByRole("button", { name: "Salir" }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  const old = { Cookie: `${cookie?.name}=${cookie?.value}` };
  expect((await fetch(`${process.env.ISTMO_URL}/graphql?query={__typename}`, { headers: old })).status).toBe(
    401,
  );
});

test("the link that the service prints signs in, once", async ({ page, context, account }) => {
  const link = process.env.ISTMO_LINK ?? "";
  await page.goto(link);
  await expect(page).toHaveURL(/\/inicio$/);
  await context.clearCookies();
  await page.goto("about:blank");
  await page.goto(link);
  await expect(page.getByText("Este enlace ya se usó o venció")).toBeVisible();
  await expect(page).not.toHaveURL(/token/);

  // Another link, opened in the same tab: only the fragment of its address changes.
  const next = runCommand("sign-in-link", "--account", account.id).match(/http\S+#\S+/)?.[0] ?? "";
  await page.evaluate((hash) => (window.location.hash = hash), new URL(next).hash);
  await expect(page).toHaveURL(/\/inicio$/);
});

test("a page whose session has ended goes on when somebody signs in in another tab", async ({
  page,
  context,
  account,
}) => {
  await account.signIn(context);
  await page.goto("/clientes/nuevo");
  await page.getByLabel("Nombre o razón social").fill("Sigue sola");
  await page.getByRole("radio", { name: "Consumidor final" }).check({ force: true });
  await context.clearCookies();
  await page.getByRole("button", { name: "Guardar", exact: true }).click();
  await expect(page.getByRole("dialog", { name: "Tu sesión terminó" })).toBeVisible();

  const other = await context.newPage();
  await other.goto("/sign-in");
  await other.getByLabel("Clave de API").fill(account.key);
  await other.getByRole("button", { name: "Entrar" }).click();
  await expect(page.getByRole("heading", { name: "Sigue sola" })).toBeVisible();
});
