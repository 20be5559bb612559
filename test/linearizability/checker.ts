// Whether a history of calls on an object that threads share is linearizable: whether each call can be thought to
// have happened at one instant between its begin and its end, so that the object, asked in that order, answers
// the same. The search is Wing and Gong's (JPDC 1993), with Lowe's memory of what was tried (Testing for
// linearizability, 2017): since a thread is in one call at a time, a configuration is how far each
// thread is, and the object's state; none is looked at twice.

/** A call, what it answered, and when it began and ended by a clock that all threads share. */
export interface Operation<Call, Answer> {
  call: Call
  /** Undefined if the call never ended: its thread did, before or after what it does happened. */
  answer: Answer | undefined
  began: number
  ended: number
}

/** What an object would do if one thread alone used it. States are never changed. */
export interface Model<State, Call, Answer> {
  initial: State
  /** The states that a call may lead to with that answer, or with any if it is undefined; none if it cannot answer so. */
  step(state: State, call: Call, answer: Answer | undefined): readonly State[]
  /** A text that equal states have alone. */
  key(state: State): string
}

/** The operations of each thread, in their order. */
export type History<Call, Answer> = readonly (readonly Operation<Call, Answer>[])[]

/** How far a search is: how many operations of each thread have happened, and to what state they led. */
interface Configuration<State> {
  done: readonly number[]
  state: State
}

/** What a thread did when so much of it had happened. */
function nextOf<Call, Answer>(history: History<Call, Answer>, done: readonly number[], thread: number): Operation<Call, Answer> {
  const operation = history[thread]?.[done[thread] ?? 0]
  if (!operation) throw new RangeError(`thread ${thread} did no more`)
  return operation
}

/** What may happen next: no other operation that has not happened ended before it began. */
function candidates<Call, Answer>(history: History<Call, Answer>, done: readonly number[]): number[] {
  const next = history.map((own, thread) => own[done[thread] ?? 0])
  const firstEnd = Math.min(...next.map(operation => operation?.ended ?? Number.POSITIVE_INFINITY))
  return next.flatMap((operation, thread) => (operation && operation.began <= firstEnd ? [thread] : []))
}

/** Whether all that is left never ended. */
function isOver<Call, Answer>(history: History<Call, Answer>, done: readonly number[]): boolean {
  return history.every((own, thread) => own.slice(done[thread]).every(({ answer }) => answer === undefined))
}

/** What is wrong with a history; undefined if it is linearizable. */
export function explain<State, Call, Answer>(model: Model<State, Call, Answer>, history: History<Call, Answer>): string | undefined {
  const seen = new Set<string>()
  let furthest: Configuration<State> = { done: history.map(() => 0), state: model.initial }
  const count = ({ done }: Configuration<State>): number => done.reduce((sum, own) => sum + own, 0)
  const left = [furthest]
  for (let now = left.pop(); now; now = left.pop()) {
    if (isOver(history, now.done)) return undefined
    if (count(now) > count(furthest)) furthest = now
    for (const thread of candidates(history, now.done)) {
      const { call, answer } = nextOf(history, now.done, thread)
      const done = now.done.map((own, index) => own + (index === thread ? 1 : 0))
      for (const state of model.step(now.state, call, answer)) {
        const key = `${done.join()} ${model.key(state)}`
        if (seen.has(key)) continue
        seen.add(key)
        left.push({ done, state })
      }
    }
  }
  return describe(model, history, furthest)
}

/** Says where the search got no further. */
function describe<State, Call, Answer>(
  model: Model<State, Call, Answer>,
  history: History<Call, Answer>,
  { done, state }: Configuration<State>,
): string {
  const next = candidates(history, done).map(thread => {
    const { call, answer, began, ended } = nextOf(history, done, thread)
    return `  thread ${thread}, from ${began} to ${ended}: ${JSON.stringify(call)} answers ${JSON.stringify(answer)}`
  })
  return `not linearizable: after ${done.join(' and ')} operations of the threads, with the state ${model.key(state)}, none of these can be next:\n${next.join('\n')}`
}
