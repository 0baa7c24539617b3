import type { Device } from "../backends/backend.ts";
import { type Communicator, soloCommunicator } from "../ranks/communicator.ts";

/** What trains, for people. */
export function placeOf(device: Device, { size }: Communicator = soloCommunicator): string {
  return size === 1 ? device.description : `${size} ranks, each ${device.description}`;
}
