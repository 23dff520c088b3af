/** The smallest Nest Express application: what a server of this kind costs before it does anything. `PORT` says where it listens. */
import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

@Controller()
class ReadyController {
  @Get('ready')
  ready(): string {
    return 'ready';
  }
}

@Module({ controllers: [ReadyController] })
class BareModule {}

const application = await NestFactory.create(BareModule, { logger: false });
await application.listen(Number(process.env['PORT']), '127.0.0.1');
