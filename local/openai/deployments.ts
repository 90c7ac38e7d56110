/** One deployment per model of Microsoft's list, under the model's own name. */
export interface Deployment {
  name: string;
  kind: 'text' | 'image';
  /** What `reasoning.effort` becomes when the caller gives none; null for models that do not reason. */
  defaultEffort: string | null;
  /** Unix seconds of the newest listed version. */
  created: number;
}

const TEXT_MODELS: readonly (readonly [name: string, version: string, defaultEffort: string | null])[] = [
  ['gpt-chat-latest', '2026-05-05', null],
  ['gpt-5.5', '2026-04-24', 'none'],
  ['gpt-5.4-nano', '2026-03-17', 'none'],
  ['gpt-5.4-mini', '2026-03-17', 'none'],
  ['gpt-5.4-pro', '2026-03-05', 'medium'],
  ['gpt-5.4', '2026-03-05', 'none'],
  ['gpt-5.3-chat', '2026-03-03', null],
  ['gpt-5.3-codex', '2026-02-24', 'medium'],
  ['gpt-5.2-codex', '2026-01-14', 'medium'],
  ['gpt-5.2', '2025-12-11', 'none'],
  ['gpt-5.2-chat', '2026-02-10', null],
  ['gpt-5.1-codex-max', '2025-12-04', 'medium'],
  ['gpt-5.1', '2025-11-13', 'none'],
  ['gpt-5.1-chat', '2025-11-13', null],
  ['gpt-5.1-codex', '2025-11-13', 'medium'],
  ['gpt-5.1-codex-mini', '2025-11-13', 'medium'],
  ['gpt-5-pro', '2025-10-06', 'high'],
  ['gpt-5-codex', '2025-09-15', 'medium'],
  ['gpt-5', '2025-08-07', 'medium'],
  ['gpt-5-mini', '2025-08-07', 'medium'],
  ['gpt-5-nano', '2025-08-07', 'medium'],
  ['gpt-5-chat', '2025-10-03', null],
  ['gpt-4o', '2024-11-20', null],
  ['gpt-4o-mini', '2024-07-18', null],
  ['computer-use-preview', '2025-03-11', 'medium'],
  ['gpt-4.1', '2025-04-14', null],
  ['gpt-4.1-nano', '2025-04-14', null],
  ['gpt-4.1-mini', '2025-04-14', null],
  ['o1', '2024-12-17', 'medium'],
  ['o3-mini', '2025-01-31', 'medium'],
  ['o3', '2025-04-16', 'medium'],
  ['o4-mini', '2025-04-16', 'medium'],
];

const IMAGE_MODELS: readonly (readonly [name: string, version: string])[] = [
  ['gpt-image-1', '2025-04-15'],
  ['gpt-image-1-mini', '2025-10-06'],
  ['gpt-image-1.5', '2025-12-16'],
  // Used by Microsoft's sample, though the page's list leaves it out.
  ['gpt-image-2', '2026-08-19'],
];

const seconds = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000;

export const DEPLOYMENTS: ReadonlyMap<string, Deployment> = new Map(
  [
    ...TEXT_MODELS.map(([name, version, defaultEffort]): Deployment => ({
      name,
      kind: 'text',
      defaultEffort,
      created: seconds(version),
    })),
    ...IMAGE_MODELS.map(([name, version]): Deployment => ({
      name,
      kind: 'image',
      defaultEffort: null,
      created: seconds(version),
    })),
  ].map((deployment) => [deployment.name, deployment]),
);

/** Models that reason whatever they are told: they refuse sampling parameters. */
export const alwaysReasons = (deployment: Deployment): boolean =>
  deployment.defaultEffort !== null && deployment.defaultEffort !== 'none';
