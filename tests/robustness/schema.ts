import { Ajv2020 } from "ajv/dist/2020.js";
import schema from "../../docs/results.schema.json" with { type: "json" };

const validate = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: false })
  .compile(schema);

/** What is wrong with results by docs/results.schema.json; nothing where all is right. */
export function schemaErrors(results: unknown): string {
  // As a file has it, where what is not finite is null and what is undefined is not there.
  validate(JSON.parse(JSON.stringify(results)));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
    .join("\n");
}
