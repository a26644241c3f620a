import assert from "node:assert/strict";
import {
  encodeNpyHeader,
  type NpyExpectation,
  openNpy,
  readNpyIntegers,
} from "../../lib/data/npy.ts";

/** As `numpy.save` wrote `numpy.arange(6, dtype="<u2").reshape(3, 2)`, header of version 1. */
const header = "{'descr': '<u2', 'fortran_order': False, 'shape': (3, 2), }";

function npy(
  text: string,
  values: Uint8Array,
  { version = 1, pad = 128 } = {},
): Uint8Array {
  const first = version === 1 ? 10 : 12;
  const length = pad - first;
  const bytes = new Uint8Array(pad + values.length).fill(0x20, 0, pad);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), version, 0, length & 255, length >> 8]);
  if (version > 1) bytes.set([0, 0], 10);
  bytes.set(new TextEncoder().encode(text), first);
  bytes[pad - 1] = 0x0a;
  bytes.set(values, pad);
  return bytes;
}

const values = new Uint8Array(Uint16Array.of(0, 1, 2, 3, 4, 5).buffer);

async function withFile<T>(bytes: Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  const path = await Deno.makeTempFile({ suffix: ".npy" });
  try {
    await Deno.writeFile(path, bytes);
    return await use(path);
  } finally {
    await Deno.remove(path);
  }
}

for (const version of [1, 2, 3]) {
  Deno.test(`openNpy reads rows of a version ${version} file`, () =>
    withFile(npy(header, values, { version }), async (path) => {
      const file = await openNpy(path, { types: ["<u2"], shape: [null, 2] });
      assert.deepEqual([file.type, file.shape, file.rowBytes], ["<u2", [3, 2], 4]);
      assert.deepEqual([...await file.read(1, 2)], [2, 0, 3, 0, 4, 0, 5, 0]);
      assert.deepEqual([...await file.read(3, 0)], []);
      await assert.rejects(file.read(2, 2), RangeError);
      await file.close();
    }));
}

Deno.test("encodeNpyHeader writes the bytes that numpy.save writes", () => {
  const text = "{'descr': '|u1', 'fortran_order': False, 'shape': (50000, 32, 32, 3), }";
  const expected = npy(text, new Uint8Array());
  assert.deepEqual(encodeNpyHeader("|u1", [50000, 32, 32, 3]), expected);
  assert.match(new TextDecoder().decode(encodeNpyHeader("<i8", [7])), /'shape': \(7,\), \}/);
});

const integers = {
  "|u1": Uint8Array.of(0, 255),
  "|i1": Int8Array.of(0, 127),
  "<u2": Uint16Array.of(0, 65535),
  "<i2": Int16Array.of(1, 32767),
  "<u4": Uint32Array.of(3, 70000),
  "<i4": Int32Array.of(3, 2147483647),
  "<i8": BigInt64Array.of(9n, 1n),
  "<u8": BigUint64Array.of(9n, 2n),
};
for (const [type, array] of Object.entries(integers)) {
  Deno.test(`readNpyIntegers reads labels of type ${type}`, () => {
    const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (2,), }`;
    return withFile(npy(text, new Uint8Array(array.buffer)), async (path) => {
      assert.deepEqual([...await readNpyIntegers(path)], [...array].map(Number));
      await assert.rejects(readNpyIntegers(path, 1), /expected at most 1 values but found 2$/);
    });
  });
}

Deno.test("readNpyIntegers refuses a negative label", () => {
  const text = "{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }";
  return withFile(
    npy(text, new Uint8Array(Int32Array.of(1, -1).buffer)),
    (path) => assert.rejects(readNpyIntegers(path), /expected values from 0 on but found -1 at 1$/),
  );
});

const bad: [string, Uint8Array, RegExp, NpyExpectation?][] = [
  ["empty", new Uint8Array(), /expected an npy file but found an empty one$/],
  ["of another kind", new TextEncoder().encode("PK\x03\x04 no npy"), /found another beginning$/],
  ["of version 9", npy(header, values, { version: 9 }), /expected npy version 1 to 3 but found 9$/],
  ["cut in its header", npy(header, values).slice(0, 40), /a header of 118 bytes but found 30$/],
  [
    "cut in its values",
    npy(header, values).slice(0, -1),
    /expected 12 bytes of values, shape \(3, 2\) but found 11$/,
  ],
  ["too long", npy(header, new Uint8Array(13)), /expected 12 bytes of values.* but found 13$/],
  [
    "in Fortran order",
    npy(header.replace("False", "True"), values),
    /expected C order but found Fortran/,
  ],
  [
    "of objects",
    npy(header.replace("<u2", "|O"), values),
    /expected a type among .* but found \|O$/,
  ],
  ["big-endian", npy(header.replace("<u2", ">u2"), values), /found >u2$/],
  [
    "without a shape",
    npy(header.replace("shape", "shap"), values),
    /a header with descr, fortran_order/,
  ],
  [
    "enormous",
    npy(header.replace("(3, 2)", "(99999999999, 99999999)"), values),
    /a shape that fits/,
  ],
  ["negative", npy(header.replace("(3, 2)", "(-3, 2)"), values), /a header with descr/],
  ["of another type", npy(header, values), /expected values of type \|u1 but found <u2$/, {
    types: ["|u1"],
  }],
  ["of another shape", npy(header, values), /expected shape \(any, 3\) but found \(3, 2\)$/, {
    shape: [null, 3],
  }],
  ["of other dimensions", npy(header, values), /expected shape \(3\) but found \(3, 2\)$/, {
    shape: [3],
  }],
];
for (const [name, bytes, message, expected] of bad) {
  Deno.test(`openNpy refuses a file ${name}`, () =>
    withFile(bytes, (path) => assert.rejects(openNpy(path, expected), message)));
}

Deno.test("openNpy bounds the header of a hostile file", async () => {
  const bytes = npy(header, values, { version: 2 });
  bytes.set([255, 255, 255, 127], 8);
  await withFile(bytes, (path) => assert.rejects(openNpy(path), /at most 65536 bytes/));
  await assert.rejects(
    openNpy("absent.npy"),
    /absent\.npy: expected an npy file but found nothing/,
  );
  await assert.rejects(openNpy("."), /expected an npy file but found no file/);
});
