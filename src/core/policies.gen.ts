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
    "name": "lru",
    "className": "Lru",
    "file": "lru",
    "description": "Evicts the page that was referenced least recently.",
    "sees": "every access",
    "usesIds": false,
    "paper": "Mattson, Gecsei, Slutz, Traiger: Evaluation techniques for storage hierarchies. IBM Systems Journal 9(2), 1970",
    "parameters": []
  }
]
