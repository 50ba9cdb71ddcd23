import { profile } from '../state/profile';

/** What the server refused, or `offline` when it could not be reached at all. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfterS: number | null = null,
    readonly fields: Record<string, string> = {},
  ) {
    super(message);
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Called with `false` when the server cannot be reached and `true` when it answered again. */
export const reach: { report: (reached: boolean) => void } = { report: () => {} };

export async function request<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      credentials: 'same-origin',
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(profile.off && { 'penchant-profile': 'none' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    });
  } catch (failure) {
    if (signal?.aborted) throw failure;
    reach.report(false);
    throw new Refusal(0, 'offline', 'The server cannot be reached.');
  }
  reach.report(true);
  if (answer.status === 204) return undefined as T;
  const payload: unknown = await answer.json().catch(() => null);
  if (answer.ok) return payload as T;
  throw refusal(answer.status, payload);
}

interface ErrorBody {
  error?: { code?: string; message?: string; retry_after_s?: number | null; fields?: Record<string, string> };
}

export function refusal(status: number, payload: unknown): Refusal {
  const error = (payload as ErrorBody | null)?.error;
  const code = error?.code ?? (status >= 500 ? 'unavailable' : `http_${status}`);
  return new Refusal(status, code, error?.message ?? '', error?.retry_after_s ?? null, error?.fields ?? {});
}
