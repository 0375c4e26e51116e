/** Thrown for a key that nothing is stored under. */
export class BlobNotFoundError extends Error {
  override name = 'BlobNotFoundError'
  // Without the key: that has names of rooms in it, which logs must not have.
  constructor() {
    super('nothing is stored under this key')
  }
}

/** Thrown for what no store can do, whatever its state: a mistake in the program that asks. */
export class InvalidBlobError extends Error {
  override name = 'InvalidBlobError'
}

/** Thrown when a store has no room left. Nothing half-written remains. */
export class BlobStoreFullError extends Error {
  override name = 'BlobStoreFullError'
}

/** Thrown when a store refuses or cannot be reached. The message says what to change, and has no secret in it. */
export class BlobStoreError extends Error {
  override name = 'BlobStoreError'
  /** The setting of the store that is to be changed, when it is one. */
  readonly setting: string | undefined
  constructor(message: string, { setting, cause }: { setting?: string | undefined; cause?: unknown } = {}) {
    super(message, { cause })
    this.setting = setting
  }
}
