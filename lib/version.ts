import configuration from "../deno.json" with { type: "json" };

/** The version of layermix, as in deno.json. */
export const layermixVersion: string = configuration.version;
