/** Figures of one turn, by name. */
export type Figures = Readonly<Record<string, number>>;

export type Entrant = { readonly name: string; readonly take: () => Promise<Figures> };

/** Samples by figure, in the order of rounds. */
export type Samples = Readonly<Record<string, readonly number[]>>;

/** Everybody once a round; each round begins with the next, so that nobody always follows the same. */
export async function takeTurns(entrants: readonly Entrant[], rounds: number): Promise<Map<string, Samples>> {
  const samples = new Map<string, Record<string, number[]>>(entrants.map(({ name }) => [name, {}]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < entrants.length; turn++) {
      const { name, take } = entrants[(round + turn) % entrants.length]!;
      for (const [figure, value] of Object.entries(await take())) (samples.get(name)![figure] ??= []).push(value);
    }
  }
  return samples;
}
