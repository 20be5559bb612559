// GENERATED from the doc comments in assembly/policy by the build; do not edit.
import type { PolicyInfo } from './policyInfo.js'

/** The built-in policies; the index is the policy's number in the core. */
export const BUILTIN_POLICIES: readonly PolicyInfo[] = [
  {
    "name": "aging",
    "className": "Aging",
    "file": "aging",
    "description": "Evicts, of the pages not referenced since the last tick, the one with the lowest age register.",
    "sees": "accessed bits",
    "paper": "Tanenbaum: Operating Systems: Design and Implementation. Prentice-Hall, 1987",
    "parameters": [
      {
        "name": "period",
        "kind": "number",
        "default": 0.5,
        "min": 0.01,
        "max": 1,
        "whole": false,
        "description": "evictions from one tick to the next, as a multiple of the slots"
      }
    ]
  },
  {
    "name": "arc",
    "className": "Arc",
    "file": "arc",
    "description": "Evicts the least recently used of the pages seen once, or of those seen again, by a share that adapts.",
    "sees": "every access",
    "paper": "Megiddo, Modha: ARC: a self-tuning, low overhead replacement cache. FAST, 2003",
    "parameters": []
  },
  {
    "name": "car",
    "className": "Car",
    "file": "car",
    "description": "Evicts a page that the hand of one of two clocks finds unreferenced: pages seen once, or pages seen again, by a share that adapts.",
    "sees": "accessed bits",
    "paper": "Bansal, Modha: CAR: clock with adaptive replacement. FAST, 2004",
    "parameters": [
      {
        "name": "history",
        "kind": "choice",
        "default": "unbounded",
        "choices": [
          "unbounded",
          "paper"
        ],
        "description": "how long evicted pages are remembered"
      }
    ]
  },
  {
    "name": "clock",
    "className": "Clock",
    "file": "clock",
    "description": "Evicts the first page that the hand finds unreferenced since it last passed (second chance).",
    "sees": "accessed bits",
    "paper": "Corbato: A paging experiment with the Multics system. MIT Project MAC report MAC-M-384, 1968",
    "parameters": []
  },
  {
    "name": "clockpro",
    "className": "ClockPro",
    "file": "clockpro",
    "description": "Evicts a cold page that the cold hand finds unreferenced; pages referenced again within their test period are hot and safe.",
    "sees": "accessed bits",
    "paper": "Jiang, Chen, Zhang: CLOCK-Pro: an effective improvement of the CLOCK replacement. USENIX ATC, 2005",
    "parameters": [
      {
        "name": "cold",
        "kind": "number",
        "default": 0.01,
        "min": 0,
        "max": 1,
        "whole": false,
        "description": "share of the frames for cold pages to start with"
      },
      {
        "name": "compat",
        "kind": "choice",
        "default": "none",
        "choices": [
          "none",
          "libcachesim"
        ],
        "description": "libcachesim keeps the pages that fill the cache for ever"
      }
    ]
  },
  {
    "name": "fifo",
    "className": "Fifo",
    "file": "fifo",
    "description": "Evicts the page that came in first.",
    "sees": "accessed bits",
    "paper": "Belady: A study of replacement algorithms for a virtual-storage computer. IBM Systems Journal 5(2), 1966",
    "parameters": []
  },
  {
    "name": "gclock",
    "className": "Gclock",
    "file": "gclock",
    "description": "Evicts the first page that the hand finds with a count of zero (generalized CLOCK).",
    "sees": "every access",
    "paper": "Smith: Sequentiality and prefetching in database systems. ACM TODS 3(3), 1978",
    "parameters": [
      {
        "name": "bits",
        "kind": "number",
        "default": 2,
        "min": 1,
        "max": 7,
        "whole": true,
        "description": "bits of a page's counter"
      },
      {
        "name": "initial",
        "kind": "number",
        "default": 0,
        "min": 0,
        "max": 127,
        "whole": true,
        "description": "count of a new page, at most what its bits hold"
      }
    ]
  },
  {
    "name": "lecar",
    "className": "LeCar",
    "file": "lecar",
    "description": "Evicts the least recently or the least frequently used page, whichever is by a weighted coin; each regret lowers a weight.",
    "sees": "every access",
    "paper": "Vietri, Rodriguez, Martinez, Lyons, Liu, Rangaswami, Zhao, Narasimhan: Driving cache replacement with ML-based LeCaR. HotStorage, 2018",
    "parameters": [
      {
        "name": "rate",
        "kind": "number",
        "default": 0.45,
        "min": 0,
        "max": 10,
        "whole": false,
        "description": "the learning rate"
      },
      {
        "name": "discount",
        "kind": "number",
        "default": 0.005,
        "min": 0.000001,
        "max": 1,
        "whole": false,
        "description": "how much a regret counts after as many references as there are frames"
      },
      {
        "name": "history",
        "kind": "number",
        "default": 0.5,
        "min": 0,
        "max": 10,
        "whole": false,
        "description": "entries of each history per frame"
      }
    ]
  },
  {
    "name": "lfu",
    "className": "Lfu",
    "file": "lfu",
    "description": "Evicts the page referenced least often since it came in; of several, the one that got there first.",
    "sees": "every access",
    "paper": "Coffman, Denning: Operating Systems Theory. Prentice-Hall, 1973",
    "parameters": []
  },
  {
    "name": "lfuda",
    "className": "Lfuda",
    "file": "lfuda",
    "description": "Evicts the page with the lowest frequency plus age, where the cache's age is the key of the last victim.",
    "sees": "every access",
    "paper": "Arlitt, Cherkasova, Dilley, Friedrich, Jin: Evaluating content management techniques for web proxy caches. ACM SIGMETRICS PER 27(4), 2000",
    "parameters": []
  },
  {
    "name": "lirs",
    "className": "Lirs",
    "file": "lirs",
    "description": "Evicts the oldest of the few pages with a high reuse distance (HIR); pages with a low one (LIR) hold the other frames.",
    "sees": "every access",
    "paper": "Jiang, Zhang: LIRS: an efficient low inter-reference recency set replacement policy. SIGMETRICS, 2002",
    "parameters": [
      {
        "name": "hir",
        "kind": "number",
        "default": 0.01,
        "min": 0,
        "max": 1,
        "whole": false,
        "description": "share of the frames for HIR pages, at least one"
      },
      {
        "name": "compat",
        "kind": "choice",
        "default": "none",
        "choices": [
          "none",
          "libcachesim"
        ],
        "description": "libcachesim counts some misses as hits with fewer than two HIR frames"
      }
    ]
  },
  {
    "name": "lru",
    "className": "Lru",
    "file": "lru",
    "description": "Evicts the page that was referenced least recently.",
    "sees": "every access",
    "paper": "Mattson, Gecsei, Slutz, Traiger: Evaluation techniques for storage hierarchies. IBM Systems Journal 9(2), 1970",
    "parameters": []
  },
  {
    "name": "lruk",
    "className": "Lruk",
    "file": "lruk",
    "description": "Evicts the page whose K-th last reference is longest ago (backward K-distance).",
    "sees": "every access",
    "paper": "O'Neil, O'Neil, Weikum: The LRU-K page replacement algorithm for database disk buffering. SIGMOD 1993",
    "parameters": [
      {
        "name": "k",
        "kind": "number",
        "default": 2,
        "min": 1,
        "max": 8,
        "whole": true,
        "description": "how many references back"
      },
      {
        "name": "correlated",
        "kind": "number",
        "default": 0,
        "min": 0,
        "max": 1000000000,
        "whole": true,
        "description": "the correlated reference period, in references"
      },
      {
        "name": "retained",
        "kind": "number",
        "default": 1,
        "min": 0,
        "max": 16,
        "whole": false,
        "description": "evictions for which history is retained, as a multiple of the slots"
      }
    ]
  },
  {
    "name": "mq",
    "className": "Mq",
    "file": "mq",
    "description": "Evicts the least recently used page of the lowest queue; pages referenced 2^k times are in queue k and fall by one in time.",
    "sees": "every access",
    "paper": "Zhou, Philbin, Li: The multi-queue replacement algorithm for second level buffer caches. USENIX ATC, 2001",
    "parameters": [
      {
        "name": "queues",
        "kind": "number",
        "default": 8,
        "min": 1,
        "max": 32,
        "whole": true,
        "description": "number of queues"
      },
      {
        "name": "lifetime",
        "kind": "number",
        "default": 10000,
        "min": 1,
        "max": 1000000000,
        "whole": true,
        "description": "references after which a page falls to the next lower queue"
      },
      {
        "name": "out",
        "kind": "number",
        "default": 4,
        "min": 0,
        "max": 16,
        "whole": false,
        "description": "evicted pages remembered, as a multiple of the frames"
      }
    ]
  },
  {
    "name": "mru",
    "className": "Mru",
    "file": "mru",
    "description": "Evicts the page that was referenced most recently: best where pages are used in a loop.",
    "sees": "every access",
    "paper": "Chou, DeWitt: An evaluation of buffer management strategies for relational database systems. VLDB 1985",
    "parameters": []
  },
  {
    "name": "nru",
    "className": "Nru",
    "file": "nru",
    "description": "Evicts a page that was not referenced since the last tick, which clears every page's referenced bit.",
    "sees": "accessed bits",
    "paper": "Tanenbaum: Operating Systems: Design and Implementation. Prentice-Hall, 1987",
    "parameters": [
      {
        "name": "period",
        "kind": "number",
        "default": 0.5,
        "min": 0.01,
        "max": 1,
        "whole": false,
        "description": "evictions from one tick to the next, as a multiple of the slots"
      }
    ]
  },
  {
    "name": "opt",
    "className": "Opt",
    "file": "opt",
    "description": "Evicts the page whose next reference is farthest in the future, which no policy can beat (Belady's MIN).",
    "sees": "the future",
    "paper": "Belady: A study of replacement algorithms for a virtual-storage computer. IBM Systems Journal 5(2), 1966",
    "parameters": []
  },
  {
    "name": "qdlp",
    "className": "Qdlp",
    "file": "qdlp",
    "description": "Evicts from a small FIFO queue what was not referenced while in it (quick demotion); the rest stands in a clock (lazy promotion).",
    "sees": "accessed bits",
    "paper": "Yang, Qiu, Zhang, Yue, Rashmi: FIFO can be better than LRU: the power of lazy promotion and quick demotion. HotOS, 2023",
    "parameters": [
      {
        "name": "small",
        "kind": "number",
        "default": 0.1,
        "min": 0,
        "max": 1,
        "whole": false,
        "description": "the small queue's share of the frames"
      },
      {
        "name": "ghost",
        "kind": "number",
        "default": 0.9,
        "min": 0,
        "max": 10,
        "whole": false,
        "description": "ghosts per frame"
      },
      {
        "name": "threshold",
        "kind": "number",
        "default": 1,
        "min": 1,
        "max": 3,
        "whole": true,
        "description": "references in the small queue that take a page to the clock"
      },
      {
        "name": "compat",
        "kind": "choice",
        "default": "none",
        "choices": [
          "none",
          "libcachesim"
        ],
        "description": "whether to cache nothing where libCacheSim does, below 20 frames"
      }
    ]
  },
  {
    "name": "random",
    "className": "Random",
    "file": "random",
    "description": "Evicts a page chosen at random, each with the same chance.",
    "sees": "accessed bits",
    "paper": "Belady: A study of replacement algorithms for a virtual-storage computer. IBM Systems Journal 5(2), 1966",
    "parameters": []
  },
  {
    "name": "s3fifo",
    "className": "S3Fifo",
    "file": "s3fifo",
    "description": "Evicts from a small FIFO queue what was not referenced twice while in it, else from the main queue.",
    "sees": "accessed bits",
    "paper": "Yang, Zhang, Qiu, Yue, Rashmi: FIFO queues are all you need for cache eviction. SOSP, 2023",
    "parameters": [
      {
        "name": "small",
        "kind": "number",
        "default": 0.1,
        "min": 0,
        "max": 1,
        "whole": false,
        "description": "the small queue's share of the frames"
      },
      {
        "name": "ghost",
        "kind": "number",
        "default": 0.9,
        "min": 0,
        "max": 10,
        "whole": false,
        "description": "ghosts per frame"
      },
      {
        "name": "threshold",
        "kind": "number",
        "default": 2,
        "min": 1,
        "max": 3,
        "whole": true,
        "description": "references in the small queue that take a page to the main queue"
      },
      {
        "name": "compat",
        "kind": "choice",
        "default": "none",
        "choices": [
          "none",
          "libcachesim"
        ],
        "description": "whether to cache nothing where libCacheSim does, below 20 frames"
      }
    ]
  },
  {
    "name": "sieve",
    "className": "Sieve",
    "file": "sieve",
    "description": "Evicts the first page that the hand, on its way from the oldest page to the newest, finds not visited since it last passed.",
    "sees": "accessed bits",
    "paper": "Zhang, Yang, Yue, Vigfusson, Rashmi: SIEVE is simpler than LRU: an efficient turn-key eviction algorithm for web caches. NSDI, 2024",
    "parameters": []
  },
  {
    "name": "slru",
    "className": "Slru",
    "file": "slru",
    "description": "Evicts the least recently used page of the lowest segment; each hit raises a page by one segment.",
    "sees": "every access",
    "paper": "Karedla, Love, Wherry: Caching strategies to improve disk system performance. IEEE Computer 27(3), 1994",
    "parameters": [
      {
        "name": "segments",
        "kind": "number",
        "default": 4,
        "min": 1,
        "max": 16,
        "whole": true,
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
    "name": "twolist",
    "className": "Twolist",
    "file": "twolist",
    "description": "Evicts the tail of an inactive list whose pages, found accessed twice, move to an active list.",
    "sees": "accessed bits",
    "paper": "Linux 6.12: mm/vmscan.c (shrink_active_list, shrink_inactive_list, folio_check_references, inactive_is_low), 2024",
    "parameters": []
  },
  {
    "name": "2q",
    "className": "TwoQ",
    "file": "twoq",
    "description": "Evicts first in, first out among pages seen once, or the least recently used of those seen again after that.",
    "sees": "every access",
    "paper": "Johnson, Shasha: 2Q: a low overhead high performance buffer management replacement algorithm. VLDB, 1994",
    "parameters": [
      {
        "name": "in",
        "kind": "number",
        "default": 0.25,
        "min": 0,
        "max": 1,
        "whole": false,
        "description": "share of the frames that A1in keeps"
      },
      {
        "name": "out",
        "kind": "number",
        "default": 0.5,
        "min": 0,
        "max": 16,
        "whole": false,
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
  },
  {
    "name": "wtinylfu",
    "className": "WTinyLfu",
    "file": "wtinylfu",
    "description": "Evicts the oldest page of a small LRU window, unless a sketch has seen it more often than the main cache's next victim.",
    "sees": "every access",
    "paper": "Einziger, Friedman, Manes: TinyLFU: a highly efficient cache admission policy. ACM Transactions on Storage 13(4), 2017",
    "parameters": [
      {
        "name": "window",
        "kind": "number",
        "default": 0.01,
        "min": 0,
        "max": 1,
        "whole": false,
        "description": "the window's share of the frames"
      },
      {
        "name": "compat",
        "kind": "choice",
        "default": "none",
        "choices": [
          "none",
          "libcachesim"
        ],
        "description": "whether to estimate with libCacheSim's filter, and to cache nothing where it does, below 100 frames"
      }
    ]
  }
]
