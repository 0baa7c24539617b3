import assert from "node:assert/strict";
import { test } from "node:test";
import { launcherOf, withoutLauncher } from "#nin-net/ranks/launcher.js";

test("each launcher is known by the variables that it sets", () => {
  assert.equal(launcherOf({ PATH: "/bin" }), undefined);
  assert.deepEqual(launcherOf({ OMPI_COMM_WORLD_RANK: "1", OMPI_COMM_WORLD_SIZE: "4", PMIX_RANK: "1" }), {
    name: "Open MPI",
    rank: 1,
    size: 4,
  });
  assert.deepEqual(launcherOf({ PMI_RANK: "0", PMI_SIZE: "2" }), { name: "MPICH", rank: 0, size: 2 });
  assert.deepEqual(
    launcherOf({ SLURM_PROCID: "3", SLURM_STEP_NUM_TASKS: "8", PMI_RANK: "3", PMI_SIZE: "8" }),
    {
      name: "SLURM",
      rank: 3,
      size: 8,
    },
  );
  assert.deepEqual(launcherOf({ PMIX_RANK: "2" }), { name: "PMIx", rank: 2, size: undefined });
});

test("a batch script of SLURM, outside of srun, is one process", () => {
  assert.equal(launcherOf({ SLURM_PROCID: "0", SLURM_NTASKS: "8", SLURM_JOB_ID: "17" }), undefined);
});

test("a process that is to work alone is told of no rank, and of everything else", () => {
  const env = { PATH: "/bin", OMPI_COMM_WORLD_RANK: "1", OMPI_COMM_WORLD_SIZE: "4", PMIX_RANK: "1" };
  const alone = withoutLauncher(env);
  assert.deepEqual(alone, { PATH: "/bin", OMPI_COMM_WORLD_SIZE: "4" });
  assert.equal(launcherOf(alone), undefined);
  const ofSlurm = { SLURM_PROCID: "3", SLURM_STEP_NUM_TASKS: "8", PMI_RANK: "3", PMI_SIZE: "8" };
  assert.equal(launcherOf(withoutLauncher(ofSlurm)), undefined);
});

test("what is no number is refused by the variable's name", () => {
  assert.throws(() => launcherOf({ PMI_RANK: "one", PMI_SIZE: "2" }), {
    message:
      'PMI_RANK: got "one" in the environment, expected the whole number that an MPI launcher sets. ' +
      "Unset it, or start with mpirun or srun.",
  });
});
