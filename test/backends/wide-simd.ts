/** 256 bits where the engine has them: Node 24 and later on x86-64; 128 elsewhere. */
export const wideSimd =
  Number.parseInt(process.versions.node, 10) >= 24 && process.arch === "x64" ? "256" : "128";
