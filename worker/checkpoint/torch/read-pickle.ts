import { malformedWeights } from "../malformed-weights.ts";

/** What a pickle names by module and name, such as "collections OrderedDict"; it is never looked up. */
export class Named {
  constructor(readonly name: string) {}
}

/** What a pickle asks to be called; it never is. */
export class Call {
  constructor(
    readonly callee: unknown,
    readonly args: readonly unknown[],
  ) {}
}

/** What stands outside the pickle, by the description that stands in its place. */
export class Persistent {
  constructor(readonly id: unknown) {}
}

const MARK = Symbol("mark");

/**
 * Reads one pickle after another as data: dictionaries become `Map`s, tuples and lists arrays, and whatever is more than
 * that a note of what stood there (`Named`, `Call`, `Persistent`). Nothing is run.
 * Throws `weights-malformed`, for protocols before 2 as well. Format: Python's `pickletools`.
 */
export class PickleReader {
  at = 0; // bytes
  readonly persistent: Persistent[] = []; // all that were met
  readonly #view: DataView;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();

  constructor(
    readonly bytes: Uint8Array,
    readonly what: string,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The object of the next pickle. */
  read(): unknown {
    this.#memo.clear();
    for (;;) {
      const opcode = this.number(1);
      if (opcode === STOP) return this.pop();
      const step = STEPS[opcode];
      if (!step)
        throw malformedWeights(
          this.what,
          `byte ${this.at - 1}: ${opcode} is no opcode of a pickle that torch.save writes`,
        );
      step(this);
    }
  }

  /** The next number of so many bytes, little-endian and without a sign. */
  number(size: 1 | 2 | 4 | 8): number {
    const at = this.#skip(size);
    if (size === 1) return this.#view.getUint8(at);
    if (size === 2) return this.#view.getUint16(at, true);
    return size === 4 ? this.#view.getUint32(at, true) : Number(this.#view.getBigUint64(at, true));
  }

  signed = (): number => this.#view.getInt32(this.#skip(4), true);

  float = (): number => this.#view.getFloat64(this.#skip(8)); // the one that is big-endian

  take(length: number): Uint8Array {
    const at = this.#skip(length);
    return this.bytes.subarray(at, at + length);
  }

  text = (length: number): string => new TextDecoder().decode(this.take(length));

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    const line = this.text((end < 0 ? this.bytes.length : end) - this.at);
    this.#skip(1);
    return line;
  }

  push = (value: unknown): void => void this.#stack.push(value);

  pop(): unknown {
    if (this.#stack.length === 0) throw malformedWeights(this.what, `byte ${this.at - 1}: wanted a value, got none`);
    return this.#stack.pop();
  }

  get top(): unknown {
    return this.#stack.at(-1);
  }

  /** All that was pushed since the last mark. */
  sinceMark(): unknown[] {
    const values = this.#stack.splice(this.#stack.lastIndexOf(MARK));
    if (values.shift() !== MARK) throw malformedWeights(this.what, `byte ${this.at - 1}: wanted a mark, got none`);
    return values;
  }

  remember = (key = this.#memo.size): void => void this.#memo.set(key, this.top);

  recall = (key: number): void => this.push(this.#memo.get(key));

  #skip(length: number): number {
    const at = this.at;
    if (!(at + length <= this.bytes.length))
      throw malformedWeights(this.what, "the pickle ends early; download it again");
    this.at += length;
    return at;
  }
}

const STOP = 0x2e;

/** Sets keys and values, in turns, in the dictionary on top; what else asks for them keeps none. */
function setItems({ top }: PickleReader, items: readonly unknown[]): void {
  if (top instanceof Map) for (let at = 0; at + 1 < items.length; at += 2) top.set(items[at], items[at + 1]);
}

function append({ top }: PickleReader, items: readonly unknown[]): void {
  if (Array.isArray(top)) for (const item of items) top.push(item);
}

const lastTwo = (pickle: PickleReader): unknown[] => [pickle.pop(), pickle.pop()].reverse();

function call(pickle: PickleReader): void {
  const args = pickle.pop();
  const callee = pickle.pop();
  const isDict = callee instanceof Named && callee.name === "collections OrderedDict";
  pickle.push(isDict ? new Map() : new Call(callee, Array.isArray(args) ? args : []));
}

function callWithNames(pickle: PickleReader): void {
  pickle.pop();
  call(pickle);
}

function persistent(pickle: PickleReader): void {
  const met = new Persistent(pickle.pop());
  pickle.persistent.push(met);
  pickle.push(met);
}

const named = (pickle: PickleReader, [module, name]: unknown[]): void =>
  pickle.push(new Named(`${String(module)} ${String(name)}`));

/** The last so many values as a tuple. */
const tuple = (size: number) => (pickle: PickleReader) =>
  pickle.push(Array.from({ length: size }, () => pickle.pop()).reverse());

/** By the byte that stands for it. Python 2's text forms, protocols 0 and 1, are missing: PyTorch writes 2 or later. */
const STEPS: Readonly<Record<number, (pickle: PickleReader) => void>> = {
  0x28: (pickle) => pickle.push(MARK), // MARK
  0x29: tuple(0), // EMPTY_TUPLE
  0x30: (pickle) => void pickle.pop(), // POP
  0x31: (pickle) => void pickle.sinceMark(), // POP_MARK
  0x32: (pickle) => pickle.push(pickle.top), // DUP
  0x42: (pickle) => pickle.push(pickle.take(pickle.number(4))), // BINBYTES
  0x43: (pickle) => pickle.push(pickle.take(pickle.number(1))), // SHORT_BINBYTES
  0x47: (pickle) => pickle.push(pickle.float()), // BINFLOAT
  0x4a: (pickle) => pickle.push(pickle.signed()), // BININT
  0x4b: (pickle) => pickle.push(pickle.number(1)), // BININT1
  0x4d: (pickle) => pickle.push(pickle.number(2)), // BININT2
  0x4e: (pickle) => pickle.push(null), // NONE
  0x51: persistent, // BINPERSID
  0x52: call, // REDUCE
  0x54: (pickle) => pickle.push(pickle.text(pickle.number(4))), // BINSTRING
  0x55: (pickle) => pickle.push(pickle.text(pickle.number(1))), // SHORT_BINSTRING
  0x58: (pickle) => pickle.push(pickle.text(pickle.number(4))), // BINUNICODE
  0x5d: tuple(0), // EMPTY_LIST
  0x61: (pickle) => append(pickle, [pickle.pop()]), // APPEND
  0x62: (pickle) => void pickle.pop(), // BUILD: attributes
  0x63: (pickle) => named(pickle, [pickle.line(), pickle.line()]), // GLOBAL
  0x65: (pickle) => append(pickle, pickle.sinceMark()), // APPENDS
  0x68: (pickle) => pickle.recall(pickle.number(1)), // BINGET
  0x6a: (pickle) => pickle.recall(pickle.number(4)), // LONG_BINGET
  0x71: (pickle) => pickle.remember(pickle.number(1)), // BINPUT
  0x72: (pickle) => pickle.remember(pickle.number(4)), // LONG_BINPUT
  0x73: (pickle) => setItems(pickle, lastTwo(pickle)), // SETITEM
  0x74: (pickle) => pickle.push(pickle.sinceMark()), // TUPLE
  0x75: (pickle) => setItems(pickle, pickle.sinceMark()), // SETITEMS
  0x7d: (pickle) => pickle.push(new Map()), // EMPTY_DICT
  0x80: (pickle) => void pickle.number(1), // PROTO
  0x81: call, // NEWOBJ
  0x85: tuple(1), // TUPLE1
  0x86: tuple(2), // TUPLE2
  0x87: tuple(3), // TUPLE3
  0x88: (pickle) => pickle.push(true), // NEWTRUE
  0x89: (pickle) => pickle.push(false), // NEWFALSE
  0x8a: (pickle) => pickle.push(whole(pickle.take(pickle.number(1)))), // LONG1
  0x8b: (pickle) => pickle.push(whole(pickle.take(pickle.number(4)))), // LONG4
  0x8c: (pickle) => pickle.push(pickle.text(pickle.number(1))), // SHORT_BINUNICODE
  0x8d: (pickle) => pickle.push(pickle.text(pickle.number(8))), // BINUNICODE8
  0x8e: (pickle) => pickle.push(pickle.take(pickle.number(8))), // BINBYTES8
  0x8f: tuple(0), // EMPTY_SET
  0x90: (pickle) => append(pickle, pickle.sinceMark()), // ADDITEMS
  0x91: (pickle) => pickle.push(pickle.sinceMark()), // FROZENSET
  0x92: callWithNames, // NEWOBJ_EX
  0x93: (pickle) => named(pickle, lastTwo(pickle)), // STACK_GLOBAL
  0x94: (pickle) => pickle.remember(), // MEMOIZE
  0x95: (pickle) => void pickle.number(8), // FRAME
  0x96: (pickle) => pickle.push(pickle.take(pickle.number(8))), // BYTEARRAY8
};

/** Little-endian, in two's complement. */
const whole = (bytes: Uint8Array): number =>
  bytes.reduceRight((sum, byte) => sum * 256 + byte, (bytes.at(-1) ?? 0) > 127 ? -1 : 0);
