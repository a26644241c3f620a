import type { ThreadReply } from "./thread.ts";

/** What is answered, and the memory that is handed over with it. */
export interface Answer<Reply> {
  answer: Reply;
  transfer?: Transferable[];
}

/** What a worker does. */
export interface Service<Setup, Request, Reply> {
  /** Takes what is sent first. */
  setUp(setup: Setup): void;
  answer(request: Request): Promise<Answer<Reply>>;
}

/** What a worker's global scope is, as far as it is used here. */
interface Scope<Message, Reply> {
  onmessage: (event: MessageEvent<Message>) => void;
  postMessage(reply: ThreadReply<Reply>, transfer?: Transferable[]): void;
}

/**
 * Answers the requests of `openThread()`, in a worker, one after another: a source of pictures may use
 * the memory of one for the next.
 */
export function serve<Setup, Request, Reply>(
  { setUp, answer }: Service<Setup, Request, Reply>,
): void {
  const scope = globalThis as unknown as Scope<Setup | Request, Reply>;
  let turn = Promise.resolve();
  const reply = async (request: Request) => {
    try {
      const { answer: found, transfer = [] } = await answer(request);
      scope.postMessage({ answer: found }, transfer);
    } catch (error) {
      scope.postMessage({ failure: String(error) });
    }
  };
  scope.onmessage = ({ data }) => {
    setUp(data as Setup);
    scope.onmessage = ({ data }) => void (turn = turn.then(() => reply(data as Request)));
  };
}
