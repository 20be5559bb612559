import type { Twin } from '../twin.ts'

interface Entry {
  page: number
  /** The accessed bit of the page's table entry. */
  young: boolean
  /** PG_referenced. */
  referenced: boolean
}

/** Far below a GiB of pages, so that the inactive list is low when it is shorter than the active one. */
export function twin(frames: number): Twin {
  const inactive: Entry[] = [] // head first
  const active: Entry[] = []
  const shrinkActive = (): void => {
    const entry = active.pop() as Entry
    inactive.unshift({ ...entry, young: false })
  }
  const shrinkInactive = (): number | undefined => {
    const entry = inactive.pop() as Entry
    if (!entry.young) return entry.page
    const list = entry.referenced ? active : inactive
    list.unshift({ page: entry.page, young: false, referenced: true })
    return undefined
  }
  return {
    reference(page) {
      const found = [...inactive, ...active].find(entry => entry.page === page)
      if (found) {
        found.young = true
        return 'hit'
      }
      let victim: number | undefined
      while (victim === undefined && inactive.length + active.length === frames) {
        while (inactive.length < active.length) shrinkActive()
        victim = shrinkInactive()
      }
      inactive.unshift({ page, young: true, referenced: false })
      return { victim }
    },
    remove(page) {
      for (const list of [inactive, active]) {
        const index = list.findIndex(entry => entry.page === page)
        if (index >= 0) list.splice(index, 1)
      }
    },
  }
}
