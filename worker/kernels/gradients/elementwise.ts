import {
  Add,
  div,
  Erf,
  exp,
  Exp,
  Log,
  logicalNot,
  cast,
  mul,
  Multiply,
  neg,
  Neg,
  RealDiv,
  reciprocal,
  Relu,
  Rsqrt,
  Select,
  Sigmoid,
  Sqrt,
  square,
  Square,
  step,
  sub,
  Sub,
  Tanh,
  type GradConfig,
  type Tensor,
} from "@tensorflow/tfjs-core";
import { sumTo } from "./broadcast.ts";

/** Of y = f(x), element by element, from the derivative at x. */
const ofInput = (kernelName: string, derivative: (x: Tensor) => Tensor): GradConfig => ({
  kernelName,
  inputsToSave: ["x"],
  gradFunc: (dy, [x]) => ({ x: () => mul(dy as Tensor, derivative(x!)) }),
});

/** The same from the answer y, which lives on as the next kernel's input anyway. */
const ofOutput = (kernelName: string, derivative: (y: Tensor) => Tensor): GradConfig => ({
  kernelName,
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({ x: () => mul(dy as Tensor, derivative(y!)) }),
});

/** Of y = f(a, b) with broadcasting, from dy to each operand's share of it. */
const ofBoth = (
  kernelName: string,
  toA: (dy: Tensor, a: Tensor, b: Tensor) => Tensor,
  toB: (dy: Tensor, a: Tensor, b: Tensor) => Tensor,
): GradConfig => ({
  kernelName,
  inputsToSave: ["a", "b"],
  gradFunc: (dy, [a, b]) => ({
    a: () => sumTo(toA(dy as Tensor, a!, b!), a!.shape),
    b: () => sumTo(toB(dy as Tensor, a!, b!), b!.shape),
  }),
});

const unary: readonly GradConfig[] = [
  ofInput(Square, (x) => mul(x, 2)),
  ofInput(Log, (x) => reciprocal(x)),
  ofInput(Relu, (x) => step(x)),
  ofInput(Erf, (x) => mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))),
  ofOutput(Exp, (y) => y),
  ofOutput(Sqrt, (y) => div(0.5, y)),
  ofOutput(Rsqrt, (y) => mul(mul(square(y), y), -0.5)),
  ofOutput(Tanh, (y) => sub(1, square(y))),
  ofOutput(Sigmoid, (y) => mul(y, sub(1, y))),
  { kernelName: Neg, gradFunc: (dy) => ({ x: () => neg(dy as Tensor) }) },
];

const binary: readonly GradConfig[] = [
  ofBoth(
    Add,
    (dy) => dy,
    (dy) => dy,
  ),
  ofBoth(
    Sub,
    (dy) => dy,
    (dy) => neg(dy),
  ),
  ofBoth(
    Multiply,
    (dy, _, b) => mul(dy, b),
    (dy, a) => mul(dy, a),
  ),
  ofBoth(
    RealDiv,
    (dy, _, b) => div(dy, b),
    (dy, a, b) => neg(div(mul(dy, a), square(b))),
  ),
];

/** y = condition ? t : e. */
const select: GradConfig = {
  kernelName: Select,
  inputsToSave: ["condition"],
  gradFunc: (dy, [condition]) => ({
    t: () => mul(dy as Tensor, cast(condition!, "float32")),
    e: () => mul(dy as Tensor, cast(logicalNot(condition!), "float32")),
  }),
};

/** Kernels that work element by element. */
export const elementwise: readonly GradConfig[] = [...unary, ...binary, select];
