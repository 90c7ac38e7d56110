import { app } from '@azure/functions';

const reports = new Map<string, unknown[]>();

/** Notes down that something happened; `GET /api/reports/{name}` reads it. */
export function report(name: string, what: unknown): void {
  const known = reports.get(name) ?? [];
  known.push(what);
  reports.set(name, known);
}

export function register(): void {
  app.http('reports', {
    route: 'reports/{name}',
    methods: ['GET'],
    authLevel: 'anonymous',
    handler: (request) => ({ jsonBody: reports.get(request.params.name ?? '') ?? [] }),
  });
}
