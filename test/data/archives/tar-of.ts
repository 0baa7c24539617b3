/** A tar archive in the ustar format; a file without content is a folder. */
export function tarOf(...files: readonly (readonly [name: string, content: string | null])[]): Uint8Array {
  const blocks = files.flatMap(([name, content]) => {
    const bytes = Buffer.from(content ?? "");
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write("0000644\0", 100);
    header.write(`${bytes.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write(content === null ? "5" : "0", 156);
    header.write("ustar\x0000", 257);
    header.fill(" ", 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, bytes, Buffer.alloc(-bytes.length & 511)];
  });
  return new Uint8Array(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}
