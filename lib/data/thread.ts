/** What a worker says: an answer, or why it cannot go on. */
export type ThreadReply<Reply> = { answer: Reply } | { failure: string };

/** A worker that answers one request after another, in their order. */
export interface Thread<Request, Reply> {
  /** How many requests are not answered yet. */
  readonly waiting: number;
  /** @throws {Error} where the worker fails, or was ended */
  ask(request: Request): Promise<Reply>;
  /** Ends the worker, whatever it does. */
  end(): void;
}

/**
 * Sets a worker up that `serve()` answers in.
 *
 * @param task what an error says failed, such as "Packing"
 * @param setup sent first, and once
 */
export function openThread<Setup, Request, Reply>(
  worker: Worker,
  task: string,
  setup: Setup,
): Thread<Request, Reply> {
  const waiting: PromiseWithResolvers<Reply>[] = [];
  let failure: Error | undefined;
  const fail = (why: string) => {
    failure ??= new Error(`${task} failed: ${why}`);
    for (const { reject } of waiting.splice(0)) reject(failure);
  };
  worker.onmessage = ({ data }: MessageEvent<ThreadReply<Reply>>) => {
    if ("failure" in data) fail(data.failure);
    else waiting.shift()?.resolve(data.answer);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    fail(event.message);
  };
  worker.postMessage(setup);
  return {
    get waiting() {
      return waiting.length;
    },
    async ask(request) {
      if (failure) throw failure;
      const reply = Promise.withResolvers<Reply>();
      waiting.push(reply);
      worker.postMessage(request);
      return await reply.promise;
    },
    end() {
      fail("its thread was ended");
      worker.terminate();
    },
  };
}
