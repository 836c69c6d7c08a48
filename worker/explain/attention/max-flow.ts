/** Below this a pipe of width 0…1 counts as full: sums of float32 shares are no more exact. */
const NOTHING = 1e-9;

/**
 * A network of layers of T nodes, pipes leading from each node to every node of the next layer. One network serves many
 * questions. `pipes[l]` `[T(from), T(to)]`: how wide the pipes from layer l to layer l + 1 are, row-major.
 */
export class LayeredNetwork {
  private readonly rest: Float64Array[]; // [T(from), T(to)] each: what still fits
  private readonly depth: Int32Array; // of each node, counted in pipes from the source; -1: out of reach
  private readonly next: Int32Array; // of each node, the neighbour to try next: T below it, then T above it

  constructor(
    private readonly pipes: readonly Float32Array[],
    private readonly nodes: number, // T
  ) {
    this.rest = pipes.map((widths) => Float64Array.from(widths));
    this.depth = new Int32Array((pipes.length + 1) * nodes);
    this.next = new Int32Array(this.depth.length);
  }

  /** The most that can flow from a node of the first layer to one of the last (Dinic 1970). */
  maxFlow(source: number, lastLayerNode: number): number {
    const sink = this.pipes.length * this.nodes + lastLayerNode;
    this.rest.forEach((rest, layer) => rest.set(this.pipes[layer]!));
    let flow = 0;
    while (this.measureDepths(source, sink)) {
      this.next.fill(0);
      flow += this.push(source, sink, Infinity);
    }
    return flow;
  }

  /** How far each node is from the source; false where the sink is out of reach. */
  private measureDepths(source: number, sink: number): boolean {
    this.depth.fill(-1);
    this.depth[source] = 0;
    const queue = [source];
    for (const node of queue) {
      if (node === sink) return true;
      for (let way = 0; way < 2 * this.nodes; way++) {
        const to = this.neighbour(node, way);
        if (to < 0 || this.depth[to] !== -1 || this.room(node, way) <= NOTHING) continue;
        this.depth[to] = this.depth[node]! + 1;
        queue.push(to);
      }
    }
    return false;
  }

  /** Sends up to `wanted` on from a node by shortest ways; returns what arrived. */
  private push(node: number, sink: number, wanted: number): number {
    if (node === sink) return wanted;
    let sent = 0;
    for (; this.next[node]! < 2 * this.nodes; this.next[node]!++) {
      const way = this.next[node]!;
      const to = this.neighbour(node, way);
      if (to < 0 || this.depth[to] !== this.depth[node]! + 1) continue;
      const room = this.room(node, way);
      if (room <= NOTHING) continue;
      const arrived = this.push(to, sink, Math.min(wanted - sent, room));
      this.fill(node, way, arrived);
      sent += arrived;
      if (wanted - sent <= NOTHING) break; // this pipe may have room left
    }
    return sent;
  }

  /** The node at the end of a way, -1 beyond the first and the last layer. */
  private neighbour(node: number, way: number): number {
    const layer = Math.floor(node / this.nodes);
    if (way < this.nodes) return layer < this.pipes.length ? (layer + 1) * this.nodes + way : -1;
    return layer > 0 ? (layer - 1) * this.nodes + way - this.nodes : -1;
  }

  /** What fits down a pipe, or what flows in it and could be sent back up. */
  private room(node: number, way: number): number {
    const [layer, pipe] = this.pipeOf(node, way);
    const rest = this.rest[layer]![pipe]!;
    return way < this.nodes ? rest : this.pipes[layer]![pipe]! - rest;
  }

  private fill(node: number, way: number, amount: number): void {
    const [layer, pipe] = this.pipeOf(node, way);
    this.rest[layer]![pipe]! -= way < this.nodes ? amount : -amount;
  }

  /** A pipe's layer and its place in it, `from · T + to`. */
  private pipeOf(node: number, way: number): [number, number] {
    const layer = Math.floor(node / this.nodes);
    const at = node % this.nodes;
    return way < this.nodes ? [layer, at * this.nodes + way] : [layer - 1, (way - this.nodes) * this.nodes + at];
  }
}
