import { applyDecorators, type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiConsumes } from '@nestjs/swagger';
import type { Response } from 'express';
import type { PlatformRequest } from './platform-request.js';
import { readBody } from './request-body.js';

const ACCEPTS_FORM = 'gatebook:accepts-form';

/** The route takes `application/x-www-form-urlencoded` in place of JSON: pages' forms and answers of identity providers. */
export const AcceptsForm = (): MethodDecorator =>
  applyDecorators(SetMetadata(ACCEPTS_FORM, true), ApiConsumes('application/x-www-form-urlencoded'));

/** Reads the body once the route and the caller are known. */
@Injectable()
export class BodyGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const acceptsForm = this.reflector.get<boolean | undefined>(ACCEPTS_FORM, context.getHandler());
    await readBody(http.getRequest<PlatformRequest>(), http.getResponse<Response>(), acceptsForm ? 'form' : 'json');
    return true;
  }
}
