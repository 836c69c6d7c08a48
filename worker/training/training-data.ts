/** Pictures and what they show, on the host. */
export type TrainingBatch = {
  readonly shape: readonly [batch: number, height: number, width: number, channels: number];
  readonly pixels: Float32Array; // [B, height, width, C], normalised
  readonly targets: Float32Array; // [B, classes], rows sum to 1
};

/** What a model learns from. The same numbers give the same batch, so that a run can go on where it was stopped. */
export interface TrainingData<Batch = TrainingBatch> {
  readonly batchesPerEpoch: number;
  /** The `index`th batch of an epoch, both counted from 0. */
  batch(epoch: number, index: number): Promise<Batch>;
  /** Pictures kept aside, each once, as they are; null where there are none. */
  readonly validation: (() => AsyncIterable<Batch>) | null;
}
