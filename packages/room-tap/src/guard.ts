/** The same object, whose methods throw nothing: what they throw goes to `failed`. */
export function guard<T extends object>(target: T, failed: (error: unknown) => void): T {
  const guarded = new Map<PropertyKey, unknown>()
  return new Proxy(target, {
    get: (_, name) => {
      const method = Reflect.get(target, name) as unknown
      if (typeof method !== 'function') return method
      const known = guarded.get(name)
      if (known) return known
      const made = (...args: unknown[]) => {
        try {
          return method.apply(target, args)
        } catch (error) {
          failed(error)
        }
      }
      guarded.set(name, made)
      return made
    },
  })
}
