// What the kernel says of processes that it killed for want of memory, as `dmesg -t` prints it: __oom_kill_process of
// Linux 6.18's mm/oom_kill.c.
import { OOM_KILL_COUNT, OOM_KILL_SIZE, OOM_KILLS, PAGE_SIZE, TASKS } from '../abi/layout.gen.js'
import type { Kernel } from '../core/kernel.js'
import { OomKillLayout, TasksLayout } from '../core/layout.gen.js'
import { groupName } from '../sys/cgroup.js'
import { kilobytes } from './text.js'

/** The lines, of the last that were killed. */
export function renderDmesg({ view }: Kernel): string {
  const kills = view.getUint32(TASKS + TasksLayout.oomKills, true)
  const first = Math.max(0, kills - OOM_KILL_COUNT)
  return Array.from({ length: kills - first }, (_, i) => renderKill(view, OOM_KILLS + ((first + i) % OOM_KILL_COUNT) * OOM_KILL_SIZE)).join(
    '',
  )
}

function renderKill(view: DataView, at: number): string {
  const word = (field: keyof typeof OomKillLayout): number => view.getUint32(at + OomKillLayout[field], true)
  const [pid, uid] = [word('pid'), word('uid')]
  const name = word('cpu') === 0 ? 'init' : 'worker'
  const group = word('group')
  const path = group === 0 ? '/' : `/${groupName(view, group)}`
  const constraint = group === 0 ? 'CONSTRAINT_NONE' : 'CONSTRAINT_MEMCG'
  const whose = group === 0 ? 'global_oom' : `oom_memcg=${path}`
  const size = (pages: number): string => `${kilobytes(pages)}kB`
  const total = size(view.getFloat64(at + OomKillLayout.total, true) / PAGE_SIZE)
  return (
    `oom-kill:constraint=${constraint},nodemask=(null),cpuset=/,mems_allowed=0,${whose},task_memcg=${path},task=${name},pid=${pid},uid=${uid}\n` +
    `${group === 0 ? 'Out of memory' : 'Memory cgroup out of memory'}: Killed process ${pid} (${name}) total-vm:${total}, anon-rss:${size(word('anonymous'))}, file-rss:0kB, ` +
    `shmem-rss:${size(word('shared'))}, UID:${uid} pgtables:${size(word('tables'))} oom_score_adj:${view.getInt32(at + OomKillLayout.adjust, true)}\n`
  )
}
