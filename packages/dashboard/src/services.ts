import { computed, signal } from '@preact/signals'
import type { ReadonlySignal, Signal } from '@preact/signals'
import { fetchServices } from './api.js'
import { assignColors } from './service-colors.js'

/** Names of the services the store knows, and of those met since. */
export const serviceNames: Signal<readonly string[]> = signal([])

/** Their colours: the same in every view. */
export const serviceColors: ReadonlySignal<ReadonlyMap<string, number>> = computed(() => assignColors(serviceNames.value))

/** Adds names that a view met. Where the list cannot be fetched (the views say so), colours still tell services apart. */
export function meetServices(names: Iterable<string>): void {
  const known = new Set(serviceNames.value)
  const added = [...names].filter((name) => !known.has(name))
  if (added.length > 0) serviceNames.value = [...known, ...new Set(added)].sort()
}

/** Asks the server for its services. */
export async function loadServices(abort: AbortSignal): Promise<void> {
  const answer = await fetchServices(abort)
  if (answer.ok) meetServices(answer.value.items.map((service) => service.name))
}
