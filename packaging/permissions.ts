/** Environment variables that layermix reads, or on Linux sets for its Vulkan driver. */
export const environmentVariables = [
  "DENO_WEBGPU_BACKEND",
  "HOME",
  "JOB_COMPLETION_INDEX",
  "LAYERMIX_DEBUG",
  "LOCALAPPDATA",
  "SLURM_ARRAY_TASK_COUNT",
  "SLURM_ARRAY_TASK_ID",
  "SLURM_ARRAY_TASK_MIN",
  "SLURM_ARRAY_TASK_STEP",
  "XDG_CACHE_HOME",
  "XDG_RUNTIME_DIR",
] as const;

/** What every command may do: files, since users name any; its variables; ask for free memory. */
export const commonPermissions: readonly string[] = [
  "--no-prompt",
  "--allow-read",
  "--allow-write",
  `--allow-env=${environmentVariables.join(",")}`,
  "--allow-sys=systemMemoryInfo,uid",
];

/** What some commands may do besides, by their names. */
export const commandPermissions: Readonly<Record<string, readonly string[]>> = {
  // From the official addresses, or the mirror that --url names.
  data: ["--allow-net"],
  // `doctor --install` runs apt-get, and then itself anew.
  doctor: ["--allow-run"],
  // Videos of ImageNet-P.
  evaluate: ["--allow-run=ffmpeg"],
};
