import { crc32, deflateRawSync, gzipSync } from "node:zlib";

export type TarEntry = { name: string; content?: string; type?: string; link?: string; size?: number };

/** A tar file by hand, POSIX 1003.1-1988: a 512-byte header each, contents padded to 512, two blocks of zeros. */
export function makeTar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(tarEntry), Buffer.alloc(1024)]);
}

export const makeTarGz = (entries: readonly TarEntry[]): Buffer => gzipSync(makeTar(entries));

function tarEntry({ name, content = "", type = "0", link = "", size }: TarEntry): Buffer[] {
  const body = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write("0000644\0" + "0000000\0".repeat(2), 100);
  header.write((size ?? body.length).toString(8).padStart(11, "0") + "\0", 124);
  header.write("00000000000\0" + " ".repeat(8) + type + link, 136);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(sum.toString(8).padStart(6, "0") + "\0 ", 148);
  return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
}

export type ZipEntry = {
  name: string;
  content?: string;
  mode?: number; // Unix, the file's type with it
  flags?: number;
  method?: number;
  declared?: number; // bytes, where the directory lies about them
  crc?: number;
};

/** A zip file by hand, APPNOTE 6.3: local header and data each, then the directory, then its end. */
export function makeZip(entries: readonly ZipEntry[]): Buffer {
  const [locals, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const { name, content = "", mode = 0o100644, flags = 0x800, method = 8, declared, crc } of entries) {
    const body = Buffer.from(content);
    const data = method === 0 ? body : deflateRawSync(body);
    const fields = Buffer.alloc(26); // what both headers say, from "version needed" on
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(crc ?? crc32(body), 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(declared ?? body.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, Buffer.from(name), data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((mode * 0x10000) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x03", "latin1"), fields, rest, Buffer.from(name));
    locals.push(local);
    offset += local.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}
