import sharp from "sharp";

/** A file as Playwright hands it to a file input. */
export type GivenFile = { readonly name: string; readonly mimeType: string; readonly buffer: Buffer };

/** A picture of a sun over a hill, whose hue tells it from others. */
export async function picture(name: string, { width = 160, height = 120, hue = 120 } = {}): Promise<GivenFile> {
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3" width="${width}" height="${height}" preserveAspectRatio="none">
    <rect width="4" height="3" fill="hsl(${hue + 90} 60% 80%)"/><circle cx="3" cy="1" r=".5" fill="gold"/>
    <path d="M0 2.5 1.5 1 4 3H0z" fill="hsl(${hue} 60% 35%)"/></svg>`;
  return { name, mimeType: "image/jpeg", buffer: await sharp(Buffer.from(drawing)).jpeg().toBuffer() };
}

export const pictures = (count: number): Promise<GivenFile[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => picture(`picture ${i}.jpg`, { hue: i * 40 })));

export const notAPicture: GivenFile = {
  name: "notes.jpg",
  mimeType: "image/jpeg",
  buffer: Buffer.from("Not a picture, whatever its name says."),
};

export const emptyFile: GivenFile = { name: "empty.png", mimeType: "image/png", buffer: Buffer.alloc(0) };
