/** Settles as `work` does, or rejects with "<what> took longer than … ms"; the work itself goes on unheard. */
export async function within<T>(timeoutMs: number, what: string, work: () => Promise<T>): Promise<T> {
  const limit = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => limit.reject(new Error(`${what} took longer than ${Math.round(timeoutMs)} ms`)),
    timeoutMs,
  )
  try {
    return await Promise.race([work(), limit.promise])
  } finally {
    clearTimeout(timer)
  }
}
