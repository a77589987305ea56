import { defineConfig } from 'vitest/config'

const conditions = ['@clew/source']
const exclude = ['**/node_modules/**', '**/*.e2e.test.ts']

// Workspace packages are read from their sources; only tests that start processes need the build (vitest.e2e.config.ts).
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    env: { NODE_ENV: 'test' },
    // The programs that scripts/test/examples.test.ts makes of doc blocks stand where they find their packages.
    server: { deps: { inline: [/\.clew-examples/] } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{packages,internal,examples}/*/test/**/*.test.ts', 'scripts/test/**/*.test.ts'],
          exclude: [...exclude, '**/*conformance.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'conformance',
          include: ['{packages,internal}/*/test/**/*conformance.test.ts', 'internal/contexts/suites/*.conformance.test.mjs'],
          exclude,
        },
      },
    ],
  },
})
