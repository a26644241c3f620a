import { deepEqual, equal, match, ok } from "node:assert/strict";
import { buildPage } from "../../packaging/browser.ts";
import { createAugmenter, fractals, type MethodName, mixingPictures } from "../../browser.ts";
import { withFolder } from "../data/folder.ts";
import { gpuTest } from "../gpu.ts";
import { type BrowserPage, findChromium, withChromium } from "../report/chromium.ts";

const SIDE = 224, DRAWS = 8;
const chromium = await findChromium();
if (!chromium) console.log("skipped: there is no chromium here to open the page in");

/** Chromium's own software adapter. */
const webgpu = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** Serves the page, and lets `body` use it in Chromium. */
function withPage(flags: string[], body: (page: BrowserPage, url: string) => Promise<void>) {
  return withFolder(async (folder) => {
    await buildPage(folder);
    const types: Record<string, string> = { html: "text/html", js: "text/javascript" };
    const server = Deno.serve(
      { port: 0, hostname: "localhost", onListen() {} },
      async (request) => {
        const name = new URL(request.url).pathname.slice(1) || "index.html";
        const type = types[name.split(".").pop()!] ?? "text/css";
        const content = await Deno.readFile(`${folder}/${name}`);
        return new Response(content, { headers: { "content-type": type } });
      },
    );
    try {
      const url = `http://localhost:${server.addr.port}/`;
      await withChromium(chromium!, (page) => body(page, url), flags);
    } finally {
      await server.shutdown();
    }
  });
}

/** The page's state and message, once it has nothing under way. */
async function settled(page: BrowserPage): Promise<{ state: string; text: string }> {
  for (let tries = 0; tries < 600; tries++) {
    const found = await page.evaluate<{ state: string; text: string }>(
      "({ state: document.body.dataset.state, text: document.querySelector('#status').textContent })",
    );
    if (found.state === "ready" || found.state === "failed") return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("The page did not settle within a minute");
}

/** Gives an input of the page a value, as a user does. */
async function enter(page: BrowserPage, name: string, value: string | number): Promise<void> {
  await page.evaluate(`{
    const input = document.querySelector("#${name}");
    input.value = ${JSON.stringify(String(value))};
    document.body.dataset.state = "entered";
    input.dispatchEvent(new Event("input"));
  }`);
}

/** Bytes r, g, b, 255 of the canvases that a selector finds. */
async function pixelsOf(page: BrowserPage, selector: string): Promise<Uint8Array> {
  const text = await page.evaluate<string>(`[...document.querySelectorAll("${selector}")].map(
    (canvas) => new Uint8Array(canvas.getContext("2d").getImageData(0, 0, ${SIDE}, ${SIDE}).data.buffer).toBase64()
  ).join()`);
  const parts = text.split(",").map((part) => Uint8Array.fromBase64(part));
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** What Deno's adapter draws of the page's picture, rounded as the page's canvases do. */
async function drawn(picture: Uint8Array, method: MethodName, settings: object) {
  const pictures = fractals(8, 96, 1).map(({ picture }) => picture);
  const mixing = method === "layermix" ? { mixing: mixingPictures(pictures, 256) } : {};
  using augmenter = await createAugmenter(
    {
      ...{ method, width: SIDE, height: SIDE, batch: DRAWS, padding: 28, ...mixing, ...settings },
    } as Parameters<typeof createAugmenter>[0],
  );
  const batch = new Uint8Array(DRAWS * picture.length);
  for (let i = 0; i < DRAWS; i++) batch.set(picture, i * picture.length);
  const rgb = await (await augmenter.augment(batch, [...Array(DRAWS).keys()], 0)).read();
  return Uint8ClampedArray.from(rgb, (value) => 255 * value);
}

/** Asserts that no two bytes are more than `most` apart, and few are apart at all. */
function assertNear(found: Uint8Array, expected: Uint8ClampedArray, most: number, name: string) {
  equal(found.length / 4, expected.length / 3);
  let different = 0, largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const apart = Math.abs(found[4 * Math.floor(i / 3) + i % 3]! - expected[i]!);
    different += Number(apart > 0);
    largest = Math.max(largest, apart);
  }
  console.log(name, different, largest, expected.length);
  ok(largest <= most, `${name}: ${different} bytes are up to ${largest} apart`);
}

gpuTest("x", async () => {
  await withPage(webgpu, async (page, url) => {
    await page.open(url, 1200);
    const { state, text } = await settled(page);
    equal(state, "ready", text);
    match(text, /ready in \d+ ms, 8 pictures in \d+ ms$/);
    const picture = await pixelsOf(page, "#original");
    for (const method of ["layermix", "augmix", "cutmix", "baseline"] as const) {
      await enter(page, "method", method);
      await settled(page);
      const own = method === "layermix" ? { magnitude: 3, blendingRatio: 3 } : {};
      assertNear(
        await pixelsOf(page, "#results canvas"),
        await drawn(picture, method, { seed: 1, ...own }),
        255,
        method,
      );
    }
    deepEqual(page.told.console, []);
  });
});
