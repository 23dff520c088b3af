import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsOptional } from 'class-validator';
import { fieldRule, IsId } from '#libs/platform';

/** A position of the sealed log in a query; anything but a whole number from 0 is `invalid-position`. */
export const IsPosition = (description: string): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ type: 'integer', minimum: 0, example: 42, description }),
    IsOptional(),
    Transform(({ value }) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value)),
    fieldRule('isPosition', Number.isSafeInteger, 'must be a whole number, 0 or more', 'invalid-position'),
  );

/** `tenant` of a query. */
export const IsTenant = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      example: 'acme',
      description: 'For installation keys; a tenant’s key is about its own tenant',
    }),
    IsOptional(),
    IsId(),
  );
