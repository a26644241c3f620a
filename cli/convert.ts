import { Command, Option } from "@commander-js/extra-typings";
import {
  convertWeights,
  summarizeWeights,
  type WeightsSummary,
} from "../lib/checkpoint/convert.ts";
import type { FloatType } from "../lib/checkpoint/floats.ts";
import { readWeights } from "../lib/checkpoint/read_weights.ts";
import { counted } from "./counted.ts";
import { UsageError } from "./error.ts";

const example = `
Examples:
  layermix convert runs/layermix/best.safetensors wrn.safetensors
  layermix convert resnet50.pth resnet50.safetensors --dtype f16
  layermix convert checkpoint.pth.tar --list

The first writes what PyTorch loads with
  model.load_state_dict(safetensors.torch.load_file("wrn.safetensors"))
Nothing in a PyTorch file is run: one that holds more than tensors and plain data is refused.`;

const dtypes = ["f32", "f16", "bf16"] as const;

/** `layermix convert`: PyTorch's weights files, and layermix's checkpoints, to safetensors. */
export function convert() {
  return new Command("convert")
    .description("Write the weights of a PyTorch or safetensors file to a safetensors file.")
    .argument("<in>", "safetensors, .pth, .pt or .pth.tar, known by its content")
    .argument("[out]", "a safetensors file, replaced if there")
    .addOption(new Option("--dtype <type>", "what numbers with fractions become").choices(dtypes))
    .option("--keep-optimizer", "keep the momenta of a layermix checkpoint")
    .option("--list", "print every tensor, and write nothing")
    .option("--quiet", "print nothing but errors")
    .option("--json", "print what was found as JSON")
    .addHelpText("after", example)
    .action(async (input, output, { dtype, keepOptimizer, list, quiet, json }) => {
      checkUsage(output, { dtype, list });
      const summary = output === undefined
        ? summarizeWeights(await readWeights(input, { floats: "stored", keepOptimizer }))
        : await convertWeights(input, output, {
          dtype: dtype?.toUpperCase() as FloatType | undefined,
          keepOptimizer,
        });
      if (json) {
        console.log(JSON.stringify(output === undefined ? summary : { ...summary, output }));
      } else if (list) console.log(table(summary));
      if (!json && !quiet) console.log(describe(summary, output));
    });
}

function checkUsage(
  output: string | undefined,
  { dtype, list }: { dtype?: string; list?: true },
): void {
  if (list && output !== undefined) {
    throw new UsageError("Cannot use --list with an output file: it writes nothing");
  }
  if (list && dtype) throw new UsageError("Cannot use --list with --dtype: it writes nothing");
  if (!list && output === undefined) {
    throw new UsageError("Cannot convert: give the safetensors file to write, or --list");
  }
}

function table({ tensors }: WeightsSummary): string {
  // A name may hold control characters, which a terminal would obey.
  const names = tensors.map(({ name }) => name.replaceAll(/\p{C}/gu, "?"));
  const width = names.reduce((most, name) => Math.max(most, name.length), 0);
  return tensors.map(({ dtype, shape }, i) =>
    `${names[i]!.padEnd(width)}  ${dtype.padEnd(4)}  ${shape.join(" × ") || "a single number"}`
  ).join("\n");
}

const formats = {
  safetensors: "safetensors",
  "pytorch": "PyTorch",
  "pytorch-legacy": "PyTorch before 1.6",
};

function describe(summary: WeightsSummary, output: string | undefined): string {
  const { file, format, foundAt, stripped, leftOut, tensors, parameters, buffers } = summary;
  const parts = [
    `${output ?? file}: ${counted(tensors.length, "tensor")}, ${
      counted(parameters, "parameter")
    }, ${counted(buffers, "buffer")}`,
    `from ${formats[format]}${foundAt ? `, under ${foundAt}` : ""}`,
    ...(stripped.length > 0 ? [`without the prefix ${stripped.join("")}`] : []),
    ...(leftOut.length > 0 ? [`without ${leftOut.length} momenta`] : []),
  ];
  return parts.join("; ");
}
