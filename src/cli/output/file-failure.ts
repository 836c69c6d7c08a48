/** A failure of one file of a command that handles several: its line names the file, not the model. */
export class FileFailure extends Error {
  constructor(
    readonly file: string,
    override readonly cause: unknown,
  ) {
    super(`${file} failed`, { cause });
  }
}

/** Work on `file`: whatever it rejects with becomes a `FileFailure`. */
export async function workOn<Answer>(file: string, work: Promise<Answer>): Promise<Answer> {
  try {
    return await work;
  } catch (cause) {
    throw new FileFailure(file, cause);
  }
}
