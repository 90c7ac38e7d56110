import description from '../../docs/openapi.yaml';
import { openRoute } from '../http/route.ts';

/** The description of every address, for tools that make clients or forms of it. It holds no secret: nobody is asked who they are. */
export function register(): void {
  const headers = { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' };
  openRoute('openapi', ['GET'], 'openapi.json', { status: 200, headers, body: description });
}
