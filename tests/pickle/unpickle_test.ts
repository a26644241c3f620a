import assert from "node:assert/strict";
import { builtins } from "../../lib/pickle/builtins.ts";
import { PickleError, RefusedGlobalError } from "../../lib/pickle/error.ts";
import { NumpyArray, numpyGlobals } from "../../lib/pickle/numpy.ts";
import { unpickle } from "../../lib/pickle/unpickle.ts";
import { ascii, goldenPickles } from "./values.ts";

const globals = new Map([...builtins, ...numpyGlobals]);
const read = (bytes: Uint8Array | string) =>
  unpickle(typeof bytes === "string" ? ascii(bytes) : bytes, { globals }).value;

for (const [protocol, bytes] of goldenPickles("values")) {
  Deno.test(`unpickle() reads values of all kinds from Python's protocol ${protocol}`, () => {
    const { array, loop, ...values } = Object.fromEntries(read(bytes) as Map<string, unknown>);
    assert.deepEqual(values, {
      none: null,
      bools: [true, false],
      ints: [0, 255, 256, 65535, 65536, -1, -(2 ** 31), 2 ** 31, 2 ** 40, -(2 ** 52)],
      longs: [2n ** 64n, -(2n ** 70n)],
      floats: [0.5, -0, 1e300, Infinity, -Infinity, NaN],
      text: ["", "plain", "ünï\\u0041 \u{1f600}\nline"],
      bytes: [new Uint8Array(0), Uint8Array.of(0, 255, 10, 39, 34), Uint8Array.of(120)],
      tuples: [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]],
      sets: [new Set([1]), new Set(["a"]), new Set()],
      dict: new Map<unknown, unknown>([
        [1, "one"],
        ["__proto__", new Map([["polluted", true]])],
      ]),
      ordered: new Map([["b", 1], ["a", 2]]),
      counter: new Map([["x", 3]]),
      default: new Map([["k", [1]]]),
      scalar: 1.25,
      bytearray: ascii("abc"),
      shared: [[1], [1]],
    });
    const [first, second] = values.shared as unknown[];
    assert.equal(first, second);
    assert.equal((loop as unknown[])[0], loop);
    assert(array instanceof NumpyArray);
    assert.deepEqual([array.shape, array.type.code], [[2, 3], "f4"]);
    assert.equal(array.type.read(array.bytes, 5), 5);
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });
}

Deno.test("unpickle() reads what Python 2 wrote", () => {
  const value = read("(dp0\nS'a\\x41\\n\\'\\\\'\np1\nL12345678901234567890L\nsU\x01bI01\ns.");
  assert.deepEqual(
    [...value as Map<unknown, unknown>],
    [["aA\n'\\", 12345678901234567890n], ["b", true]],
  );
});

Deno.test("unpickle() refuses every other global by its name, however it is named", () => {
  const cases: [string, string][] = [
    ["cposix\nsystem\nX\x0b\0\0\0touch pwned\x85R.", "posix.system"],
    ["\x80\x04\x8c\x02os\x8c\x06system\x93.", "os.system"],
    ["(S'touch pwned'\nios\nsystem\n.", "os.system"],
    ["(cbuiltins\neval\nS'1'\no.", "builtins.eval"],
    ["c__builtin__\ngetattr\n.", "__builtin__.getattr"],
    ["ccollections\nOrderedDict.__init__\n.", "collections.OrderedDict.__init__"],
    ["cnumpy\nload\n.", "numpy.load"],
    ["c\n__proto__\n.", ".__proto__"],
  ];
  for (const [text, name] of cases) {
    assert.throws(() => read(text), (error) => {
      assert(error instanceof RefusedGlobalError, String(error));
      assert.equal(error.global, name);
      assert.match(error.message, /^[^\n]*layermix refuses to run \S*$/);
      return true;
    });
  }
  assert.throws(() => read(`c${"x".repeat(4000)}\ny\n.`), /refuses to run x{100}\.\.\.$/);
});

Deno.test("unpickle() refuses damaged pickles, and says how", () => {
  const cases: [string, RegExp][] = [
    ["", /1 more bytes at byte 0/],
    [".", /empty stack/],
    ["(.", /empty stack/],
    ["K\x01", /more bytes/],
    ["\xff.", /the byte 255 at 0, which is no instruction/],
    ["\x80\x06N.", /protocol 0 to 5 but found protocol 6/],
    ["B\xff\xff\xff\xff.", /4294967295 more bytes/],
    ["\x8e\xff\xff\xff\xff\xff\xff\xff\xff.", /more bytes/],
    ["X\x01\0\0\0\xff.", /UTF-8/],
    ["t.", /a mark but found none/],
    ["h\x07.", /no memo 7/],
    ["N(K\x01s.", /empty stack/],
    ["]K\x01K\x02s.", /a dictionary to add to/],
    ["}(K\x01u.", /keys with values/],
    ["}K\x01a.", /a list or tuple but found a dictionary/],
    ["(K\x01K\x02)\x90.", /empty stack|a mark|a set/],
    ["I1x\n.", /a whole number/],
    ["Fzero\n.", /a number/],
    ["S'a\n.", /text in quotes/],
    ["Smissing\n.", /text in quotes/],
    ["S'\\q'\n.", /a known escape/],
    ["\x8b\0\x10\0\0" + "\x01".repeat(4096) + ".", /a number of at most 256 bytes/],
    [`L${"9".repeat(5000)}L\n.`, /at most 4096 bytes/],
    ["K\x01)R.", /a function to call but found 1/],
    ["cnumpy\nndarray\n)R.", /no call of numpy\.ndarray/],
    ["cnumpy\ndtype\nU\x02O8\x85R.", /an element type of numbers but found "O8"/],
    ["cnumpy\ndtype\nU\x02V8\x85R.", /an element type of numbers/],
    ["K\x01K\x02b.", /a value with state/],
    ["Nq\0Q.", /a persistent id/],
    ["c_codecs\nencode\nX\x02\0\0\0\xc4\x80U\x06latin1\x86R.", /latin1 text/],
    ["c_codecs\nencode\nX\x01\0\0\0aU\x05rot13\x86R.", /encoded as latin1 but found "rot13"/],
    ["ccollections\nOrderedDict\n]]K\x01aa\x85R.", /a key and a value but found 1 values/],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => read(text), (error) => {
      assert(error instanceof PickleError, `${JSON.stringify(text)}: ${error}`);
      assert.match(error.message, message);
      assert.match(error.message, /^expected [^\n]+ but found [^\n]+$/);
      assert(error.message.length < 300);
      return true;
    });
  }
});

Deno.test("unpickle() refuses arrays whose bytes are not what their shape says", () => {
  const array = (shape: string, bytes: string) =>
    `cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\x85U\x01btR(K\x01${shape}` +
    `cnumpy\ndtype\nU\x02u1\x85R\x89${bytes}tb.`;
  assert.deepEqual((read(array("K\x02\x85", "U\x02ab")) as NumpyArray).bytes, ascii("ab"));
  assert.throws(() => read(array("K\x03\x85", "U\x02ab")), /3 bytes in an array of shape \[3\]/);
  assert.throws(() => read(array("J\xff\xff\xff\xff\x85", "U\x02ab")), /from 0 on but found -1/);
  const huge = "\x8a\x07\0\0\0\0\0\0\x10";
  assert.throws(() => read(array(`${huge}${huge}\x86`, "U\x02ab")), /a size that a file can hold/);
});

Deno.test("unpickle() neither recurses nor allocates without bound", () => {
  const deep = read("]".repeat(300_000) + "a".repeat(299_999) + ".");
  assert.equal((deep as unknown[]).length, 1);
  const list = `](${"N".repeat(5000)}e`;
  const hungry = [
    // A text of 60 kB that is encoded again and again, at 5 bytes of pickle for each copy.
    `X\x60\xea\0\0${"a".repeat(60_000)}X\x06\0\0\0latin1\x86q\0c_codecs\nencode\nq\x01` +
    "h\x01h\0R".repeat(2000),
    `${list}\x85q\x010cbuiltins\nlist\nq\x02${"h\x02h\x01R".repeat(5000)}`,
    `${list}\x85q\x010cbuiltins\nset\nq\x02${"h\x02h\x01R".repeat(5000)}`,
    "}".repeat(200_000),
    "N" + "\x94".repeat(1_200_000),
  ];
  for (const text of hungry) assert.throws(() => read(`${text}.`), /it asks for far more memory/);
});
