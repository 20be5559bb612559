// What has to be undone if the process ends early: unfinished files, running children.

const actions = new Set<() => void>()
process.on('exit', () => {
  for (const action of actions) action()
})

/** Has `action`, which must not wait for anything, run when the process ends; returns what takes that back. */
export function atExit(action: () => void): () => void {
  actions.add(action)
  return () => actions.delete(action)
}
