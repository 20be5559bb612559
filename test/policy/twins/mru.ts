import type { Twin } from '../twin.ts'

export function twin(frames: number): Twin {
  let stack: number[] = [] // most recently used last
  return {
    reference(page) {
      const hit = stack.includes(page)
      stack = stack.filter(other => other !== page)
      const victim = stack.length === frames ? stack.pop() : undefined
      stack.push(page)
      return hit ? 'hit' : { victim }
    },
    remove(page) {
      stack = stack.filter(other => other !== page)
    },
  }
}
