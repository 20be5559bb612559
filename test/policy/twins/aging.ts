import type { Twin, TwinFactory } from '../twin.ts'

export const variants = ['period=0.01', 'period=1']

export const twin: TwinFactory = (frames, { period }): Twin => {
  const everyEvictions = Math.max(1, Math.floor(Number(period) * frames))
  const slots: { page: number; referenced: boolean; register: boolean[] }[] = []
  let evictions = 0 // since the last tick
  const never = Array<boolean>(8).fill(false)
  const tick = (): void => {
    for (const slot of slots) {
      slot.register = [slot.referenced, ...slot.register.slice(0, 7)]
      slot.referenced = false
    }
    evictions = 0
  }
  const age = ({ register }: { register: boolean[] }): number => Number.parseInt(register.map(Number).join(''), 2)
  return {
    reference(page) {
      const found = slots.find(slot => slot.page === page)
      if (found) {
        found.referenced = true
        return 'hit'
      }
      if (slots.length < frames) {
        slots.push({ page, referenced: true, register: never })
        return { victim: undefined }
      }
      if (evictions === everyEvictions || slots.every(slot => slot.referenced)) tick()
      evictions++
      const candidates = slots.filter(slot => !slot.referenced)
      const lowest = Math.min(...candidates.map(age))
      const index = slots.findIndex(slot => !slot.referenced && age(slot) === lowest)
      const victim = slots[index]?.page
      slots[index] = { page, referenced: true, register: never }
      return { victim }
    },
  }
}
