// GENERATED from the doc comments in assembly/policy by the build; do not edit.
import type { PolicyInfo } from './policyInfo.js'

/** The built-in policies; the index is the policy's number in the core. */
export const BUILTIN_POLICIES: readonly PolicyInfo[] = [
  {
    "name": "arc",
    "className": "Arc",
    "file": "arc",
    "description": "Evicts the least recently used of the pages seen once, or of those seen again, by a share that adapts.",
    "sees": "every access",
    "usesIds": false,
    "paper": "Megiddo, Modha: ARC: a self-tuning, low overhead replacement cache. FAST, 2003",
    "parameters": []
  },
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
  },
  {
    "name": "slru",
    "className": "Slru",
    "file": "slru",
    "description": "Evicts the least recently used page of the lowest segment; each hit raises a page by one segment.",
    "sees": "every access",
    "usesIds": false,
    "paper": "Karedla, Love, Wherry: Caching strategies to improve disk system performance. IEEE Computer 27(3), 1994",
    "parameters": [
      {
        "name": "segments",
        "kind": "number",
        "default": 4,
        "min": 1,
        "max": 16,
        "description": "number of segments"
      },
      {
        "name": "compat",
        "kind": "choice",
        "default": "none",
        "choices": [
          "none",
          "libcachesim"
        ],
        "description": "libcachesim caches nothing with fewer frames than segments, and evicts left-over pages on a hit"
      }
    ]
  },
  {
    "name": "2q",
    "className": "TwoQ",
    "file": "twoq",
    "description": "Evicts first in, first out among pages seen once, or the least recently used of those seen again after that.",
    "sees": "every access",
    "usesIds": false,
    "paper": "Johnson, Shasha: 2Q: a low overhead high performance buffer management replacement algorithm. VLDB, 1994",
    "parameters": [
      {
        "name": "in",
        "kind": "number",
        "default": 0.25,
        "min": 0,
        "max": 1,
        "description": "share of the frames that A1in keeps"
      },
      {
        "name": "out",
        "kind": "number",
        "default": 0.5,
        "min": 0,
        "max": 16,
        "description": "pages remembered in A1out, as a multiple of the frames"
      },
      {
        "name": "compat",
        "kind": "choice",
        "default": "none",
        "choices": [
          "none",
          "libcachesim"
        ],
        "description": "libcachesim bypasses the cache if A1in's share rounds to nothing"
      }
    ]
  }
]
