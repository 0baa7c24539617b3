/** As Node reads them, the small ones first. */
const variables = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"] as const;

/** Environment variables by name. */
type Environment = Readonly<Record<string, string | undefined>>;

/** What became of the environment's proxy: not asked for yet, in use, or why it is not. */
let outcome: "none" | "used" | "impossible" | { readonly invalid: string } = "none";

/**
 * Sends downloads, and every other `fetch` of this process, through the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY
 * name, where this Node can: 24.14, 25.4 and later. Older ones need NODE_USE_ENV_PROXY=1 when they start, from 22.21
 * on. The command `nin` does this; a library does not decide it for its process.
 */
export function useEnvProxy(env: Environment = process.env): void {
  if (variables.every((name) => !env[name]) || isUsedByNode(env)) return;
  // To import node:http would load Node's HTTP client as well, which some Nodes cannot where `ulimit -v` is low.
  const http = process.getBuiltinModule("node:http");
  const { setGlobalProxyFromEnv: use } = http as { setGlobalProxyFromEnv?: (env: Environment) => void };
  if (use === undefined) {
    outcome = "impossible";
    return;
  }
  const invalid = variables.find((name) => env[name] && !isAddress(withScheme(env[name])));
  if (invalid !== undefined) {
    outcome = { invalid };
    return;
  }
  const given = variables.filter((name) => env[name]);
  use({ ...env, ...Object.fromEntries(given.map((name) => [name, withScheme(env[name]!)])) });
  outcome = "used";
}

/** Why a download may have failed where the environment names a proxy; a sentence and a space, or nothing. */
export function proxyHint(env: Environment = process.env): string {
  const name = variables.find((each) => env[each]);
  if (name === undefined || outcome === "used") return "";
  if (typeof outcome === "object") {
    return `${outcome.invalid} is no address of a proxy, expected one such as http://proxy.example:3128. `;
  }
  if (isUsedByNode(env)) return "";
  return process.allowedNodeEnvironmentFlags.has("--use-env-proxy")
    ? `${name} is set, but Node ${process.versions.node} uses it only with NODE_USE_ENV_PROXY=1: set that too. `
    : `${name} is set, but Node ${process.versions.node} cannot use it: take Node 22.21, 24 or later, with NODE_USE_ENV_PROXY=1. `;
}

function isUsedByNode(env: Environment): boolean {
  const flags = [...process.execArgv, ...(env.NODE_OPTIONS ?? "").split(/\s+/)];
  const isPossible = process.allowedNodeEnvironmentFlags.has("--use-env-proxy");
  return isPossible && (env.NODE_USE_ENV_PROXY === "1" || flags.includes("--use-env-proxy"));
}

/** curl and others take `proxy.example:3128` for the address of a proxy by HTTP. */
function withScheme(address: string): string {
  return address.includes("://") ? address : `http://${address}`;
}

function isAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
