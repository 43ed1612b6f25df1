import type { Page } from "@playwright/test";
import { expect, test } from "./test";

const answerOf = (page: Page) => page.locator(".graphiql-response");

/** Runs the query of the open tab. GraphiQL shows its button before its editors, and ignores a click until they are there. */
async function execute(page: Page) {
  await expect(page.locator(".graphiql-query-editor .view-line").first()).toBeVisible();
  await expect(answerOf(page).getByRole("textbox")).toBeAttached();
  await page.getByRole("button", { name: "Execute query (Ctrl-Enter)" }).click();
}

test("the starter requests are answered", async ({ page }) => {
  await page.goto("/playground");
  const answer = answerOf(page);
  for (const [tab, words] of [
    ["Customers", '"totalCount": 0'],
    ["NewInvoice", '"total": "19.82"'],
    ["Consultar", "MINISTERIO DE EDUCACION"],
  ] as const) {
    await page.getByRole("tab", { name: tab }).click();
    await execute(page);
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
    const answer = answerOf(page);
    await execute(page);
    await expect(answer).toContainText("UNAUTHENTICATED");

    await page.getByRole("button", { name: "Headers" }).click();
    await page.getByRole("region", { name: "Headers" }).click();
    await page.keyboard.insertText(`{"Authorization": "Bearer ${account.key}"}`);
    await execute(page);
    await expect(answer).toContainText('"totalCount"');
  });
});
