/** How the tasks of a step go round: each thread takes the next one that nobody has taken. */

let last: i32 = 0; // the task that this thread took last
let inARow: i32 = 0;

/** A task for this thread alone, by the count at `next`; those behind the last are nobody's. */
export function takeTask(next: usize): i32 {
  const task = atomic.add<i32>(next, 1);
  inARow = task == last + 1 ? inARow + 1 : 1;
  last = task;
  return task;
}

/** How many tasks this thread has taken last without another taking one in between. */
export function takenInARow(): i32 {
  return inARow;
}
