const checkEveryMs = 500

/**
 * Calls back once when the npm that started this process is gone: killed alone, npm leaves its script running, and the
 * ports with it. A process that was not started by npm may outlive its parent.
 */
export function onParentGone(callback: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    callback()
  }, checkEveryMs)
  timer.unref()
}
