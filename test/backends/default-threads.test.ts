import assert from "node:assert/strict";
import { test } from "node:test";
import { cpuQuota } from "#nin-net/backends/wasm/default-threads.js";

const quotaOf = (files: Record<string, string>) => cpuQuota((path) => files[path]);

const v2Mount = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
const v1Mounts =
  "33 32 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n" +
  "34 32 0:31 / /sys/fs/cgroup/cpu,cpuacct rw shared:12 - cgroup cgroup rw,cpu,cpuacct\n";

test("cgroup v2: a container sees its own group as the root", () => {
  const quota = quotaOf({
    "/proc/self/cgroup": "0::/\n",
    "/proc/self/mountinfo": v2Mount,
    "/sys/fs/cgroup/cpu.max": "50000 100000\n",
  });
  assert.equal(quota, 0.5);
});

test("cgroup v2: the tightest of a group and those above it counts", () => {
  const files = {
    "/proc/self/cgroup": "0::/system.slice/nin.service\n",
    "/proc/self/mountinfo": v2Mount,
    "/sys/fs/cgroup/system.slice/cpu.max": "150000 100000\n",
    "/sys/fs/cgroup/system.slice/nin.service/cpu.max": "max 100000\n",
  };
  assert.equal(quotaOf(files), 1.5);
  assert.equal(
    quotaOf({ ...files, "/sys/fs/cgroup/system.slice/nin.service/cpu.max": "20000 100000\n" }),
    0.2,
  );
});

test("cgroup v1: cpu.cfs_quota_us over cpu.cfs_period_us", () => {
  const quota = quotaOf({
    "/proc/self/cgroup": "4:cpuset:/\n3:cpu,cpuacct:/jobs/7\n0::/\n",
    "/proc/self/mountinfo": v1Mounts,
    "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
    "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    "/sys/fs/cgroup/cpu,cpuacct/jobs/7/cpu.cfs_quota_us": "25000\n",
    "/sys/fs/cgroup/cpu,cpuacct/jobs/7/cpu.cfs_period_us": "50000\n",
  });
  assert.equal(quota, 0.5);
});

test("cgroup v1 in a container: its group's path is the host's, and its group is what is mounted", () => {
  const inContainer = (root: string) => ({
    "/proc/self/cgroup": "3:cpu,cpuacct:/docker/abc\n",
    "/proc/self/mountinfo": `34 32 0:31 ${root} /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n`,
    "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "200000\n",
    "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
  });
  assert.equal(quotaOf(inContainer("/docker/abc")), 2);
  assert.equal(quotaOf(inContainer("/docker/other")), 2);
});

test("without a limit, or where the system says nothing, there is none", () => {
  assert.equal(quotaOf({}), Number.POSITIVE_INFINITY);
  assert.equal(
    quotaOf({
      "/proc/self/cgroup": "0::/\n",
      "/proc/self/mountinfo": v2Mount,
      "/sys/fs/cgroup/cpu.max": "max 100000\n",
    }),
    Number.POSITIVE_INFINITY,
  );
});
