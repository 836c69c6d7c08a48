import fc from "fast-check";
import { expect, test } from "vitest";
import { LayeredNetwork } from "../../../../worker/explain/attention/max-flow.ts";

/** The narrowest of all cuts between source and sink, which is the largest flow (Ford & Fulkerson 1956). */
function narrowestCut(pipes: readonly Float32Array[], nodes: number, source: number, last: number): number {
  const total = (pipes.length + 1) * nodes;
  const sink = pipes.length * nodes + last;
  let narrowest = Infinity;
  for (let side = 0; side < 2 ** total; side++) {
    const onSourceSide = (node: number): boolean => ((side >> node) & 1) === 1;
    if (!onSourceSide(source) || onSourceSide(sink)) continue;
    let width = 0;
    pipes.forEach((widths, layer) =>
      widths.forEach((pipe, at) => {
        const from = layer * nodes + Math.floor(at / nodes);
        const to = (layer + 1) * nodes + (at % nodes);
        if (onSourceSide(from) && !onSourceSide(to)) width += pipe;
      }),
    );
    narrowest = Math.min(narrowest, width);
  }
  return narrowest;
}

const network = fc
  .record({ nodes: fc.integer({ min: 2, max: 3 }), layers: fc.integer({ min: 1, max: 3 }) })
  .chain(({ nodes, layers }) => {
    const width = fc.oneof(fc.constant(0), fc.float({ min: 0, max: 1, noNaN: true }));
    const pipes = fc
      .array(width, { minLength: nodes ** 2, maxLength: nodes ** 2 })
      .map((all) => Float32Array.from(all));
    return fc.record({ nodes: fc.constant(nodes), pipes: fc.array(pipes, { minLength: layers, maxLength: layers }) });
  });

test("the largest flow is the narrowest cut, for every pair of ends of one network", () => {
  fc.assert(
    fc.property(network, ({ nodes, pipes }) => {
      const flowing = new LayeredNetwork(pipes, nodes);
      for (let source = 0; source < nodes; source++) {
        for (let sink = 0; sink < nodes; sink++) {
          expect(flowing.maxFlow(source, sink)).toBeCloseTo(narrowestCut(pipes, nodes, source, sink), 6);
        }
      }
    }),
    { numRuns: 40 },
  );
});

test("what flows may have to be sent back: the first way found takes what only the second can use", () => {
  const pipes = [Float32Array.of(1, 1, 0, 0), Float32Array.of(1, 1, 1, 0), Float32Array.of(1, 0, 1, 0)];
  expect(new LayeredNetwork(pipes, 2).maxFlow(0, 0)).toBe(2); // by 0-0-1-0 and 0-1-0-0, not by 0-0-0-0
  expect(new LayeredNetwork(pipes, 2).maxFlow(1, 0)).toBe(0);
});
