import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Launcher, openMpi } from "./mpirun.js";

/** Instead of ssh. */
const onHost = "test/ranks/on-host.sh";
const device = "eth0";

/**
 * Two hosts on this machine that know each other by TCP alone: network namespaces, joined by a pair of virtual Ethernet
 * devices. Files they share.
 *
 * @see https://man7.org/linux/man-pages/man8/ip-netns.8.html
 * @see https://man7.org/linux/man-pages/man4/veth.4.html
 */
export class TwoHosts implements Disposable {
  readonly names = ["a", "b"].map((letter) => `nin-${process.pid}-${letter}`);

  constructor() {
    try {
      this.#make();
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  #make(): void {
    const [a, b] = this.names as [string, string];
    for (const name of this.names) ip("netns", "add", name);
    ip("-n", a, "link", "add", device, "type", "veth", "peer", "name", device, "netns", b);
    const addresses = this.names.map((_, i) => `10.99.0.${1 + i}`);
    const hosts = this.names.map((name, i) => `${addresses[i]} ${name}\n`).join("");
    this.names.forEach((name, i) => {
      ip("-n", name, "addr", "add", `${addresses[i]}/24`, "dev", device);
      ip("-n", name, "link", "set", "lo", "up");
      mkdirSync(etcOf(name), { recursive: true });
      writeFileSync(join(etcOf(name), "hosts"), `127.0.0.1 localhost\n${hosts}`);
      // TCP gives up an answer after some 10 seconds instead of 15 minutes: launchers wait for that.
      execute("ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv4.tcp_retries2=5");
    });
    this.join();
  }

  /** Open MPI, started on the first host, spreads ranks over both. */
  get launcher(): Launcher {
    const { name, command, options } = openMpi;
    const slots = this.names.map((host) => `${host}:8`).join(",");
    const hosts = ["--host", slots, "--map-by", "node", "--mca", "plm_rsh_agent", onHost];
    return { name, command: onHost, options: [this.names[0]!, command, ...options, ...hosts] };
  }

  /** What runs on either host. */
  processes(): number[] {
    return this.names.flatMap((name) => ip("netns", "pids", name).split("\n").filter(Boolean).map(Number));
  }

  /** What the second host has received and, where it is slowed down, not sent for want of room. */
  traffic(): { readonly receivedBytes: number; readonly lostPackets: number } {
    const second = this.names[1]!;
    const [link] = JSON.parse(ip("-n", second, "-s", "-j", "link", "show", device)) as [
      { readonly stats64: { readonly rx: { readonly bytes: number } } },
    ];
    const [queue] = JSON.parse(execute("tc", "-n", second, "-s", "-j", "qdisc", "show", "dev", device)) as [
      { readonly drops: number },
    ];
    return { receivedBytes: link.stats64.rx.bytes, lostPackets: queue.drops };
  }

  /** What each host sends passes no faster, and is lost where it does not fit into a short queue. */
  slowDown(kilobitsPerSecond: number): void {
    const rate = ["rate", `${kilobitsPerSecond}kbit`, "burst", "10kb", "latency", "20ms"];
    for (const name of this.names)
      execute("tc", "-n", name, "qdisc", "add", "dev", device, "root", "tbf", ...rate);
  }

  cut(): void {
    for (const name of this.names) ip("-n", name, "link", "set", device, "down");
  }

  /** Undoes {@link cut}. */
  join(): void {
    for (const name of this.names) ip("-n", name, "link", "set", device, "up");
  }

  [Symbol.dispose](): void {
    for (const name of this.names) {
      try {
        ip("netns", "del", name);
      } catch {
        // It could not be made.
      }
      rmSync(etcOf(name), { recursive: true, force: true });
    }
  }
}

/** What `ip netns exec` lays over /etc. */
function etcOf(name: string): string {
  return join("/etc/netns", name);
}

function ip(...args: readonly string[]): string {
  return execute("ip", ...args);
}

function execute(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Why there can be no two hosts here; false where there can. */
export const cannotMakeHosts: string | false = (() => {
  try {
    using hosts = new TwoHosts();
    hosts.slowDown(1000);
    return false;
  } catch (error) {
    return `cannot make network namespaces here: ${(error as Error).message.split("\n").slice(-2).join(" ").trim()}`;
  }
})();
