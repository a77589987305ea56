import { continueTrace, createTracer, withSpan } from '@clew/core'
import { log } from './log.js'
import { describeQueue, takeJob } from './queue.js'

createTracer({ service: 'notifier' })

interface Receipt {
  readonly order: string
  readonly customer: string
  readonly total: number
}

process.send?.({})
for (;;) {
  const job = await takeJob<Receipt>('receipts')
  if (job === undefined) continue
  // The request has been answered long since. Its ids came with the job, and the work belongs to its trace.
  await continueTrace(job.headers, 'process receipts', { attributes: describeQueue('receipts', 'process') }, () => sendReceipt(job.body))
}

async function sendReceipt(receipt: Receipt): Promise<void> {
  const text = withSpan('render receipt', () => `Order ${receipt.order}: ${receipt.total.toFixed(2)}`)
  log.info({ order: receipt.order, length: text.length }, 'receipt sent')
}
