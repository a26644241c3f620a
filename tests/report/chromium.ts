/** What a page is shown for. */
export interface Theme {
  scheme?: "light" | "dark";
  media?: "screen" | "print";
}

/** A page in headless Chromium, driven over its DevTools protocol. */
export interface BrowserPage {
  /** Opens a file or an address at a width in CSS pixels, and waits until it has loaded. */
  open(path: string, width: number, theme?: Theme): Promise<void>;
  /** The value of an expression in the page, or what it promises. */
  evaluate<Value>(expression: string): Promise<Value>;
  /** A PNG of the whole page, or of so many pixels from `top` on. */
  screenshot(top?: number, height?: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Errors and messages of the console, refused scripts among them, and every request, since open. */
  readonly told: { console: string[]; requests: string[] };
}

interface Message {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** Where Chromium is, if it is installed. */
export async function findChromium(): Promise<string | undefined> {
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      const { code } = await new Deno.Command(name, {
        args: ["--version"],
        stdout: "null",
        stderr: "null",
      }).output();
      if (code === 0) return name;
    } catch {
      // The next name may be there.
    }
  }
}

/**
 * Runs `body` with a page of a Chromium of its own, which has ended when this returns.
 *
 * @param flags for Chromium, besides its usual ones
 */
export async function withChromium(
  program: string,
  body: (page: BrowserPage) => Promise<void>,
  flags: readonly string[] = [],
): Promise<void> {
  const profile = await Deno.makeTempDir({ prefix: "layermix-chromium-" });
  const browser = new Deno.Command(program, {
    args: [
      ...[
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--no-first-run",
        "--disable-dev-shm-usage",
      ],
      ...["--remote-debugging-port=0", `--user-data-dir=${profile}`, ...flags, "about:blank"],
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    const socket = await connect(profile);
    try {
      await body(await pageOf(socket));
    } finally {
      socket.close();
    }
  } finally {
    browser.kill("SIGKILL");
    await browser.status;
    await Deno.remove(profile, { recursive: true }).catch(() => {});
  }
}

/** Chromium writes where it listens into its profile. */
async function connect(profile: string): Promise<WebSocket> {
  for (let tries = 0; tries < 200; tries++) {
    const [port, path] = (await Deno.readTextFile(`${profile}/DevToolsActivePort`).catch(() => ""))
      .split("\n");
    if (port && path) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
      await new Promise((resolve, reject) => {
        socket.onopen = resolve;
        socket.onerror = reject;
      });
      return socket;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("Chromium did not start within 10 seconds");
}

type Send = (method: string, params?: Record<string, unknown>) => Promise<Record<string, unknown>>;

async function pageOf(socket: WebSocket): Promise<BrowserPage> {
  const told: BrowserPage["told"] = { console: [], requests: [] };
  const listeners = new Map<string, () => void>();
  const send = sender(socket, (method, params) => {
    listeners.get(method)?.();
    if (method === "Network.requestWillBeSent") {
      told.requests.push((params.request as { url: string }).url);
    }
    if (/^(Runtime\.(consoleAPICalled|exceptionThrown)|Log\.entryAdded)$/.test(method)) {
      told.console.push(JSON.stringify(params));
    }
  });
  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const call: Send = (method, params = {}) => send(method, { ...params, sessionId });
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await call(`${domain}.enable`);
  return {
    told,
    async open(path, width, { scheme = "light", media = "screen" } = {}) {
      told.console.length = told.requests.length = 0;
      const size = { width, height: 900, deviceScaleFactor: 1, mobile: width < 600 };
      await call("Emulation.setDeviceMetricsOverride", size);
      const features = [{ name: "prefers-color-scheme", value: scheme }];
      await call("Emulation.setEmulatedMedia", { media, features });
      const loaded = new Promise<void>((resolve) => listeners.set("Page.loadEventFired", resolve));
      await call("Page.navigate", { url: path.includes("://") ? path : `file://${path}` });
      await loaded;
    },
    async evaluate<Value>(expression: string) {
      const how = { returnByValue: true, awaitPromise: true };
      const { result, exceptionDetails } = await call("Runtime.evaluate", { expression, ...how });
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
      return (result as { value: Value }).value;
    },
    async screenshot(top = 0, height) {
      const { cssContentSize } = await call("Page.getLayoutMetrics");
      const whole = cssContentSize as { width: number; height: number };
      const clip = { x: 0, y: top, width: whole.width, height: height ?? whole.height, scale: 1 };
      const { data } = await call("Page.captureScreenshot", { clip, captureBeyondViewport: true });
      return Uint8Array.from(atob(data as string), (character) => character.charCodeAt(0));
    },
  };
}

/** Sends commands, and tells of events. */
function sender(
  socket: WebSocket,
  event: (method: string, params: Record<string, unknown>) => void,
): Send {
  let last = 0;
  const waiting = new Map<number, (message: Message) => void>();
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data) as Message;
    if (message.id === undefined) event(message.method!, message.params ?? {});
    else waiting.get(message.id)?.(message);
  };
  return (method, { sessionId, ...params } = {}) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, ({ result, error }) =>
        error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result ?? {}));
      socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
}
