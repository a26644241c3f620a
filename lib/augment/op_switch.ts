/**
 * WGSL: `fn name(code, first, …rest)`, which calls the function that has number `code` in the list,
 * counted from 1, and returns `first` for any other number. The only WGSL that is generated.
 *
 * @param rest the parameters after `first`, as declared in WGSL
 */
export function opSwitch(
  name: string,
  functions: readonly string[],
  first: string,
  rest: string,
): string {
  const words = [first, ...rest.split(", ").map((parameter) => parameter.split(":")[0])].join(", ");
  const cases = functions.map((called, i) =>
    `    case ${i + 1}u: {\n      return ${called}(${words});\n    }\n`
  );
  return `fn ${name}(code: u32, ${first}: vec4<f32>, ${rest}) -> vec4<f32> {\n` +
    `  switch code {\n${cases.join("")}    default: {\n      return ${first};\n    }\n  }\n}\n`;
}
