import { imageAnswer } from '../http/image-answer.ts';
import { apiRoute } from '../http/route.ts';
import type { Services } from '../services.ts';

export function register({ http, artifacts }: Services): void {
  apiRoute(http, 'getImage', ['GET'], 'responses/{id}/images/{itemId}', async ({ owner, params, request }) =>
    imageAnswer(await artifacts.getImage(owner, params.id ?? '', params.itemId ?? ''), request.headers),
  );
}
