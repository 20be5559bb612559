// GENERATED from the doc comments in assembly/policy by the build; do not edit.
import type { PolicyInfo } from './policyInfo.js'

/** The built-in policies; the index is the policy's number in the core. */
export const BUILTIN_POLICIES: readonly PolicyInfo[] = [
  {
    "name": "clock",
    "className": "Clock",
    "file": "clock",
    "description": "Evicts the first page that the hand finds unreferenced since it last passed (second chance).",
    "sees": "accessed bits",
    "usesIds": false,
    "paper": "Corbato: A paging experiment with the Multics system. MIT Project MAC report MAC-M-384, 1968",
    "parameters": []
  },
  {
    "name": "fifo",
    "className": "Fifo",
    "file": "fifo",
    "description": "Evicts the page that came in first.",
    "sees": "accessed bits",
    "usesIds": false,
    "paper": "Belady: A study of replacement algorithms for a virtual-storage computer. IBM Systems Journal 5(2), 1966",
    "parameters": []
  },
  {
    "name": "lru",
    "className": "Lru",
    "file": "lru",
    "description": "Evicts the page that was referenced least recently.",
    "sees": "every access",
    "usesIds": false,
    "paper": "Mattson, Gecsei, Slutz, Traiger: Evaluation techniques for storage hierarchies. IBM Systems Journal 9(2), 1970",
    "parameters": []
  },
  {
    "name": "mru",
    "className": "Mru",
    "file": "mru",
    "description": "Evicts the page that was referenced most recently: best where pages are used in a loop.",
    "sees": "every access",
    "usesIds": false,
    "paper": "Chou, DeWitt: An evaluation of buffer management strategies for relational database systems. VLDB 1985",
    "parameters": []
  },
  {
    "name": "random",
    "className": "Random",
    "file": "random",
    "description": "Evicts a page chosen at random, each with the same chance.",
    "sees": "accessed bits",
    "usesIds": false,
    "paper": "Belady: A study of replacement algorithms for a virtual-storage computer. IBM Systems Journal 5(2), 1966",
    "parameters": []
  }
]
