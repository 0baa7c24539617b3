import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { writing } from "../../runs/run-folder-files.ts";
import { DataType, EventSchema, SessionLog_SessionStatus as SessionStatus } from "./event_pb.ts";
import { tfRecord } from "./tf-record.ts";

/** A picture for {@link EventFile.image}. */
export interface PngImage {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

type Event = MessageInitShape<typeof EventSchema>;

let filesOpened = 0;

/**
 * A file of events as TensorBoard reads them. Whatever was added is there to be read, also when the process ends
 * without closing it.
 *
 * @see https://www.tensorflow.org/tensorboard
 */
export class EventFile implements AsyncDisposable {
  readonly path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /**
   * Begins a file in a folder; TensorBoard takes all of a folder together.
   *
   * @throws DataError if it cannot be written
   */
  static async create(folder: string): Promise<EventFile> {
    const seconds = Math.floor(Date.now() / 1000);
    const path = join(folder, `events.out.tfevents.${seconds}.nin.${process.pid}.${filesOpened++}`);
    const handle = await writing(path, () => open(path, "wx"));
    const file = new EventFile(path, handle);
    await file.#add(0, { case: "fileVersion", value: "brain.Event:2" });
    return file;
  }

  /** Says that what other files tell of this step and later ones no longer counts. */
  async start(step: number): Promise<void> {
    await this.#add(step, { case: "sessionLog", value: { status: SessionStatus.START } });
  }

  /** Adds numbers under their tags, `group/name`. */
  async scalars(step: number, values: Readonly<Record<string, number>>): Promise<void> {
    const value = Object.entries(values).map(([tag, number]) => ({
      tag,
      value: { case: "simpleValue" as const, value: number },
    }));
    await this.#add(step, { case: "summary", value: { value } });
  }

  async image(step: number, tag: string, { png, width, height }: PngImage): Promise<void> {
    const image = { width, height, colorspace: 3, encodedImageString: png };
    await this.#add(step, {
      case: "summary",
      value: { value: [{ tag, value: { case: "image", value: image } }] },
    });
  }

  /** @param markdown - text as TensorBoard's Text page shows it */
  async text(step: number, tag: string, markdown: string): Promise<void> {
    const tensor = {
      dtype: DataType.DT_STRING,
      tensorShape: { dim: [{ size: 1n }] },
      stringVal: [new TextEncoder().encode(markdown)],
    };
    await this.#add(step, {
      case: "summary",
      value: {
        value: [
          {
            tag: `${tag}/text_summary`,
            metadata: { pluginData: { pluginName: "text" } },
            value: { case: "tensor", value: tensor },
          },
        ],
      },
    });
  }

  async #add(step: number, what: NonNullable<Event["what"]>): Promise<void> {
    const event = create(EventSchema, { wallTime: Date.now() / 1000, step: BigInt(step), what });
    await writing(this.path, () => this.#handle.appendFile(tfRecord(toBinary(EventSchema, event))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}
