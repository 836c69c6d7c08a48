import {
  grad,
  mul,
  slice,
  sqrt,
  square,
  sum,
  tensor1d,
  tensor2d,
  tensor3d,
  tidy,
  type Tensor2D,
  type Tensor3D,
} from "@tensorflow/tfjs-core";
import type { Reach, Reader, ReachQuestion } from "../contract/lab.ts";
import { createRandom, type Random } from "../contract/random.ts";
import { registerGradients } from "../kernels/gradients.ts";
import { attendBetween } from "../layers/attend-by-score.ts";
import type { Linear } from "../layers/linear.ts";
import { GATE_COUNTS, type CellKind, type RecurrentCell } from "../layers/recurrent-cell.ts";
import { runRecurrent } from "../layers/run-recurrent.ts";
import { drawNormals } from "../training/draw-weights.ts";

const READERS: readonly Reader[] = ["rnn", "gru", "lstm", "attention"];

const BATCH = 16; // random sequences, to take the root mean square over

/** How far back a gradient reaches, measured by backward passes through untrained layers. */
export async function measureReach(question: ReachQuestion): Promise<Reach> {
  registerGradients();
  const reach: Partial<Record<Reader, number[]>> = {};
  for (const reader of READERS) reach[reader] = await measureOne(reader, question);
  return reach as Reach;
}

async function measureOne(reader: Reader, { length, width, keepBias, seed }: ReachQuestion): Promise<number[]> {
  const norms = tidy(() => {
    const random = createRandom(seed);
    const tokens = tensor3d(drawNormals(BATCH * length * width, 1, random), [BATCH, length, width]);
    const sent = tensor3d(drawNormals(BATCH * width, 1, random), [BATCH, 1, width]);
    const read = reader === "attention" ? drawAttention(width, random) : drawCell(reader, width, keepBias, random);
    const back = grad((given) => sum(mul(read(given as Tensor3D), sent)))(tokens); // [B, T, D]
    return sqrt(mul(sum(square(back), [0, 2]), 1 / BATCH)); // [T]
  });
  const values = await norms.data<"float32">();
  norms.dispose();
  return [...values].reverse(); // from the last token on
}

const drawKernel = (from: number, to: number, random: Random): Tensor2D =>
  tensor2d(drawNormals(from * to, 1 / Math.sqrt(from), random), [from, to]);

type Read = (tokens: Tensor3D) => Tensor3D; // [B, T, D] → what the last one answers, [B, 1, D]

function drawCell(kind: CellKind, width: number, keepBias: number, random: Random): Read {
  const gates = GATE_COUNTS[kind];
  const kept = { rnn: -1, gru: 1, lstm: 1 }[kind]; // which gate keeps: z of r, z, n; f of i, f, g, o
  const bias = Float32Array.from({ length: gates * width }, (_, at) =>
    Math.floor(at / width) === kept ? keepBias : 0,
  );
  const linear = (numbers: Float32Array): Linear => ({
    kernel: drawKernel(width, gates * width, random),
    bias: tensor1d(numbers),
  });
  const cell: RecurrentCell = { kind, input: linear(bias), recurrent: linear(new Float32Array(bias.length)) };
  return (tokens) => {
    const [batch, length] = tokens.shape;
    return slice(runRecurrent(cell, tokens).outputs, [0, length - 1, 0], [batch, 1, width]);
  };
}

function drawAttention(width: number, random: Random): Read {
  const draw = (): Linear => ({ kernel: drawKernel(width, width, random), bias: null });
  const layer = { query: draw(), key: draw(), value: draw(), score: { kind: "scaled-dot" } } as const;
  return (tokens) => {
    const [batch, length] = tokens.shape;
    return attendBetween(layer, slice(tokens, [0, length - 1, 0], [batch, 1, width]), tokens).context;
  };
}
