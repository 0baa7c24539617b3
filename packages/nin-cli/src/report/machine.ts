import { arch, cpus, platform, totalmem } from "node:os";

/** What the program runs on: `AMD EPYC 9R14, 2 cores, 16 GiB, linux x64`. */
export function machineName(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() || "unknown processor";
  const cores = `${processors.length} ${processors.length === 1 ? "core" : "cores"}`;
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${model}, ${cores}, ${memory}, ${platform()} ${arch()}`;
}
