import type { BrowserPage } from "../report/chromium.ts";

/** Flags for Chromium's own software adapter. */
export const webgpu = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** Whether Chromium has an adapter: its packages for some systems come without one. */
export async function hasAdapter(page: BrowserPage): Promise<boolean> {
  const found = await page.evaluate<boolean>(
    "navigator.gpu?.requestAdapter().then((adapter) => adapter !== null) ?? false",
  );
  if (!found) console.log("skipped: this chromium has no software adapter");
  return found;
}
