// In a worker thread that is no process: kswapd, which reclaims memory ahead of need until its thread is ended.
import { takeSeat } from './take.js'

takeSeat().kernel.exports.kswapd_run()
