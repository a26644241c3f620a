import { deepEqual, equal, match, ok } from "node:assert/strict";
import { buildPage } from "../../packaging/browser.ts";
import { createAugmenter, fractals, type MethodName, mixingPictures } from "../../browser.ts";
import { encodePng } from "../../lib/data/picture_file.ts";
import { withFolder } from "../data/folder.ts";
import { gpuTest } from "../gpu.ts";
import { type BrowserPage, findChromium, withChromium } from "../report/chromium.ts";
import { hasAdapter, webgpu } from "./adapter.ts";

const SIDE = 224, DRAWS = 8;
const chromium = await findChromium();
if (!chromium) console.log("skipped: there is no chromium here to open the page in");

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

/** Asserts that no two bytes are more than one apart, and few at all: adapters round on their own. */
function assertNear(found: Uint8Array, expected: Uint8ClampedArray, name: string): void {
  equal(found.length / 4, expected.length / 3);
  let different = 0, largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const apart = Math.abs(found[4 * Math.floor(i / 3) + i % 3]! - expected[i]!);
    different += Number(apart > 0);
    largest = Math.max(largest, apart);
  }
  ok(
    largest <= 1 && different < expected.length / 1000,
    `${name}: ${different} of ${expected.length} bytes are up to ${largest} apart`,
  );
}

/** A test in Chromium, which is left out where there is none; Deno draws for comparison. */
function pageTest(name: string, flags: string[], body: Parameters<typeof withPage>[1]): void {
  gpuTest(name, async () => {
    if (!chromium) return console.log("skipped: there is no chromium here");
    await withPage(flags, body);
  });
}

pageTest(
  "the page draws in Chromium what Deno draws, without an error",
  webgpu,
  async (page, url) => {
    await page.open(url, 1200);
    if (!await hasAdapter(page)) return;
    const { state, text } = await settled(page);
    equal(state, "ready", text);
    match(text, /: ready in \d+ ms, 8 pictures in \d+ ms$/);
    const picture = await pixelsOf(page, "#original");
    const compare = async (method: MethodName, settings: object) =>
      assertNear(
        await pixelsOf(page, "#results canvas"),
        await drawn(picture, method, settings),
        `${method} ${JSON.stringify(settings)}`,
      );
    await compare("layermix", { magnitude: 3, blendingRatio: 3, seed: 1 });
    await enter(page, "magnitude", 6.5);
    await enter(page, "blendingRatio", 1.5);
    await enter(page, "seed", 9);
    await settled(page);
    await compare("layermix", { magnitude: 6.5, blendingRatio: 1.5, seed: 9 });
    equal(await shownSettings(page), "magnitude,blendingRatio");
    await enter(page, "method", "augmix");
    await settled(page);
    await compare("augmix", { magnitude: 6.5, seed: 9 });
    equal(await shownSettings(page), "magnitude");
    await enter(page, "method", "cutmix");
    await settled(page);
    await compare("cutmix", { seed: 9 });
    equal(await shownSettings(page), "");
    deepEqual(page.told.console, []);
    ok(page.told.requests.every((address) => address.startsWith(url) || address === "data:,"));
  },
);

/** Which settings besides the seed have sliders. */
async function shownSettings(page: BrowserPage): Promise<string> {
  return await page.evaluate(
    "[...document.querySelectorAll('[data-setting]')].filter((one) => !one.hidden).map((one) => one.dataset.setting).join()",
  );
}

/** Chooses a file, as a user does. */
async function choose(page: BrowserPage, name: string, content: Uint8Array): Promise<void> {
  await page.evaluate(`{
    const chosen = new DataTransfer();
    chosen.items.add(new File([Uint8Array.fromBase64("${content.toBase64()}")], "${name}"));
    const input = document.querySelector("#file");
    input.files = chosen.files;
    document.body.dataset.state = "entered";
    input.dispatchEvent(new Event("change"));
  }`);
}

pageTest("a picture file is drawn, and another file refused", webgpu, async (page, url) => {
  await page.open(url, 360, { scheme: "dark" });
  if (!await hasAdapter(page)) return;
  await settled(page);
  await enter(page, "method", "baseline");
  await settled(page);
  ok(await page.evaluate<number>("document.documentElement.scrollWidth") <= 360);
  const before = await pixelsOf(page, "#results canvas");
  await choose(page, "notes.txt", new TextEncoder().encode("no picture"));
  deepEqual(await settled(page), {
    state: "failed",
    text: "Cannot read notes.txt: expected a picture that this browser can show",
  });
  await choose(page, "cut.png", encodePng(square(300, 200)).subarray(0, 40));
  equal((await settled(page)).state, "failed");
  deepEqual(await pixelsOf(page, "#results canvas"), before);
  await choose(page, "red.png", encodePng(square(300, 200)));
  const { state, text } = await settled(page);
  equal(state, "ready", text);
  const red = await pixelsOf(page, "#original");
  deepEqual([...red.subarray(0, 8)], [200, 10, 20, 255, 200, 10, 20, 255]);
  const augmented = await pixelsOf(page, "#results canvas");
  const center = 4 * (SIDE * SIDE / 2 + SIDE / 2);
  deepEqual([...augmented.subarray(center, center + 4)], [200, 10, 20, 255]);
  deepEqual(page.told.console, []);
});

/** A picture of one color. */
function square(width: number, height: number) {
  const rgba = new Uint8Array(4 * width * height).map((_, i) => [200, 10, 20, 255][i % 4]!);
  return { width, height, rgba };
}

pageTest("without an adapter the page says what it needs", [], async (page, url) => {
  await page.open(url, 800);
  const { state, text } = await settled(page);
  equal(state, "failed");
  equal(
    text,
    "This page needs a browser with WebGPU. Cannot find a WebGPU adapter: switch hardware " +
      "acceleration on, and open the page by https or on localhost.",
  );
  // The picture is there all the same. The browser itself says that it has no adapter.
  ok((await pixelsOf(page, "#original")).some((byte) => byte !== 0));
  ok(page.told.console.every((entry) => entry.includes("No available adapters")));
});
