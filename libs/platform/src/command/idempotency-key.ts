import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { DomainError } from '#libs/kernel';
import type { PlatformRequest } from '../http/platform-request.js';

/** Longest idempotency key, in characters. */
export const IDEMPOTENCY_KEY_LENGTH_MAX = 255;

/** A write came without an idempotency key. */
export class IdempotencyKeyRequiredError extends DomainError {
  readonly code = 'idempotency-key-required';
  readonly kind = 'invalid';
  constructor() {
    super(
      'Send an Idempotency-Key: any text of your own for this one request. Repeated with it, the request happens once.',
    );
  }
}

/** The idempotency key is too long or holds what a header should not. */
export class InvalidIdempotencyKeyError extends DomainError {
  readonly code = 'invalid-idempotency-key';
  readonly kind = 'invalid';
  constructor() {
    super(`The Idempotency-Key must be 1 to ${IDEMPOTENCY_KEY_LENGTH_MAX} visible ASCII characters without spaces.`);
  }
}

const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/**
 * Checks an idempotency key.
 * @throws {IdempotencyKeyRequiredError} without one
 * @throws {InvalidIdempotencyKeyError} when it is malformed
 */
export function checkIdempotencyKey(key: string | undefined): string {
  if (key === undefined || key === '') throw new IdempotencyKeyRequiredError();
  if (key.length > IDEMPOTENCY_KEY_LENGTH_MAX || !VISIBLE_ASCII.test(key)) throw new InvalidIdempotencyKeyError();
  return key;
}

/** Injects the request's checked `Idempotency-Key`. */
export const IdempotencyKey = createParamDecorator((_data: unknown, context: ExecutionContext): string =>
  checkIdempotencyKey(context.switchToHttp().getRequest<PlatformRequest>().get('idempotency-key')),
);

/** Documents that a route needs an `Idempotency-Key`. */
export const ApiIdempotencyKey = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: true,
      description: 'Your own text for this one request; repeated with it, the request happens once',
      schema: {
        type: 'string',
        minLength: 1,
        maxLength: IDEMPOTENCY_KEY_LENGTH_MAX,
        example: '2026-01-31-onboarding-0042',
      },
    }),
  );
