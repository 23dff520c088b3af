import { Injectable, type OnModuleInit, RequestMethod } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ROUTE_ACCESS } from './access.decorators.js';

/** Nest's own metadata of a handler that is a route. */
const ROUTE_PATH = 'path';
const ROUTE_METHOD = 'method';

/** Refuses to start when a route does not say who may use it, so that the mistake is found before the first request. */
@Injectable()
export class RouteAccessCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const silent = this.discovery.getControllers().flatMap(({ metatype, instance }) => {
      if (!metatype || !instance) return [];
      const prototype = Object.getPrototypeOf(instance) as Record<string, () => unknown>;
      return this.scanner
        .getAllMethodNames(prototype)
        .filter((name) => this.isSilent(prototype[name], metatype))
        .map((name) => `${metatype.name}.${name}`);
    });
    if (silent.length > 0) throw new TypeError(`Routes without @RequireScopes() or @Public(): ${silent.join(', ')}`);
  }

  private isSilent(handler: (() => unknown) | undefined, controller: object): boolean {
    if (!handler || Reflect.getMetadata(ROUTE_PATH, handler) === undefined) return false;
    const isRoute = (Reflect.getMetadata(ROUTE_METHOD, handler) as RequestMethod | undefined) !== undefined;
    return (
      isRoute && this.reflector.getAllAndOverride(ROUTE_ACCESS, [handler, controller as () => unknown]) === undefined
    );
  }
}
