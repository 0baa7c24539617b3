import { DataError } from "../../core/errors.ts";

const [openingBracket, closingBracket, comma, zero, nine] = [0x5b, 0x5d, 0x2c, 0x30, 0x39];

/** No digit has been read yet. */
const noValue = -1;

/**
 * Reads the inner arrays of a JSON text such as `{"data":[[0,255],[7],[]]}`, piece by piece: no more than a piece is
 * worked on at a time, so that a text of any length blocks nobody.
 */
export class NumberArrayReader {
  readonly #where: string;
  readonly #onArray: (numbers: Uint8Array) => void;
  readonly #numbers: Uint8Array;
  #count = 0;
  #depth = 0;
  #value = noValue;

  /**
   * @param where - names the text in errors
   * @param longest - the most numbers that an array may have
   * @param onArray - gets each array; it lies where the one before it lay: copy what is to be kept
   */
  constructor(where: string, longest: number, onArray: (numbers: Uint8Array) => void) {
    this.#where = where;
    this.#numbers = new Uint8Array(longest);
    this.#onArray = onArray;
  }

  /** @throws DataError if an array has more numbers, or holds anything but whole numbers of 0 to 255 */
  read(piece: Uint8Array): void {
    const numbers = this.#numbers;
    // Locals are several times as fast as fields.
    let [count, depth, value] = [this.#count, this.#depth, this.#value];
    for (let i = 0; i < piece.length; i++) {
      const byte = piece[i]!;
      if (byte >= zero && byte <= nine) {
        value = (value === noValue ? 0 : value * 10) + byte - zero;
        if (value > 255) throw this.#unexpected("a number above 255");
        continue;
      }
      if (value !== noValue) {
        if (count === numbers.length) throw this.#unexpected(`more than ${count} numbers in an array`);
        numbers[count++] = value;
        value = noValue;
      }
      if (byte === openingBracket) {
        if (++depth > 2) throw this.#unexpected("an array in an array");
        count = 0;
      } else if (byte === closingBracket) {
        if (depth-- === 2) this.#onArray(numbers.subarray(0, count));
      } else if (byte !== comma && depth > 1) {
        throw this.#unexpected(`${JSON.stringify(String.fromCharCode(byte))} in an array`);
      }
    }
    [this.#count, this.#depth, this.#value] = [count, depth, value];
  }

  /** @throws DataError if the text ends within an array */
  end(): void {
    if (this.#depth !== 0) throw this.#unexpected("an array without an end");
  }

  #unexpected(got: string): DataError {
    return new DataError(`${this.#where}: got ${got}, expected arrays of whole numbers from 0 to 255.`);
  }
}
