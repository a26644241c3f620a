import { builtins } from "../pickle/builtins.ts";
import { PickleError, show } from "../pickle/error.ts";
import { numpyGlobals } from "../pickle/numpy.ts";
import {
  type Allowance,
  countOf,
  Global,
  type Globals,
  globals,
  listOf,
  shapeOf,
  textOf,
} from "../pickle/values.ts";
import type { Dtype } from "./safetensors.ts";
import { type StorageName, TorchTensor } from "./torch_tensor.ts";

/** PyTorch's names of element types, and of the storages that hold them. */
const elementTypes: [names: string[], storage: string, dtype: Dtype][] = [
  [["float64", "double"], "Double", "F64"],
  [["float32", "float"], "Float", "F32"],
  [["float16", "half"], "Half", "F16"],
  [["bfloat16"], "BFloat16", "BF16"],
  [["int64", "long"], "Long", "I64"],
  [["int32", "int"], "Int", "I32"],
  [["int16", "short"], "Short", "I16"],
  [["int8"], "Char", "I8"],
  [["uint8"], "Byte", "U8"],
  [["bool"], "Bool", "BOOL"],
];

/** What a storage class means; an untyped one has no dtype. */
interface StorageClass {
  dtype: Dtype | undefined;
}

function typeGlobals(): Map<string, Global> {
  const untyped: StorageClass = { dtype: undefined };
  const named = elementTypes.flatMap(([names, storage, dtype]): [string, unknown][] => [
    ...names.map((name): [string, unknown] => [`torch.${name}`, dtype]),
    [`torch.${storage}Storage`, { dtype }],
    [`torch.cuda.${storage}Storage`, { dtype }],
  ]);
  named.push(["torch.storage.UntypedStorage", untyped], ["torch.storage._UntypedStorage", untyped]);
  return new Map(named.map(([name, meaning]) => [name, new Global(name, undefined, meaning)]));
}

/** (storage, offset, shape, strides, ...): the arguments of every version. */
function tensor([storage, offset, shape, strides]: unknown[], dtype?: Dtype): TorchTensor {
  const named = storage as Partial<StorageName> | null;
  if (typeof named?.key !== "string") throw new PickleError("a tensor's storage", show(storage));
  const type = dtype ?? named.dtype;
  if (!type) throw new PickleError("a tensor's element type", "an untyped storage");
  const sides = shapeOf(shape, "a tensor's shape");
  const steps = listOf(strides, "a tensor's strides").map((stride) => countOf(stride, "a stride"));
  if (steps.length !== sides.length) {
    throw new PickleError(`${sides.length} strides of a tensor`, `${steps.length}`);
  }
  return new TorchTensor(named as StorageName, type, countOf(offset, "an offset"), sides, steps);
}

/** `_rebuild_tensor_v3`: of an untyped storage, with the element type as seventh argument. */
function tensor3(args: unknown[]): TorchTensor {
  const type = args[6] instanceof Global ? args[6].meaning : undefined;
  if (typeof type !== "string") throw new PickleError("a tensor's element type", show(args[6]));
  return tensor(args, type as Dtype);
}

/** (data, requires_grad, backward_hooks, ...): the tensor itself. */
function parameter([data]: unknown[]): TorchTensor {
  if (!(data instanceof TorchTensor)) throw new PickleError("a parameter's tensor", show(data));
  return data;
}

/** (function, class, arguments, state): a tensor with attributes, which are no weights. */
function fromType([make, , args]: unknown[], allowance: Allowance): unknown {
  // Only tensors are made so: a call of another kind could nest without bound.
  if (!(make instanceof Global) || !make.name.startsWith("torch._utils._rebuild_") || !make.call) {
    throw new PickleError("a function that makes a tensor", show(make));
  }
  return make.call(listOf(args, "a tensor's arguments"), allowance);
}

/** Everything that a PyTorch file may name: tensors, element types, containers and numbers. */
export const torchGlobals: Globals = new Map([
  ...builtins,
  ...numpyGlobals,
  ...typeGlobals(),
  ...globals({
    "torch._utils._rebuild_tensor": (args) => tensor(args),
    "torch._utils._rebuild_tensor_v2": (args) => tensor(args),
    "torch._utils._rebuild_tensor_v3": tensor3,
    "torch._utils._rebuild_parameter": parameter,
    "torch._utils._rebuild_parameter_with_state": parameter,
    "torch._tensor._rebuild_from_type_v2": fromType,
    "torch.Size": ([sides]) => shapeOf(sides, "a shape"),
    "torch.device": ([kind]) => textOf(kind, "a device"),
  }),
  ["torch.Tensor", new Global("torch.Tensor")],
  ["torch.nn.parameter.Parameter", new Global("torch.nn.parameter.Parameter")],
]);

/**
 * The storage that a persistent id names: ("storage", class, key, device, elements) and, in files
 * of an old PyTorch, (key, offset, elements) of a view or None.
 */
export function storageOf(id: unknown): StorageName {
  const [kind, storageClass, key, , elements, view] = listOf(id, "the name of a storage");
  if (textOf(kind, "the kind of a persistent id") !== "storage") {
    throw new PickleError("the name of a storage", show(kind));
  }
  const meaning = storageClass instanceof Global ? storageClass.meaning : undefined;
  if (typeof meaning !== "object") throw new PickleError("a storage class", show(storageClass));
  const name = textOf(key, "the key of a storage");
  if (!/^[\w.-]{1,64}$/.test(name)) throw new PickleError("a storage's short key", show(name));
  const [, first] = view == null ? [] : listOf(view, "a view of a storage");
  return {
    key: name,
    dtype: (meaning as StorageClass).dtype,
    elements: countOf(elements, "the size of a storage"),
    first: first === undefined ? 0 : countOf(first, "the offset of a view"),
  };
}
