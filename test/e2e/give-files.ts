import type { Page } from "playwright";
import type { GivenFile } from "./pictures.ts";

/** Drops or pastes files on the page, or on what `on` selects of it, as a visitor's browser would tell it. */
export async function giveFiles(
  page: Page,
  how: "drop" | "paste",
  files: readonly GivenFile[],
  on = "body",
): Promise<void> {
  const carried = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, base64: buffer.toString("base64") }));
  await page.evaluate(
    ({ how, carried, on }) => {
      const transfer = new DataTransfer();
      for (const { name, mimeType, base64 } of carried) {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type: mimeType }));
      }
      const reach = { bubbles: true, cancelable: true };
      document
        .querySelector(on)!
        .dispatchEvent(
          how === "drop"
            ? new DragEvent("drop", { ...reach, dataTransfer: transfer })
            : new ClipboardEvent("paste", { ...reach, clipboardData: transfer }),
        );
    },
    { how, carried, on },
  );
}
