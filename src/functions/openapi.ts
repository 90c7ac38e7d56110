import { app } from '@azure/functions';
import description from '../../docs/openapi.yaml';

/** The description of every address, for tools that make clients or forms of it. It holds no secret: nobody is asked who they are. */
export function register(): void {
  app.http('openapi', {
    methods: ['GET'],
    route: 'openapi.json',
    authLevel: 'anonymous',
    handler: () =>
      Promise.resolve({
        status: 200,
        headers: { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' },
        body: description,
      }),
  });
}
