/** Records the rooms that it can claim: our own capture, or LiveKit's Egress. */
export interface RecordingWorker {
  /** Looks at what is to be recorded, and at what is wanted of what is. */
  wake(): void
  /** How many recordings it takes; none while it cannot. */
  capacity(): number
  close(): Promise<void>
}
