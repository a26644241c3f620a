/** What a server answers to one request; it closes the connection after it. */
export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: Uint8Array;
  /** Sent as `content-length`, true or not; by default the body's length. */
  length?: number;
  /** Milliseconds between the fifths of the body. */
  pause?: number;
  /** Send nothing more, but leave it to the client to close the connection. */
  isStalling?: boolean;
}

/** What was asked for. */
export interface Request {
  path: string;
  /** The first byte of the range that was asked for, if one was. */
  from?: number;
  headers: Headers;
}

/**
 * A server on this machine that answers as it is told, even by what is no right HTTP, for as long as
 * `use` takes; `requests` are those it got.
 */
export async function withServer(
  answer: (request: Request, number: number) => Answer,
  use: (address: string, requests: Request[]) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const requests: Request[] = [];
  const serving = (async () => {
    for await (const connection of listener) {
      const request = await readRequest(connection);
      if (request) {
        requests.push(request);
        await respond(connection, answer(request, requests.length - 1)).catch(() => {});
      }
      connection.close();
    }
  })();
  try {
    await use(`http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`, requests);
  } finally {
    listener.close();
    await serving;
  }
}

async function readRequest(connection: Deno.Conn): Promise<Request | undefined> {
  let text = "";
  const buffer = new Uint8Array(4096);
  while (!text.includes("\r\n\r\n")) {
    const count = await connection.read(buffer);
    if (count === null) return undefined;
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  const [first, ...lines] = text.split("\r\n");
  const headers = new Headers(
    lines.filter(Boolean).map((line) => line.split(/: (.*)/).slice(0, 2) as [string, string]),
  );
  const from = /bytes=(\d+)-/.exec(headers.get("range") ?? "")?.[1];
  return { path: first!.split(" ")[1]!, headers, ...(from ? { from: Number(from) } : {}) };
}

async function respond(connection: Deno.Conn, answer: Answer): Promise<void> {
  const { status = 200, headers = {}, body = new Uint8Array() } = answer;
  const { length = body.length } = answer;
  const lines = Object.entries({
    ...(headers["transfer-encoding"] ? {} : { "content-length": `${length}` }),
    ...headers,
    connection: "close",
  })
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const head = new TextEncoder().encode(`HTTP/1.1 ${status} X\r\n${lines.join("")}\r\n`);
  const fifth = Math.ceil(body.length / 5);
  const parts = [0, 1, 2, 3, 4].map((i) => body.subarray(i * fifth, (i + 1) * fifth));
  for (const bytes of [head, ...parts]) {
    if (answer.pause) await new Promise((resolve) => setTimeout(resolve, answer.pause));
    for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
  }
  if (answer.isStalling) await connection.read(new Uint8Array(1));
}

/** The part of `whole` that was asked for, as a server that knows ranges answers. */
export function ranged(whole: Uint8Array, { from }: Request, tag = '"a"'): Answer {
  const headers = { etag: tag };
  if (from === undefined) return { headers, body: whole };
  const range = `bytes ${from}-${whole.length - 1}/${whole.length}`;
  return {
    status: 206,
    headers: { ...headers, "content-range": range },
    body: whole.subarray(from),
  };
}
