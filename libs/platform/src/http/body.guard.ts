import { applyDecorators, type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiConsumes } from '@nestjs/swagger';
import type { Response } from 'express';
import type { PlatformRequest } from './platform-request.js';
import { type BodyForm, readBody } from './request-body.js';

const BODY_FORM = 'gatebook:body-form';

/** The route takes `application/x-www-form-urlencoded` in place of JSON: pages' forms and answers of identity providers. */
export const AcceptsForm = (): MethodDecorator =>
  applyDecorators(SetMetadata(BODY_FORM, 'form' satisfies BodyForm), ApiConsumes('application/x-www-form-urlencoded'));

/** The route takes one security event token (RFC 8417) in place of JSON; the body is its text. */
export const AcceptsSecurityEvent = (): MethodDecorator =>
  applyDecorators(SetMetadata(BODY_FORM, 'security-event' satisfies BodyForm), ApiConsumes('application/secevent+jwt'));

/** Reads the body once the route and the caller are known. */
@Injectable()
export class BodyGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const form = this.reflector.get<BodyForm | undefined>(BODY_FORM, context.getHandler());
    await readBody(http.getRequest<PlatformRequest>(), http.getResponse<Response>(), form ?? 'json');
    return true;
  }
}
