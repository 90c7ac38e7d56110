import type { ImageForm } from '../responses/present.ts';
import type { Call } from './call.ts';

/** `?images=url` asks for links in place of base64. */
export const imageForm = (call: Pick<Call, 'url' | 'base'>): ImageForm =>
  call.url.searchParams.get('images') === 'url' ? { as: 'links', base: call.base } : { as: 'base64' };
