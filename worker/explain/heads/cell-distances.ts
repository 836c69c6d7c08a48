import type { Size } from "../../contract/geometry.ts";

/** Pixels between the centres of every two cells of a grid, `[N, N]`, row-major. */
export function cellDistances(grid: Size, cell: Size): Float32Array {
  const cells = grid.width * grid.height;
  const distances = new Float32Array(cells * cells);
  for (let from = 0; from < cells; from++) {
    for (let to = 0; to < cells; to++) {
      const across = ((from % grid.width) - (to % grid.width)) * cell.width;
      const down = (Math.floor(from / grid.width) - Math.floor(to / grid.width)) * cell.height;
      distances[from * cells + to] = Math.hypot(across, down);
    }
  }
  return distances;
}
