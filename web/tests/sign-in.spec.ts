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
  await expect(page).toHaveURL(/\/clientes$/);
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

test("the link that the service prints signs in, once", async ({ page, context }) => {
  const link = process.env.ISTMO_LINK ?? "";
  await page.goto(link);
  await expect(page).toHaveURL(/\/clientes$/);
  await context.clearCookies();
  await page.goto("about:blank");
  await page.goto(link);
  await expect(page.getByText("Este enlace ya se usó o venció")).toBeVisible();
  await expect(page).not.toHaveURL(/token/);
});
