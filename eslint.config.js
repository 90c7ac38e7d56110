import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Only these may read the environment: everything else is handed what it needs. */
const environmentReaders = ['src/platform/config.ts', 'local/**', 'test/**', 'tools/**', '*.ts'];

/** What tests must not read the gateway with: only `fetch` is checked, and `askBelowFetch`. */
const UNCHECKED = {
  'node:http': ['request', 'get', 'default'],
  'node:https': ['request', 'get', 'default'],
  'node:net': ['connect', 'createConnection', 'Socket', 'default'],
  'node:http2': undefined,
  undici: undefined,
};

/** Orchestrators are replayed: anything that can differ between two runs is forbidden in them. */
const orchestrators = ['src/**/orchestrator.ts'];

export default defineConfig(
  globalIgnores([
    'eslint.config.js',
    'tools/no-telemetry/',
    'tools/prerequisites.cjs',
    'dist/',
    'node_modules/',
    '.local/',
    '.artifacts/',
    'test/**/apps/**/dist/',
  ]),
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 12],
      'max-params': ['error', 6],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: 'Only platform/config.ts reads the environment.',
        },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-empty': ['error', { allowEmptyCatch: false }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Documents of our own stores are typed where they are read.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: environmentReaders,
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: orchestrators,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              // What it calls must be as pure as it is itself: that is the schedule, the loop of another, and nothing else.
              regex: '^(?!.*/(schedule|orchestrator)\\.ts$)',
              allowTypeImports: true,
              message: 'An orchestrator is replayed: no I/O, clock or environment, also not by way of another module.',
            },
          ],
        },
      ],
      'no-restricted-globals': [
        'error',
        'globalThis',
        'Date',
        'process',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'fetch',
        'crypto',
        'performance',
        'queueMicrotask',
      ],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random' }],
      'no-restricted-syntax': [
        'error',
        { selector: 'AwaitExpression', message: 'An orchestrator yields; it never awaits.' },
      ],
    },
  },
  {
    files: ['test/**', '**/*.test.ts'],
    rules: {
      'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      // `expect.any(String)` is an `any`.
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    files: ['test/{contract,conformance,end-to-end,faults,infra,long,support}/**'],
    // Itself, and two that stand in front of a service and hand everything on.
    ignores: [
      'test/support/answers/below-fetch.ts',
      'test/support/blob-door.ts',
      'test/contract/doctor/doctor.test.ts',
    ],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: Object.entries(UNCHECKED).map(([name, importNames]) => ({
            name,
            importNames,
            allowTypeImports: true,
            message: 'Nobody would check the answer: use fetch, or askBelowFetch.',
          })),
        },
      ],
    },
  },
  {
    files: ['vitest.config.ts', 'test/support/reporter.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
);
