import { expect, test } from "./test";

test("the starter requests are answered", async ({ page }) => {
  await page.goto("/playground");
  const answer = page.locator(".graphiql-response");
  for (const [tab, words] of [
    ["Customers", '"totalCount": 0'],
    ["NewInvoice", '"total": "19.82"'],
    ["Consultar", "MINISTERIO DE EDUCACION"],
  ] as const) {
    await page.getByRole("tab", { name: tab }).click();
    await page.getByRole("button", { name: "Execute query (Ctrl-Enter)" }).click();
    await expect(answer).toContainText(words);
    await expect(answer).not.toContainText('"errors"');
  }
});

test("the schema is documented", async ({ page }) => {
  await page.goto("/graphql");
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  await page.getByRole("link", { name: "Mutation" }).click();
  await expect(page.getByRole("link", { name: "createInvoice", exact: true })).toBeVisible();
});

test.describe("signed out", () => {
  test.use({ signedIn: false });

  test("a key in the headers signs in, too", async ({ page, account }) => {
    await page.goto("/playground");
    await expect(page.getByText("You are not signed in")).toBeVisible();
    await expect(page.getByRole("link", { name: "← Istmo" })).toHaveAttribute("href", "/");
    const run = page.getByRole("button", { name: "Execute query (Ctrl-Enter)" });
    const answer = page.locator(".graphiql-response");
    await run.click();
    await expect(answer).toContainText("UNAUTHENTICATED");

    await page.getByRole("button", { name: "Headers" }).click();
    await page.getByRole("region", { name: "Headers" }).click();
    await page.keyboard.insertText(`{"Authorization": "Bearer ${account.key}"}`);
    await run.click();
    await expect(answer).toContainText('"totalCount"');
  });
});
