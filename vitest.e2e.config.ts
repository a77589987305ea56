import { defineConfig } from 'vitest/config'
import { findChromium } from './scripts/find-chromium.mjs'

// Tests that start processes and browsers: they use the build, as users do, and run one file at a time.
export default defineConfig({
  test: {
    name: 'e2e',
    include: ['{packages,internal,examples}/*/test/**/*.e2e.test.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Tests in a browser read its path here, and are skipped where it is empty.
    env: { NODE_ENV: 'test', CLEW_CHROMIUM: findChromium() ?? '' },
  },
})
